import { isFault } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import { limits, type CollectiveId } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { openTestEngine, type TestEngine } from './testing/test-engine.ts'
import { stateStart } from './state/keyspace.ts'

const DEADLINE_TURNS = 5_000

/** Polls until `done` holds; says what was seen when it never does. */
const eventually = async (what: string, done: () => Promise<boolean>): Promise<void> => {
  for (let turn = 0; turn < DEADLINE_TURNS; turn += 1) {
    if (await done()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error(`never happened: ${what}`)
}

const stateRows = async (engine: TestEngine): Promise<Uint8Array[]> => {
  const keys: Uint8Array[] = []
  for await (const key of engine.store.scanKeys({ gte: stateStart() })) keys.push(key)
  return keys
}

const createFilled = async (engine: TestEngine, count: number): Promise<CollectiveId> => {
  const { collective } = await engine.call('collective.create', { name: 'bees', dimension: 2 })
  const { id } = collective as { id: CollectiveId }
  const experiences = Array.from({ length: count }, (_, n) => ({ content: `n ${n}`, embedding: [n, 1] }))
  await engine.call('experience.recordMany', { collective: id, experiences })
  return id
}

/** Rows that outlive every collective: outcomes of operations on collectives, by key and by age. */
const isOutcome = (key: Uint8Array): boolean => key[0] === 0x13 || (key[0] === 0x20 && key.at(21) === 6)

describe('maintenance', () => {
  test('K5 the rows of a deleted collective are reclaimed in bounded events, and the tombstone goes last', async () => {
    const engine = await openTestEngine()
    const id = await createFilled(engine, 500)
    await engine.call('collective.delete', { collective: id })
    await eventually('all rows reclaimed', async () => (await stateRows(engine)).every(isOutcome))
    await engine.engine.close()
    const rebuilt = await openTestEngine({ stream: engine.stream })
    expect(await rebuilt.engine.digest()).toEqual(await engine.engine.digest())
  })

  test('K5 a sweep that was interrupted goes on at the next opening', async () => {
    const engine = await openTestEngine()
    const id = await createFilled(engine, 300)
    await engine.call('collective.delete', { collective: id })
    await engine.engine.close()
    expect((await stateRows(engine)).some((key) => key[0] === 0x11)).toBe(true)
    const reopened = await openTestEngine({ stream: engine.stream, store: engine.store })
    await eventually('all rows reclaimed', async () => (await stateRows(reopened)).every(isOutcome))
  })

  test('a collective that is created again under the id of a deleted one shares nothing with it', async () => {
    const engine = await openTestEngine()
    const id = await createFilled(engine, 10)
    await engine.call('collective.delete', { collective: id })
    await engine.call('collective.create', { id, name: 'bees', dimension: 5 })
    expect(await engine.call('collective.stats', { collective: id })).toMatchObject({ stats: { experienceCount: 0 } })
    expect(await engine.call('experience.list', { collective: id })).toMatchObject({ items: [] })
  })

  test('F6 keys are forgotten after their window by a logged event, and older requests are then refused', async () => {
    const engine = await openTestEngine()
    const { collective } = await engine.call('collective.create', { name: 'bees', dimension: 2 })
    const { id } = collective as { id: CollectiveId }
    const issuedAt = engine.clock.nowMs()
    const request = { collective: id, content: 'once', embedding: [1, 2], idempotencyKey: 'k', issuedAt }
    const first = await engine.call('experience.record', request)
    engine.clock.advance(limits.IDEMPOTENCY_WINDOW_MS + limits.ISSUED_AT_AHEAD_MS_MAX)
    expect(await engine.call('experience.record', request)).toEqual(first)
    engine.clock.advance(1)
    await engine.call('collective.create', { name: 'a write that carries the log past the window', dimension: 2 })
    const later = await openTestEngine({ stream: engine.stream, store: engine.store, clock: engine.clock, seed: 2 })
    const isRefused = async (): Promise<boolean> => {
      try {
        await later.call('experience.record', request)
        return false
      } catch (error) {
        if (isFault(error) && error.code === 'IDEMPOTENCY_KEY_EXPIRED') return true
        throw error
      }
    }
    await eventually('the key is forgotten', isRefused)
    expect(await later.call('collective.stats', { collective: id })).toMatchObject({ stats: { experienceCount: 1 } })
    expect((await stateRows(later)).filter((key) => key[0] === 0x13)).toHaveLength(1)
  })

  test('P2 F6 keys age by the log, whoever leads; a client whose clock is ahead is never repeated', async () => {
    const { IDEMPOTENCY_WINDOW_MS: window, ISSUED_AT_AHEAD_MS_MAX: ahead } = limits
    const first = await openTestEngine()
    const { stream, store } = first
    const { collective } = await first.call('collective.create', { name: 'bees', dimension: 2 })
    const { id } = collective as { id: CollectiveId }
    const startMs = first.clock.nowMs()
    const request = {
      ...{ collective: id, content: 'once', embedding: [1, 2], idempotencyKey: 'k' },
      issuedAt: startMs + ahead,
    }
    const outcome = await first.call('experience.record', request)
    await first.engine.close()
    /** The next leader, whose clock stands there; it has done what is due when it has answered. */
    const lead = async (nowMs: number) => {
      const clock = manualClock(nowMs)
      const leader = await openTestEngine({ stream, store, clock, seed: nowMs % 1_000 })
      await leader.call('collective.create', { name: `at ${nowMs}`, dimension: 2 })
      await leader.engine.close()
      const next = await openTestEngine({ stream, store, clock, seed: (nowMs % 1_000) + 7 })
      return { ...next, answer: () => next.call('experience.record', request).finally(() => next.engine.close()) }
    }
    // A leader whose clock is an hour late goes on with the time of the log, and one far ahead waits for the window.
    for (const nowMs of [startMs - 3_600_000, startMs + window, startMs + window + ahead])
      expect(await (await lead(nowMs)).answer()).toEqual(outcome)
    const last = await lead(startMs + window + ahead + 2)
    await eventually('the row is forgotten', async () =>
      (await stateRows(last)).every((key) => key[0] !== 0x13 || Number(Buffer.from(key).readBigUInt64BE(1)) > startMs),
    )
    await expect(last.answer()).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_EXPIRED' })
  })

  test('F6 a request that comes from the future is invalid', async () => {
    const engine = await openTestEngine()
    const { collective } = await engine.call('collective.create', { name: 'bees', dimension: 2 })
    const { id } = collective as { id: CollectiveId }
    const issuedAt = engine.clock.nowMs() + limits.ISSUED_AT_AHEAD_MS_MAX + 1
    const request = { collective: id, content: 'x', embedding: [1, 2], idempotencyKey: 'k', issuedAt }
    await expect(engine.call('experience.record', request)).rejects.toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'issuedAt', limit: issuedAt - 1 },
    })
  })
})
