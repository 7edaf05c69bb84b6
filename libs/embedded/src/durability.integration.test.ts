/** What a killed process leaves behind (P1, P2, P3): real processes, real folders, real SIGKILL. */
import { isFault } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import { startChild, temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import type { Experience } from '@waggle/protocol'
import type { CollectiveHandle } from '@waggle/sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openWaggle } from './open-waggle.ts'
import { LARGE_BATCH_RECORDS } from './testing/large-batch.ts'
import { contentOf, DIMENSION, idOf, MANY, perform, stepAt } from './testing/steps.ts'

const ROUNDS = 10
/** Steps that can be under way when the child dies. */
const WINDOW = 20

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await folder.remove()
})

const STEPS = new URL('./testing/steps.child.ts', import.meta.url)
const LARGE_BATCHES = new URL('./testing/large-batches.child.ts', import.meta.url)
const HOLDER = new URL('./testing/holder.child.ts', import.meta.url)

const everything = async (hive: CollectiveHandle): Promise<ReadonlyMap<string, Experience>> => {
  const found = new Map<string, Experience>()
  let cursor: string | undefined
  do {
    const page = await hive.list({ limit: 1_000, cursor })
    for (const item of page.items) {
      expect(found.has(item.id), `doubled: ${item.content}`).toBe(false)
      found.set(item.id, item)
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  return found
}

/** Checks that step n has taken effect, whole. */
const expectDone = (found: ReadonlyMap<string, Experience>, n: number): void => {
  const { verb, of } = stepAt(n)
  const changed = found.get(idOf(of))
  if (verb === 'delete') expect(changed, `step ${n}: deleted`).toBeUndefined()
  else if (verb === 'archive') expect(changed?.archived, `step ${n}: archived`).toBe(true)
  else if (verb === 'update') expect(changed?.importance, `step ${n}: updated`).toBe(1)
  else expect(manyOf(found, n), `step ${n}: recorded`).toBe(verb === 'recordMany' ? MANY : 1)
}

/** How many records of step n are there, with the content that it gave them. */
const manyOf = (found: ReadonlyMap<string, Experience>, n: number): number =>
  Array.from({ length: MANY }, (_, index) => found.get(idOf(n, index))?.content === contentOf(n, index)).filter(Boolean)
    .length

/** Whether a later step removes what step n recorded. */
const isRemoved = (n: number, last: number): boolean => n + 46 <= last && stepAt(n + 46).verb === 'delete'

describe('kill -9', () => {
  test(`P1 P2 P3 ${ROUNDS} rounds: what was acknowledged is there once, the rest whole or not at all`, async () => {
    const random = seededRandom(20_261_121)
    let first = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const child = startChild(STEPS, { args: [folder.path, String(first)] })
      const acknowledged: number[] = []
      const target = 5 + (random.uint32() % 250)
      while (acknowledged.length < target) acknowledged.push(Number(await child.line()))
      child.signal('SIGKILL')
      acknowledged.push(...(await child.rest()).map(Number))
      await child.ended
      const last = Math.max(...acknowledged) + WINDOW

      const waggle = await openWaggle({ path: folder.path })
      const hive = await waggle.collective('steps')
      const found = await everything(hive)
      for (const n of acknowledged) if (!isRemoved(n, last)) expectDone(found, n)
      for (let n = first; n <= last; n += 1)
        if (stepAt(n).verb === 'recordMany') expect([0, MANY], `step ${n} is whole`).toContain(manyOf(found, n))
      // All are sent again, those that were acknowledged too.
      for (let n = first; n <= last; n += 1) await perform(hive, n)
      const after = await everything(hive)
      for (let n = 0; n <= last; n += 1) if (!isRemoved(n, last)) expectDone(after, n)
      expect(after.size).toBe(expectedCount(last))
      expect((await hive.stats()).experienceCount).toBe(after.size)
      await waggle.close()
      first = last + 1
    }
  })

  test('P3 F3 a batch of several log records that was cut off leaves nothing, and can be sent again', async () => {
    const random = seededRandom(7)
    let first = 0
    for (let round = 0; round < 4; round += 1) {
      const child = startChild(LARGE_BATCHES, { args: [folder.path, String(first)] })
      const rounds = 1 + (random.uint32() % 3)
      let line = ''
      while (line !== `begin ${first + rounds}`) line = await child.line()
      for (let turn = random.uint32() % 60; turn > 0; turn -= 1) await new Promise((resolve) => setImmediate(resolve))
      child.signal('SIGKILL')
      const lines = [line, ...(await child.rest())]
      await child.ended
      const begun = Math.max(...lines.filter((each) => each.startsWith('begin')).map((each) => Number(each.slice(6))))

      const waggle = await openWaggle({ path: folder.path })
      const hive = await waggle.collective('batches')
      const found = [...(await everything(hive)).values()]
      for (let n = 0; n <= begun; n += 1) {
        const count = found.filter(({ content }) => content.startsWith(`${n}/`)).length
        expect(n < begun ? [LARGE_BATCH_RECORDS] : [0, LARGE_BATCH_RECORDS], `batch ${n}`).toContain(count)
      }
      await waggle.close()
      first = begun
    }
  })
})

describe('the folder has one holder', () => {
  const codeOfOpening = async (): Promise<string> => {
    try {
      await (await openWaggle({ path: folder.path })).close()
      return 'opened'
    } catch (error) {
      if (!isFault(error)) throw error
      return `${error.code} ${String(error.details.pid)}`
    }
  }

  test('a live one keeps others out, also while it is stopped; a killed one is succeeded at once', async () => {
    const child = startChild(HOLDER, { args: [folder.path] })
    expect(await child.line()).toBe('holding')
    expect(await codeOfOpening()).toBe(`DATABASE_LOCKED ${child.pid}`)
    child.signal('SIGSTOP')
    expect(await codeOfOpening()).toBe(`DATABASE_LOCKED ${child.pid}`)
    child.signal('SIGKILL')
    await child.ended
    expect(await codeOfOpening()).toBe('opened')
  })

  test('within one process a second opening is refused, and closing lets the next one in', async () => {
    const first = await openWaggle({ path: folder.path })
    expect(await codeOfOpening()).toContain('DATABASE_LOCKED')
    await first.createCollective({ name: 'still works', dimension: DIMENSION })
    await first.close()
    expect(await codeOfOpening()).toBe('opened')
  })
})

const expectedCount = (last: number): number => {
  let count = 0
  for (let n = 0; n <= last; n += 1) {
    const { verb } = stepAt(n)
    count += verb === 'recordMany' ? MANY : verb === 'record' ? 1 : verb === 'delete' ? -1 : 0
  }
  return count
}
