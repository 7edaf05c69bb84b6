import { isFault } from '@waggle/kernel'
import type { CollectiveId, ExperienceId, Generation, Sequence } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MemoryStream } from '../log/memory-log.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { appliedKey, positionKey } from '../state/keyspace.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'opened',
    (error: unknown) => (isFault(error) ? error.code : String(error)),
  )

const withRecords = async (count: number): Promise<TestEngine> => {
  const engine = await openTestEngine()
  const { collective } = await engine.call('collective.create', { name: 'bees', dimension: 2 })
  const { id } = collective as { id: CollectiveId }
  for (let n = 0; n < count; n += 1)
    await engine.call('experience.record', { collective: id, content: `n ${n}`, embedding: [n, 1] })
  return engine
}

/** A copy of a stream in which `edit` may change the bytes of each record. */
const edited = (
  stream: MemoryStream,
  edit: (bytes: Uint8Array, sequence: number) => Uint8Array | undefined,
): MemoryStream => {
  const copy = new MemoryStream(stream.generation)
  const { first, last } = stream.bounds()
  for (let sequence: number = first; sequence <= last; sequence += 1) {
    const bytes = edit(Uint8Array.from(stream.at(sequence) as Uint8Array), sequence)
    if (bytes !== undefined) copy.push(bytes)
  }
  return copy
}

describe('replay', () => {
  test('P8 a rebuild from the log reaches the same digest, whatever was done', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            verb: fc.constantFrom('record', 'many', 'update', 'archive', 'unarchive', 'delete', 'reinforce', 'drop'),
            pick: fc.nat(20),
            key: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
          }),
          { maxLength: 40 },
        ),
        async (steps) => {
          const leader = await openTestEngine()
          await perform(leader, steps)
          const rebuilt = await openTestEngine({ stream: leader.stream, seed: 9 })
          expect(await rebuilt.engine.digest()).toEqual(await leader.engine.digest())
          const reopened = await openTestEngine({ stream: leader.stream, store: leader.store, seed: 10 })
          expect(await reopened.engine.digest()).toEqual(await leader.engine.digest())
        },
      ),
      { numRuns: 40 },
    )
  })

  test('a state that lags behind its log catches up from where it stands', async () => {
    const leader = await withRecords(5)
    const lagging = await openTestEngine({ stream: leader.stream })
    const { items } = await leader.call('collective.list', {})
    const [collective] = items as [{ id: CollectiveId }]
    await leader.call('experience.record', { collective: collective.id, content: 'later', embedding: [1, 1] })
    const caughtUp = await openTestEngine({ stream: leader.stream, store: lagging.store })
    expect(await caughtUp.engine.digest()).toEqual(await leader.engine.digest())
  })

  test.each([1, 3, 6])('a flipped bit in record %i is CORRUPT, never skipped', async (damaged) => {
    const leader = await withRecords(4)
    const stream = edited(leader.stream, (bytes, sequence) => {
      if (sequence === damaged) bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1
      return bytes
    })
    expect(await codeOf(openTestEngine({ stream }))).toBe('CORRUPT')
  })

  test('a record of another chain is CORRUPT', async () => {
    const one = await withRecords(4)
    const third = await openTestEngine({ seed: 3, stream: new MemoryStream(one.stream.generation) })
    await third.call('collective.create', { name: 'wasps', dimension: 2 })
    const mixed = edited(one.stream, (bytes, sequence) => (sequence === 2 ? third.stream.at(2) : bytes))
    expect(await codeOf(openTestEngine({ stream: mixed }))).toBe('CORRUPT')
  })

  test('a record that is missing from the log is CORRUPT', async () => {
    const leader = await withRecords(4)
    const stream = edited(leader.stream, (bytes, sequence) => (sequence === 3 ? undefined : bytes))
    expect(await codeOf(openTestEngine({ stream }))).toBe('CORRUPT')
  })

  test('a log that ends before its state, or begins behind it, is CORRUPT', async () => {
    const leader = await withRecords(4)
    const shorter = edited(leader.stream, (bytes, sequence) => (sequence > 4 ? undefined : bytes))
    expect(await codeOf(openTestEngine({ stream: shorter, store: leader.store }))).toBe('CORRUPT')
    leader.stream.purge(4 as Sequence)
    expect(await codeOf(openTestEngine({ stream: leader.stream, store: new MemoryStore() }))).toBe('CORRUPT')
    expect(await codeOf(openTestEngine({ stream: leader.stream, store: leader.store }))).toBe('opened')
  })

  test('K4 a state of another generation is refused', async () => {
    const leader = await withRecords(1)
    const stream = new MemoryStream('0123456789abcdef' as Generation)
    expect(await codeOf(openTestEngine({ stream, store: leader.store }))).toBe('GENERATION_CHANGED')
  })

  test('K2 a gap in the applied run is CORRUPT and names the missing range', async () => {
    const leader = await withRecords(6)
    for (const sequence of [4, 5])
      await leader.store.write([{ key: appliedKey(sequence), value: undefined }], { sync: true })
    await expect(openTestEngine({ stream: leader.stream, store: leader.store })).rejects.toMatchObject({
      code: 'CORRUPT',
      details: { from: 4, to: 5 },
    })
  })

  test('K2 a run that ends before the position is CORRUPT', async () => {
    const leader = await withRecords(6)
    const { last } = leader.stream.bounds()
    await leader.store.write([{ key: appliedKey(last), value: undefined }], { sync: true })
    expect(await codeOf(openTestEngine({ stream: leader.stream, store: leader.store }))).toBe('CORRUPT')
  })

  test('F5 a state of a newer format is refused', async () => {
    const leader = await withRecords(1)
    const row = leader.store.get(positionKey()) as Uint8Array
    const newer = Uint8Array.from(row)
    newer[1] = 99
    await leader.store.write([{ key: positionKey(), value: newer }], { sync: true })
    expect(await codeOf(openTestEngine({ stream: leader.stream, store: leader.store }))).toBe('FORMAT_UNSUPPORTED')
  })
})

interface Step {
  readonly verb: string
  readonly pick: number
  readonly key: string | undefined
}

/** Does what the steps say, to whatever is there; refusals are part of the history. */
const perform = async (engine: TestEngine, steps: readonly Step[]): Promise<void> => {
  const create = async (): Promise<CollectiveId> => {
    const { collective } = await engine.call('collective.create', { name: 'bees', dimension: 2 })
    return (collective as { id: CollectiveId }).id
  }
  let collective = await create()
  const ids: ExperienceId[] = []
  const experience = (n: number) => ({ content: `n ${n}`, embedding: [n + 1, 1], importance: 0.5 })
  for (const { verb, pick, key } of steps) {
    const id = ids[pick % Math.max(1, ids.length)] ?? '00000000-0000-7000-8000-000000000000'
    const options = key === undefined ? {} : { idempotencyKey: key }
    try {
      if (verb === 'record') {
        const reply = await engine.call('experience.record', { collective, ...experience(pick), ...options })
        ids.push(reply.id as ExperienceId)
      } else if (verb === 'many') {
        const experiences = Array.from({ length: (pick % 5) + 1 }, (_, n) => experience(n))
        const reply = await engine.call('experience.recordMany', { collective, experiences, ...options })
        ids.push(...(reply.ids as ExperienceId[]))
      } else if (verb === 'update')
        await engine.call('experience.update', { collective, id, patch: { importance: 0.25 }, ...options })
      else if (verb === 'drop') {
        await engine.call('collective.delete', { collective })
        collective = await create()
      } else await engine.call(`experience.${verb as 'archive'}`, { collective, id, ...options })
    } catch (error) {
      if (!isFault(error) || error.kind === 'internal') throw error
    }
  }
  await engine.engine.close()
}
