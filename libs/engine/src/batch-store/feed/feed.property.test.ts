/** Replay and live are one: a replica that is fed by subscriptions, cut off anywhere, has what the store has. */
import fc from 'fast-check'
import { limits, type KeyEntry, type KeyFrame } from '@waggle/protocol'
import { expect, test } from 'vitest'
import { addFrame, frameText, openKeys, textOf, type KeyedHive } from '../../testing/keys/keyed-hive.ts'

const PARAMETERS = { numRuns: 25, seed: 20_261_121 }

const key = fc.constantFrom('a:1', 'a:2', 'a:3', 'b:1', 'b:2', 'c')
/** Some of them so large that a few of them are more than one reply. */
const value = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('x', 'y', 'fox', '') },
  { weight: 1, arbitrary: fc.constant('v'.repeat(limits.PAGE_BYTES_MAX / 4)) },
)
const put = fc.record({
  operation: fc.constant('keys.put' as const),
  entries: fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 5 }),
})
const deletion = fc.record({
  operation: fc.constant('keys.delete' as const),
  keys: fc.array(key, { minLength: 1, maxLength: 3 }),
})
const batch = fc.array(fc.oneof({ weight: 3, arbitrary: put }, { weight: 2, arbitrary: deletion }), {
  ...{ minLength: 1, maxLength: 4 },
})
type Batch = typeof batch extends fc.Arbitrary<infer Value> ? Value : never

const subscriber = fc.record({
  /** After so many batches it begins, and after how many it looks again. */
  beginsAfter: fc.nat(8),
  looksEvery: fc.integer({ min: 1, max: 4 }),
  max: fc.integer({ min: 1, max: 4 }),
  selectors: fc.constantFrom([{ prefix: '' }], [{ prefix: 'a:' }], [{ prefix: '', regex: '[12]$' }, { prefix: 'c' }]),
  valueFilters: fc.constantFrom([], [], [{ regex: 'o' }, { exact: 'y' }]),
})
type Subscriber = typeof subscriber extends fc.Arbitrary<infer Value> ? Value : never

/** Commits the batch; those that are too large for a request are put one after the other. */
const write = async (hive: KeyedHive, commands: Batch): Promise<void> => {
  const size = JSON.stringify(commands).length
  if (size < limits.REQUEST_BYTES_MAX / 2) await hive.call('batch.commit', { commands })
  else for (const { operation, ...fields } of commands) await hive.call(operation, fields)
}

class Replica {
  readonly #hive: KeyedHive
  readonly #subscriber: Subscriber
  readonly frames: KeyFrame[] = []
  readonly keys = new Map<string, string>()
  readonly #begin: string
  #from: string
  #isPartial = false

  constructor(hive: KeyedHive, each: Subscriber, begin: string) {
    this.#hive = hive
    this.#subscriber = each
    this.#begin = begin
    this.#from = begin
  }

  get #request() {
    const { max, selectors, valueFilters } = this.#subscriber
    return { max, selectors, valueFilters }
  }

  /** One reply. */
  async look(): Promise<boolean> {
    const reply = await this.#hive.subscribe({ ...this.#request, from: this.#from, waitMs: 1 })
    const [first] = reply.frames
    // B2: only of a batch that goes on there is a second frame.
    if (first !== undefined && first.sequence === this.frames.at(-1)?.sequence) expect(this.#isPartial).toBe(true)
    for (const frame of reply.frames) {
      addFrame(this.frames, frame)
      for (const [each, held] of frame.entries) this.keys.set(textOf(each), textOf(held))
      for (const each of frame.deleted) this.keys.delete(textOf(each))
    }
    this.#isPartial = reply.partial === true
    this.#from = reply.next
    return reply.more === true
  }

  async expectAll(): Promise<void> {
    while (await this.look());
    const sequences = this.frames.map(({ sequence }) => sequence)
    expect(sequences).toEqual([...new Set(sequences)].sort((left, right) => left - right))
    const again = await this.#hive.frames({ ...this.#request, from: this.#begin })
    expect(this.frames.map(frameText)).toEqual(again.map(frameText))
  }
}

test('P6 B1 B2 every subscriber is told every batch once and in order, and can follow the store', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(batch, { minLength: 1, maxLength: 14 }),
      fc.array(subscriber, { minLength: 1, maxLength: 3 }),
      async (batches, subscribers) => {
        const hive = await openKeys()
        const mirror = new Replica(
          hive,
          { beginsAfter: 0, looksEvery: 2, max: 2, selectors: [{ prefix: '' }], valueFilters: [] },
          (await hive.subscribe()).next,
        )
        const replicas: [Subscriber, Replica][] = []
        for (const [index, commands] of batches.entries()) {
          for (const each of subscribers.filter(({ beginsAfter }) => beginsAfter === index))
            replicas.push([each, new Replica(hive, each, (await hive.subscribe()).next)])
          await write(hive, commands)
          await Promise.all(
            replicas.filter(([{ looksEvery }]) => index % looksEvery === 0).map(([, replica]) => replica.look()),
          )
          if (index % 2 === 0) await mirror.look()
        }
        for (const [, replica] of replicas) await replica.expectAll()
        await mirror.expectAll()
        const { items } = (await hive.call('keys.range')) as unknown as { readonly items: readonly KeyEntry[] }
        expect([...mirror.keys].sort()).toEqual(items.map(([each, held]) => [textOf(each), textOf(held)]).sort())
        await hive.engine.engine.close()
      },
    ),
    PARAMETERS,
  )
})
