/** Watching a store in this process, over folders that are opened again and again. */
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import type { Change } from '@waggle/protocol'
import type { CollectiveHandle, Waggle } from '@waggle/sdk'
import { CutOffWatcher, cuts } from '@waggle/sdk/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openWaggle } from './open-waggle.ts'

let folder: TemporaryFolder
let waggle: Waggle
let hive: CollectiveHandle

const open = async (): Promise<void> => {
  waggle = await openWaggle({ path: folder.path })
  hive = await waggle.getOrCreateCollective({ name: 'bees', dimension: 2 })
}

beforeEach(async () => {
  folder = await temporaryFolder()
  await open()
})
afterEach(async () => {
  await waggle.close()
  await folder.remove()
})

const record = async (n: number): Promise<string> => (await hive.record({ content: `n ${n}`, embedding: [1, n] })).id

/** Everything that is kept, in its order. */
const replay = async (): Promise<Change[]> => {
  const changes: Change[] = []
  for (let from = 'start'; ;) {
    const page = await hive.poll({ from, max: 1_000 })
    changes.push(...page.changes)
    if (page.more !== true) return changes
    from = page.next
  }
}

const labels = (changes: readonly Change[]): string[] =>
  changes.map(({ cursor, kind, id }) => `${cursor} ${kind} ${id}`)

const eventually = async (holds: () => boolean): Promise<void> => {
  for (const deadlineMs = Date.now() + 30_000; !holds();) {
    if (Date.now() > deadlineMs) throw new Error('not within 30 s')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('a watch of a store in this process', () => {
  test('sees what is recorded after it was made, though nobody has asked it yet', async () => {
    await record(1)
    const watch = hive.watch()
    const id = await record(2)
    const { value } = await watch.next()
    expect(value).toMatchObject({ id, kind: 'created', entity: 'experience', experience: { content: 'n 2' } })
    await watch.return()
  })

  test('P6 cut off a hundred times under random writers it sees every change once and in order', async () => {
    const watcher = new CutOffWatcher({
      connect: () => Promise.resolve({ hive, sever: () => Promise.resolve() }),
      nextCut: (cut) => ({ after: 1 + (cut % 5), how: cuts[cut % 2] ?? 'leave' }),
      from: 'start',
    })
    const write = async (lane: number): Promise<void> => {
      for (let n = 0; watcher.cuts < 100; n += 1) {
        const id = await record(n)
        if (n % 3 === lane) await hive.archive(id)
        if (n % 4 === lane)
          await hive.recordMany(Array.from({ length: 5 }, () => ({ content: 'x', embedding: [1, 2] })))
        if (n % 5 === lane) await hive.delete(id)
      }
    }
    await Promise.all([write(0), write(1), write(2)])
    const all = await replay()
    await eventually(() => watcher.seen.length >= all.length)
    await watcher.stop()
    expect(labels(watcher.seen)).toEqual(labels(all))
    expect(watcher.cuts).toBeGreaterThanOrEqual(100)
  })

  test('P6 a cursor goes on where it stands after the store was closed and opened', async () => {
    const ids: string[] = []
    const seen: string[] = []
    let { next: from } = await hive.poll()
    for (let life = 0; life < 5; life += 1) {
      for (let n = 0; n < 10; n += 1) ids.push(await record(n))
      for await (const { id, cursor } of hive.watch({ from })) {
        seen.push(id)
        from = cursor
        if (seen.length === ids.length - 3) break
      }
      await waggle.close()
      await open()
    }
    for await (const { id } of hive.watch({ from })) if (seen.push(id) === ids.length) break
    expect(seen).toEqual(ids)
  })

  test('closing the store ends it with CLOSED, at once', async () => {
    const watch = hive.watch()
    await watch.ready
    const waiting = expect(watch.next()).rejects.toMatchObject({ kind: 'closed', code: 'CLOSED' })
    await new Promise((resolve) => setImmediate(resolve))
    const begunMs = Date.now()
    await waggle.close()
    await waiting
    expect(Date.now() - begunMs).toBeLessThan(5_000)
    expect((await watch.next()).done).toBe(true)
    await expect(hive.watch().next()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('the deletion of the collective is the last change', async () => {
    const watch = hive.watch()
    const id = await record(1)
    await hive.deleteCollective()
    const seen: string[] = []
    for await (const change of watch) seen.push(`${change.entity} ${change.kind} ${change.id}`)
    expect(seen).toEqual([`experience created ${id}`, `collective deleted ${hive.id}`])
  })

  test('P9 a registered cursor is kept over restarts', async () => {
    const id = await record(1)
    const [created] = (await replay()).filter((change) => change.id === id)
    await hive.cursors.save('mirror', created?.cursor ?? '')
    await waggle.close()
    await open()
    const [saved] = await hive.cursors.list()
    expect(saved).toMatchObject({ name: 'mirror', cursor: created?.cursor })
    await hive.cursors.drop('mirror')
    expect(await hive.cursors.list()).toEqual([])
  })
})
