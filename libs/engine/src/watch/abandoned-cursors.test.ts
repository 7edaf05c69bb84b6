import { limits, type Change, type RegisteredCursorItem } from '@waggle/protocol'
import { silentLogger, systemClock, systemTimers, type Logger } from '@waggle/kernel'
import { beforeEach, describe, expect, test } from 'vitest'
import { Maintenance } from '../maintenance.ts'
import { openTestEngine } from '../testing/test-engine.ts'
import { openHive, type WatchedHive } from '../testing/watched-hive.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const KEEP_MS = 60_000

let hive: WatchedHive

beforeEach(async () => {
  hive = await openHive()
})

/** Has journals pruned of all that nobody holds, after a while; gives how many rows went, and what was told. */
const pruneAfter = async (passedMs: number, { engine } = hive) => {
  const warnings: unknown[] = []
  const logger: Logger = { ...silentLogger, warn: (_, fields) => warnings.push(fields) }
  engine.clock.advance(passedMs)
  await engine.call('collective.create', { name: `at ${engine.clock.nowMs()}`, dimension: 1 })
  const maintenance = new Maintenance({
    ...{ store: engine.store, clock: systemClock, timers: systemTimers, logger },
    timeMs: () => engine.engine.position.timeMs,
    submit: (command) => engine.engine.submit(command),
  })
  for (let pruned = 0; ;) {
    const step = await maintenance.pruneJournals(1_000)
    pruned += step.pruned
    if (step.done) return { pruned, warnings }
  }
}

const save = (name: string, cursor: string, more: object = {}) =>
  hive.call('cursor.save', { name, cursor, ...more }) as Promise<{ readonly droppedAt?: number }>
const list = async () => (await hive.call('cursor.list')).items as readonly RegisteredCursorItem[]
const ids = (changes: readonly Change[]) => changes.map(({ id }) => id)
const record = async (count: number): Promise<readonly Change[]> => {
  for (let n = 0; n < count; n += 1) await hive.record()
  return hive.rest()
}

describe('a cursor that nobody saves any more', () => {
  test('P9 R4 holds the journal for a week where nothing else was said, and no longer', async () => {
    const all = await record(4)
    await save('mirror', all[0]?.cursor ?? '')
    expect(await pruneAfter(7 * DAY_MS - 1_000)).toEqual({ pruned: 1, warnings: [] })
    expect((await list())[0]).toMatchObject({ name: 'mirror', unseen: 4 })
    const { pruned, warnings } = await pruneAfter(2_000)
    expect(pruned).toBeGreaterThan(2)
    expect(warnings).toMatchObject([{ journal: 'memory', names: ['mirror'] }])
  })

  test('R4 leaves a notice that lists show, until it is dropped', async () => {
    const all = await record(3)
    await save('mirror', all[1]?.cursor ?? '', { keepMs: KEEP_MS })
    const savedAt = hive.engine.clock.nowMs()
    expect(await list()).toMatchObject([{ unseen: 2, keepMs: KEEP_MS, dropsAt: savedAt + KEEP_MS }])
    await pruneAfter(KEEP_MS + 1)
    const [notice] = await list()
    expect(notice).toMatchObject({ name: 'mirror', savedAt, droppedAt: savedAt + KEEP_MS + 1, lost: true })
    expect(notice).not.toHaveProperty('dropsAt')
    expect(await hive.next({ from: notice?.cursor ?? '' })).toMatchObject({ lost: true })
    await pruneAfter(KEEP_MS)
    expect(await list()).toMatchObject([{ droppedAt: savedAt + KEEP_MS + 1 }])
    await hive.call('cursor.drop', { name: 'mirror' })
    expect(await list()).toEqual([])
  })

  test('P6 R4 who uses the name again is told: by a fault where changes are gone, else in the answer', async () => {
    const all = await record(3)
    await save('mirror', all[0]?.cursor ?? '', { keepMs: KEEP_MS })
    await save('audit', all[3]?.cursor ?? all[2]?.cursor ?? '', { keepMs: KEEP_MS })
    await pruneAfter(KEEP_MS + 1)
    const droppedAt = hive.engine.clock.nowMs()
    const refused = await save('mirror', all[1]?.cursor ?? '').catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'HISTORY_LOST', kind: 'lost', details: { name: 'mirror', droppedAt } })
    const { next } = (refused as { details: { next: string } }).details
    expect(await save('mirror', next)).toMatchObject({ droppedAt })
    expect(await save('mirror', next)).not.toHaveProperty('droppedAt')
    expect((await list()).map(({ name, droppedAt: at }) => [name, at])).toEqual([
      ['audit', droppedAt],
      ['mirror', undefined],
    ])
  })

  test('P9 R4 what is saved anew holds again', async () => {
    const all = await record(2)
    await save('mirror', all.at(-1)?.cursor ?? '', { keepMs: KEEP_MS })
    await pruneAfter(KEEP_MS + 1)
    await save('mirror', (await list())[0]?.cursor ?? '', { keepMs: 2 * DAY_MS })
    const more = await record(3)
    // The one row that it has seen goes, which had been the newest.
    expect((await pruneAfter(DAY_MS)).pruned).toBe(1)
    expect(ids(await hive.rest({ from: (await list())[0]?.cursor ?? '' }))).toEqual(ids(more.slice(-3)))
  })

  test('P9 R1 R4 a reader with nothing new to say keeps its place by saving it again', async () => {
    const all = await record(3)
    const cursor = all[1]?.cursor ?? ''
    await save('mirror', cursor, { keepMs: KEEP_MS })
    for (let n = 0; n < 6; n += 1) {
      await pruneAfter(KEEP_MS / 2)
      await save('mirror', cursor)
    }
    expect(await list()).toMatchObject([{ cursor, keepMs: KEEP_MS, savedAt: hive.engine.clock.nowMs() }])
    expect(ids(await hive.rest({ from: cursor }))).toEqual(ids(all.slice(2)))
  })

  test('R3 R4 P9 those of the journal of keys too; notices take no room of others', async () => {
    const keys = async (): Promise<string> => {
      await hive.call('keys.put', { entries: [['a', 'b']] })
      return ((await hive.call('keys.subscribe', { since: 0, selectors: [{ prefix: '' }] })) as { next: string }).next
    }
    const cursor = await keys()
    const limit = limits.CURSORS_PER_COLLECTIVE_MAX
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < limit; n += 1) await save(`${round} ${n}`, cursor, { keepMs: KEEP_MS })
      const { warnings } = await pruneAfter(KEEP_MS + 1)
      expect(warnings).toMatchObject([{ journal: 'keys' }])
    }
    const items = await list()
    expect(items.map(({ name }) => name.split(' ')[0])).toEqual(Array.from({ length: limit }, () => '1'))
    const { next } = await hive.next()
    await expect(save('1 7', next)).rejects.toMatchObject({ code: 'INVALID_CURSOR' })
  })

  test('P8 R4 a rebuild from the log has the same notices', async () => {
    const all = await record(2)
    await save('mirror', all[0]?.cursor ?? '', { keepMs: KEEP_MS })
    await pruneAfter(KEEP_MS + 1)
    const digest = await hive.engine.engine.digest()
    await hive.engine.engine.close()
    const rebuilt = await openTestEngine({ stream: hive.engine.stream, clock: hive.engine.clock })
    expect(await rebuilt.engine.digest()).toEqual(digest)
  })

  test.each([KEEP_MS - 1, 367 * DAY_MS, 0.5, -1])('P10 it cannot be kept for %d ms', async (keepMs) => {
    const { next } = await hive.next()
    await expect(save('mirror', next, { keepMs })).rejects.toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'keepMs' },
    })
  })
})
