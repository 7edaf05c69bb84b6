import { isFault, type Fault } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import { decodeEntries, decodeRecord, decodeToken, type CollectiveId, type Experience } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import type { BatchLog } from '../log/batch-log.ts'
import { gateLog, type GatedLog } from '../testing/gated-log.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

const DIMENSION = 4

/** An engine with a collective in it, whose log from now on waits for the test. */
const openGated = async (): Promise<{ test: TestEngine; gate: GatedLog; collective: CollectiveId }> => {
  let gate: GatedLog | undefined
  let isOpen = true
  const wrapLog = (log: BatchLog): BatchLog => {
    const gated = gateLog(log)
    gate = gated
    return { ...gated.log, append: (append) => (isOpen ? log.append(append) : gated.log.append(append)) }
  }
  const engine = await openTestEngine({ wrapLog })
  const { collective } = await engine.call('collective.create', { name: 'bees', dimension: DIMENSION })
  isOpen = false
  return { test: engine, gate: gate as unknown as GatedLog, collective: (collective as { id: CollectiveId }).id }
}

const record = (test: TestEngine, collective: CollectiveId, content: string, more: object = {}) =>
  test.call('experience.record', { collective, content, embedding: [1, 2, 3, 4], ...more })

const outcome = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: unknown) => (isFault(error) ? error.code : error),
  )

/** Resolves to whether `promise` is still undecided after a few turns of the event loop. */
const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  let pending = true
  const done = (): void => {
    pending = false
  }
  void promise.then(done, done)
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  return pending
}

const entriesOf = async (test: TestEngine): Promise<readonly (readonly string[])[]> => {
  const groups: string[][] = []
  for (let sequence: number = test.stream.bounds().first; sequence <= test.stream.bounds().last; sequence += 1) {
    const decoded = decodeRecord(test.stream.at(sequence) as Uint8Array)
    if ('defect' in decoded) throw new Error(decoded.defect)
    groups.push(decodeEntries(decoded.record.payload).map(({ command }) => command))
  }
  return groups
}

describe('group commit', () => {
  test('G7 P11 commands that take long to refuse come in several turns of the event loop, in their order', async () => {
    let nowMs = 0
    // Whoever asks what time it is finds that 5 ms have passed.
    const clock = { ...manualClock(), monotonicMs: () => (nowMs += 5) }
    const engine = await openTestEngine({ clock })
    const id = '00000000-0000-4000-8000-000000000001'
    let turn = 0
    let isOver = false
    const count = (): void => {
      turn += 1
      if (!isOver) setImmediate(count)
    }
    count()
    const refused: (readonly [command: number, turn: number])[] = []
    const refuse = async (command: number): Promise<void> => {
      expect(await outcome(engine.call('collective.delete', { collective: id }))).toBe('NOT_FOUND')
      refused.push([command, turn])
    }
    await Promise.all(Array.from({ length: 40 }, (_, command) => refuse(command)))
    isOver = true
    expect(refused.map(([command]) => command)).toEqual([...refused.keys()])
    expect(new Set(refused.map(([, at]) => at)).size).toBeGreaterThan(5)
  })

  test('G3 the first record of a term is its barrier', async () => {
    const { test: engine } = await openGated()
    expect(await entriesOf(engine)).toEqual([[], ['collective.create']])
  })

  test('G1 commands of one turn share a record, those that come while it is under way share the next', async () => {
    const { test: engine, gate, collective } = await openGated()
    const first = [1, 2, 3].map((n) => record(engine, collective, `first ${n}`))
    await gate.release()
    await Promise.all(first)
    const second = record(engine, collective, 'second')
    while (gate.begun() < 2) await new Promise((resolve) => setImmediate(resolve))
    const third = [1, 2].map((n) => record(engine, collective, `third ${n}`))
    await gate.release()
    await second
    await gate.release()
    await Promise.all(third)
    expect((await entriesOf(engine)).map((group) => group.length)).toEqual([0, 1, 3, 1, 2])
  })

  test('P1 G2 nobody is answered, and nothing is seen, before the append has resolved', async () => {
    const { test: engine, gate, collective } = await openGated()
    const write = record(engine, collective, 'not yet')
    expect(await isPending(write)).toBe(true)
    expect(await engine.call('experience.recent', { collective })).toMatchObject({ items: [] })
    await gate.release()
    await write
    expect(await engine.call('experience.recent', { collective })).toMatchObject({ items: [{ content: 'not yet' }] })
  })

  test('G2 L5 a refusal that depends on what is staged waits until that is durable', async () => {
    const { test: engine, gate, collective } = await openGated()
    const id = '00000000-0000-7000-8000-000000000001'
    const first = record(engine, collective, 'the first', { id })
    while (gate.begun() < 1) await new Promise((resolve) => setImmediate(resolve))
    const second = outcome(record(engine, collective, 'the second', { id }))
    expect(await isPending(second)).toBe(true)
    await gate.release()
    await first
    await gate.release()
    expect(await second).toBe('ALREADY_EXISTS')
  })

  test('P2 the same key twice in one group takes effect once, with the same answer', async () => {
    const { test: engine, gate, collective } = await openGated()
    const twice = [1, 2].map(() => record(engine, collective, 'once', { idempotencyKey: 'k' }))
    await gate.release()
    const [first, second] = await Promise.all(twice)
    expect(second).toEqual(first)
    expect(await engine.call('collective.stats', { collective })).toMatchObject({ stats: { experienceCount: 1 } })
  })

  test('P2 the same key while the first is under way gets its answer', async () => {
    const { test: engine, gate, collective } = await openGated()
    const first = record(engine, collective, 'once', { idempotencyKey: 'k' })
    while (gate.begun() < 1) await new Promise((resolve) => setImmediate(resolve))
    const second = record(engine, collective, 'once', { idempotencyKey: 'k' })
    await gate.release()
    expect(await second).toEqual(await first)
    expect(engine.stream.bounds().last).toBe(3)
  })

  test('P4 sequences rise in the order in which writes are acknowledged', async () => {
    const engine = await openTestEngine()
    const { collective } = await engine.call('collective.create', { name: 'bees', dimension: DIMENSION })
    const { id } = collective as { id: CollectiveId }
    let last = 0
    for (let n = 0; n < 20; n += 1) {
      const { sequence } = decodeToken((await record(engine, id, `n ${n}`)).token)
      expect(sequence).toBeGreaterThan(last)
      last = sequence
    }
  })

  test('a group is cut at 64 commands', async () => {
    const engine = await openTestEngine()
    const { collective } = await engine.call('collective.create', { name: 'bees', dimension: DIMENSION })
    const { id } = collective as { id: CollectiveId }
    await Promise.all(Array.from({ length: 150 }, (_, n) => record(engine, id, `n ${n}`)))
    expect((await entriesOf(engine)).map((group) => group.length)).toEqual([0, 1, 64, 64, 22])
  })

  test('a group is cut at 256 KB', async () => {
    const engine = await openTestEngine()
    const { collective } = await engine.call('collective.create', { name: 'bees', dimension: DIMENSION })
    const { id } = collective as { id: CollectiveId }
    await Promise.all(Array.from({ length: 5 }, () => record(engine, id, 'x'.repeat(100_000))))
    expect((await entriesOf(engine)).map((group) => group.length)).toEqual([0, 1, 2, 2, 1])
  })

  test('F3 P3 a batch larger than a record travels in parts and takes effect with the last one', async () => {
    const engine = await openTestEngine()
    const { collective } = await engine.call('collective.create', { name: 'bees', dimension: DIMENSION })
    const { id } = collective as { id: CollectiveId }
    const experiences = Array.from({ length: 30 }, (_, n) => ({
      content: `${n} ${'x'.repeat(100_000)}`,
      embedding: [1, 2, 3, n],
    }))
    const before = engine.stream.bounds().last
    const reply = await engine.call('experience.recordMany', { collective: id, experiences })
    const { last } = engine.stream.bounds()
    expect(last - before).toBe(4)
    expect(decodeToken(reply.token).sequence).toBe(last)
    for (let sequence = before + 1; sequence <= last; sequence += 1)
      expect((engine.stream.at(sequence) as Uint8Array).length).toBeLessThanOrEqual(1_000_000)
    const { items } = (await engine.call('experience.list', { collective: id })) as unknown as { items: Experience[] }
    expect(items).toHaveLength(30)
    const rebuilt = await openTestEngine({ stream: engine.stream })
    expect(await rebuilt.engine.digest()).toEqual(await engine.engine.digest())
  })

  test('F3 pieces of a batch whose last part never came are void, and the next batch removes them', async () => {
    const { test: engine, gate, collective } = await openGated()
    const experiences = Array.from({ length: 30 }, () => ({ content: 'x'.repeat(100_000), embedding: [1, 2, 3, 4] }))
    const lost = outcome(engine.call('experience.recordMany', { collective, experiences }))
    await gate.release()
    await gate.release()
    gate.fail(new Error('pulled'))
    expect(await lost).toBe('UNAVAILABLE')
    const next = await openTestEngine({ stream: engine.stream, store: engine.store, seed: 2 })
    expect(await next.call('collective.stats', { collective })).toMatchObject({ stats: { experienceCount: 0 } })
    await record(next, collective, 'after')
    const rebuilt = await openTestEngine({ stream: engine.stream })
    expect(await rebuilt.engine.digest()).toEqual(await next.engine.digest())
    const keys: number[] = []
    for await (const key of engine.store.scanKeys({ gte: Uint8Array.of(3), lt: Uint8Array.of(4) }))
      keys.push(key.length)
    expect(keys).toEqual([])
  })

  test('G4 a failed append answers everyone that the outcome is unknown, and no write follows', async () => {
    const { test: engine, gate, collective } = await openGated()
    const first = outcome(record(engine, collective, 'in flight'))
    while (gate.begun() < 1) await new Promise((resolve) => setImmediate(resolve))
    const second = outcome(record(engine, collective, 'staged behind it'))
    expect(await isPending(second)).toBe(true)
    gate.fail(new Error('disk on fire'))
    expect(await Promise.all([first, second])).toEqual(['UNAVAILABLE', 'UNAVAILABLE'])
    expect(await outcome(record(engine, collective, 'later'))).toBe('UNAVAILABLE')
    expect(await engine.call('experience.recent', { collective })).toMatchObject({ items: [] })
  })

  test('P11 a full mailbox answers BUSY at once, with a time to wait, and what it took is done', async () => {
    const { test: engine, gate, collective } = await openGated()
    const writes = Array.from({ length: 5_000 }, (_, n) => record(engine, collective, `n ${n}`))
    const faults: Fault[] = []
    let done = 0
    const all = Promise.all(
      writes.map((write) =>
        write.then(
          () => (done += 1),
          (error: unknown) => faults.push(error as Fault),
        ),
      ),
    )
    for (let groups = 0; groups < 64; groups += 1) await gate.release()
    await all
    expect(done).toBe(4_096)
    expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(['BUSY']))
    expect(faults[0]?.retryAfterMs).toBeGreaterThan(0)
    expect(await engine.call('collective.stats', { collective })).toMatchObject({ stats: { experienceCount: 4_096 } })
  })

  test('closing answers what was accepted and refuses what comes after', async () => {
    const { test: engine, gate, collective } = await openGated()
    const accepted = record(engine, collective, 'accepted')
    const closing = engine.engine.close()
    expect(await isPending(closing)).toBe(true)
    expect(await outcome(record(engine, collective, 'too late'))).toBe('CLOSED')
    await gate.release()
    await closing
    expect(await accepted).toMatchObject({ id: expect.any(String) as string })
  })
})
