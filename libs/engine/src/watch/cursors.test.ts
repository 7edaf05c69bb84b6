import { decodeWatchCursor, encodeWatchCursor, limits, type Change, type Sequence } from '@waggle/protocol'
import { silentLogger, systemTimers } from '@waggle/kernel'
import { beforeEach, describe, expect, test } from 'vitest'
import { Maintenance } from '../maintenance.ts'
import { createHive, openHive, type WatchedHive } from '../testing/watched-hive.ts'
import { openTestEngine } from '../testing/test-engine.ts'

const KEEP_MS = 1_000

let hive: WatchedHive

beforeEach(async () => {
  hive = await openHive()
})

/** Prunes everything that is old and that nobody needs; gives how many rows went. */
const prune = async ({ engine } = hive): Promise<number> => {
  engine.clock.advance(2 * KEEP_MS)
  await engine.call('collective.create', { name: `at ${engine.clock.nowMs()}`, dimension: 1 })
  const maintenance = new Maintenance({
    clock: { nowMs: () => 0 },
    ...{ store: engine.store, timers: systemTimers, logger: silentLogger },
    timeMs: () => engine.engine.position.timeMs,
    submit: (command) => engine.engine.submit(command),
  })
  for (let pruned = 0; ;) {
    const step = await maintenance.pruneJournals(KEEP_MS)
    pruned += step.pruned
    if (step.done) return pruned
  }
}

const save = (name: string, cursor: string) => hive.call('cursor.save', { name, cursor })
const list = async () => (await hive.call('cursor.list')).items as { name: string; cursor: string; savedAt: number }[]
const ids = (changes: readonly Change[]) => changes.map(({ id }) => id)

describe('history that is gone', () => {
  test('P6 lost is said exactly: not to whoever has seen the last change that was pruned', async () => {
    for (let n = 0; n < 4; n += 1) await hive.record()
    const all = await hive.rest()
    expect(await prune()).toBe(4)
    for (const { cursor } of all.slice(0, 3)) {
      const reply = await hive.next({ from: cursor, waitMs: 20_000 })
      expect(reply).toMatchObject({ changes: [], lost: true })
      expect(ids(await hive.rest({ from: reply.next }))).toEqual(ids(all.slice(4)))
    }
    for (const { cursor } of all.slice(3)) expect((await hive.next({ from: cursor })).lost).toBeUndefined()
    expect(ids(await hive.rest({ from: all[3]?.cursor ?? '' }))).toEqual(ids(all.slice(4)))
    expect(ids(await hive.rest())).toEqual(ids(all.slice(4)))
  })

  test('P6 lost is said inside a batch too, of which some changes were pruned', async () => {
    await hive.recordMany(300)
    const all = await hive.rest()
    await prune()
    const [seenAll, seenLess] = [all[299], all[298]]
    expect((await hive.next({ from: seenAll?.cursor ?? '' })).changes).toHaveLength(1)
    expect((await hive.next({ from: seenLess?.cursor ?? '' })).lost).toBe(true)
  })

  test('a quiet watcher that went on has lost nothing', async () => {
    await hive.record()
    const other = await createHive(hive.engine, 'wasps')
    await other.record()
    const { next } = await hive.next({ from: (await hive.rest()).at(-1)?.cursor ?? '' })
    await hive.record()
    await prune()
    expect((await hive.next({ from: next })).changes).toHaveLength(1)
  })

  test('P8 a rebuild from the log tells the same', async () => {
    for (let n = 0; n < 4; n += 1) await hive.record()
    const all = await hive.rest()
    await prune()
    await hive.engine.engine.close()
    const { stream, clock } = hive.engine
    const rebuilt = await openTestEngine({ stream, clock })
    const reply = async (index: number) =>
      rebuilt.call('watch.next', { collective: hive.id, from: all[index]?.cursor ?? '' })
    expect(await reply(2)).toMatchObject({ lost: true })
    expect(await reply(3)).toMatchObject({ changes: [{ id: all[4]?.id }] })
  })
})

describe('registered cursors', () => {
  test('are listed by name, with the time of their saving', async () => {
    const { next } = await hive.next()
    await save('mirror', next)
    hive.engine.clock.advance(5)
    await save('audit', next)
    const nowMs = hive.engine.clock.nowMs()
    const keepMs = limits.CURSOR_KEEP_MS_DEFAULT
    const place = { journal: 'memory', cursor: next, keepMs, unseen: 0 }
    expect(await list()).toEqual([
      { ...place, name: 'audit', savedAt: nowMs, dropsAt: nowMs + keepMs },
      { ...place, name: 'mirror', savedAt: nowMs - 5, dropsAt: nowMs - 5 + keepMs },
    ])
  })

  test('P9 nothing is pruned that one has not seen; moving it or dropping it frees what lies behind', async () => {
    for (let n = 0; n < 4; n += 1) await hive.record()
    const all = await hive.rest()
    await save('mirror', all[1]?.cursor ?? '')
    await save('audit', all[2]?.cursor ?? '')
    expect(await prune()).toBe(2)
    const [mirror] = (await list()).filter(({ name }) => name === 'mirror')
    expect(ids(await hive.rest({ from: mirror?.cursor ?? '' }))).toEqual(ids(all.slice(2)))
    await save('mirror', all[3]?.cursor ?? '')
    expect(await prune()).toBe(1)
    expect(ids(await hive.rest({ from: (await list())[0]?.cursor ?? '' }))).toEqual(ids(all.slice(3)))
    await hive.call('cursor.drop', { name: 'audit' })
    // The newest row stays, whatever its age.
    expect(await prune()).toBe(1)
    await hive.call('cursor.drop', { name: 'mirror' })
    await hive.record()
    expect(await prune()).toBe(1)
  })

  test('R1 one moves forwards only: a late save changes nothing and is answered like any other', async () => {
    for (let n = 0; n < 3; n += 1) await hive.record()
    const all = await hive.rest()
    await save('mirror', all[2]?.cursor ?? '')
    const before = await list()
    hive.engine.clock.advance(5)
    const reply = await save('mirror', all[1]?.cursor ?? '')
    await save('mirror', all[2]?.cursor ?? '')
    expect(Object.keys(reply)).toEqual(['token'])
    expect(await list()).toEqual(before)
    await prune()
    await save('mirror', all[0]?.cursor ?? '')
    expect(await list()).toEqual(before)
  })

  test('R2 one whose changes are gone already is refused, and told the oldest that is kept', async () => {
    for (let n = 0; n < 3; n += 1) await hive.record()
    const all = await hive.rest()
    await prune()
    const refused = await save('mirror', all[0]?.cursor ?? '').catch((error: unknown) => error)
    expect(refused).toMatchObject({ kind: 'lost', code: 'HISTORY_LOST', details: { field: 'cursor' } })
    const { next } = (refused as { details: { next: string } }).details
    expect(ids(await hive.rest({ from: next }))).toEqual(ids(all.slice(3)))
    await save('mirror', next)
    await hive.call('collective.delete')
    await hive.engine.call('collective.create', { id: hive.id, name: 'bees', dimension: 2 })
    expect(await list()).toEqual([])
    await expect(save('mirror', next)).rejects.toMatchObject({ code: 'HISTORY_LOST' })
  })

  test('P11 are bounded in number, and one that is there may still move', async () => {
    const { next } = await hive.next()
    const limit = limits.CURSORS_PER_COLLECTIVE_MAX
    for (let n = 0; n < limit; n += 1) await save(`n ${n}`, next)
    await expect(save('one more', next)).rejects.toMatchObject({ code: 'TOO_MANY_ITEMS', details: { limit } })
    await hive.record()
    await save('n 7', (await hive.next({ from: next })).next)
    await hive.call('cursor.drop', { name: 'n 8' })
    await save('one more', next)
    expect(await list()).toHaveLength(limit)
  })

  test('P10 what is no cursor, of another collective, or not there is refused', async () => {
    const other = await createHive(hive.engine, 'wasps')
    const { next } = await other.next()
    await expect(save('mirror', 'x')).rejects.toMatchObject({ code: 'INVALID_CURSOR', details: { field: 'cursor' } })
    await expect(save('mirror', 'start')).rejects.toMatchObject({ code: 'INVALID_CURSOR' })
    await expect(save('mirror', next)).rejects.toMatchObject({ code: 'INVALID_CURSOR' })
    await expect(save('', next)).rejects.toMatchObject({ kind: 'invalid' })
    await expect(hive.call('cursor.drop', { name: 'mirror' })).rejects.toMatchObject({
      ...{ code: 'NOT_FOUND', details: { entity: 'cursor' } },
    })
    expect(await list()).toEqual([])
  })

  test('P9 P10 one that is forged, ahead of all changes, is refused: it would hold nothing, for good', async () => {
    const { next } = await hive.next()
    const cursor = decodeWatchCursor(next, 'cursor')
    const ahead = { ...cursor.address, sequence: (cursor.address.sequence + 1) as Sequence }
    const forged = encodeWatchCursor({ ...cursor, address: ahead })
    await expect(save('mirror', forged)).rejects.toMatchObject({ code: 'INVALID_CURSOR', details: { field: 'cursor' } })
    await save('mirror', next)
    for (let n = 0; n < 3; n += 1) await hive.record()
    expect(await prune()).toBe(1)
  })

  test('P2 saving and dropping repeat with their keys', async () => {
    const { next } = await hive.next()
    const saving = { name: 'mirror', cursor: next, idempotencyKey: 'save' }
    const dropping = { name: 'mirror', idempotencyKey: 'drop' }
    expect(await hive.call('cursor.save', saving)).toEqual(await hive.call('cursor.save', saving))
    expect(await hive.call('cursor.drop', dropping)).toEqual(await hive.call('cursor.drop', dropping))
    expect(await list()).toEqual([])
  })
})
