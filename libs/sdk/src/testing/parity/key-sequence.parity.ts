/** Exoware's cases of sequences, of the log of batches, and of reads that must have reached a sequence. */
import { decodeToken, encodeToken, type Sequence } from '@waggle/protocol'
import { expect } from 'vitest'
import type { CollectiveHandle } from '../../collective-handle.ts'
import { expectRefusal } from '../samples.ts'
import type { Cases } from './parity-store.ts'
import { all, batchOf, numbered, putEach, putMany, rows, textEntries, valueOf, type TextEntry } from './keys.ts'

const PARALLEL = 64

type KeySession = ReturnType<CollectiveHandle['keys']['session']>

export const keySequenceParity = (it: Cases): void => {
  sequences(it)
  batches(it)
  tokens(it)
}

const isRising = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number > numbers[index - 1]!)

const sequences = (it: Cases): void => {
  it('exoware E4: an empty store is at 0; each put is at a higher sequence, the store at the last', async (given) => {
    const { keys } = given.hive
    expect(await keys.currentSequence()).toBe(0)
    const [first, second] = await putMany(given.hive, 2)
    expect(first).toBeGreaterThanOrEqual(1)
    expect(second).toBeGreaterThan(first!)
    expect(await keys.currentSequence()).toBe(second)
  })

  it('exoware E74: puts at once have rising sequences, which a group shares, and the log has all rows', async ({
    hive,
  }) => {
    const puts = Array.from({ length: PARALLEL }, async (_, n) => {
      const entry: TextEntry = [`k${n}`, `v${n}`]
      return { entry, sequence: (await hive.keys.put([entry])).sequence }
    })
    const done = await Promise.all(puts)
    const distinct = [...new Set(done.map(({ sequence }) => sequence))]
    const logged = new Map<number, readonly TextEntry[]>()
    for (const sequence of distinct) logged.set(sequence, (await batchOf(hive, sequence))!)
    for (const { entry, sequence } of done) expect(logged.get(sequence)).toContainEqual(entry)
    expect([...logged.values()].flat()).toHaveLength(PARALLEL)
    expect(await hive.keys.currentSequence()).toBe(Math.max(...distinct))
    expect(await rows(hive)).toHaveLength(PARALLEL)
  })

  it('exoware derived_sequence_order_is_commit_order: parallel writers; what is refused leaves none', async (given) => {
    const { hive } = given
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const own: number[] = []
      for (let n = 0; n < 10; n += 1) own.push((await hive.keys.put([['shared', `${writer}.${n}`]])).sequence)
      return own
    })
    const written = await Promise.all(writers)
    for (const own of written) expect(isRising(own)).toBe(true)
    // In the log's order the last value is the one that stands.
    const distinct = [...new Set(written.flat())].sort((left, right) => left - right)
    const logged: TextEntry[] = []
    for (const sequence of distinct) logged.push(...(await batchOf(hive, sequence))!)
    expect(logged).toHaveLength(80)
    expect(await valueOf(hive, 'shared')).toBe(logged.at(-1)![1])
    await expectRefusal(hive.keys.put([[new Uint8Array(255), 'v']]), 'CONTENT_TOO_LARGE', 'entries[0][0]')
    expect(await hive.keys.currentSequence()).toBe(distinct.at(-1))
    const { sequence } = await hive.keys.put([['after', 'x']])
    // Every sequence between is readable, as a batch or as none of this store.
    for (let between = distinct[0]!; between <= sequence; between += 1)
      expect(await hive.keys.batch(between), `batch ${between}`).toBeDefined()
  })

  it('exoware E76: many reads of batches at once, while there are puts, give each its own', async ({ hive }) => {
    const written = await putMany(hive, 20)
    const reads = Array.from({ length: 100 }, async (_, n) => {
      const index = n % written.length
      return { index, entries: await batchOf(hive, written[index]!) }
    })
    const [found] = await Promise.all([Promise.all(reads), putMany(hive, 10, 'more')])
    for (const { index, entries } of found)
      expect(entries).toEqual([[`k${numbered(index + 1)}`, `v${numbered(index + 1)}`]])
  })
}

const batches = (it: Cases): void => {
  it('exoware E43: a batch has all its entries, unfiltered, in the order in which they were given', async ({
    hive,
  }) => {
    const entries = [
      ['z', '1'],
      ['a', '2'],
      ['m', '3'],
      ['a', '4'],
    ] as const
    const [sequence] = await putEach(hive, [entries, [['other', 'x']]])
    expect(await batchOf(hive, sequence!)).toEqual(entries)
  })

  it('exoware E44: a batch that has not been written yet is absent, and one of no put is empty', async ({ hive }) => {
    const [sequence] = await putMany(hive, 1)
    expect(await hive.keys.batch(sequence! + 1_000_000)).toBeUndefined()
    expect(await batchOf(hive, sequence!)).toHaveLength(1)
  })

  it('exoware E59: a batch is whole where a subscription to it is filtered', async ({ hive }) => {
    const { sequence } = await hive.keys.put([
      ['a1', 'x'],
      ['b1', 'y'],
    ])
    const subscription = hive.keys.subscribe({ selectors: [{ prefix: 'b' }], since: sequence })
    const { value } = await subscription.next()
    await subscription.return()
    expect(textEntries(value!.entries)).toEqual([['b1', 'y']])
    expect(await batchOf(hive, sequence)).toEqual([
      ['a1', 'x'],
      ['b1', 'y'],
    ])
  })
}

const tokens = (it: Cases): void => {
  it('exoware derived_token_ahead_or_equal: ahead is CONSISTENCY_NOT_READY, equal passes', async ({ hive }) => {
    const { sequence, token } = await hive.keys.put([['k', 'v']])
    expect(await hive.keys.get('k', { minSequence: sequence })).toBeDefined()
    expect(await hive.keys.get('k', { token })).toBeDefined()
    const ahead = sequence + 1_000_000
    // Within its time a call tries again: it has none for that.
    const options = { minSequence: ahead, timeoutMs: 500 }
    const fault = await expectRefusal(hive.keys.get('k', options), 'CONSISTENCY_NOT_READY', 'minSequence')
    expect([fault.kind, fault.retryAfterMs, fault.details.required]).toEqual(['notReady', 1_000, ahead])
    expect(fault.details.current).toBeGreaterThanOrEqual(sequence)
    for (const read of [
      hive.keys.getMany(['k'], options),
      all(hive.keys.range({}, options)),
      hive.keys.reduce({ reducers: [{ op: 'countAll' }] }, options),
    ])
      await expectRefusal(read, 'CONSISTENCY_NOT_READY', 'minSequence')
    const known = decodeToken(token)
    const future = encodeToken({ ...known, sequence: ahead as Sequence })
    await expectRefusal(hive.keys.get('k', { token: future, timeoutMs: 30 }), 'CONSISTENCY_NOT_READY')
  })

  it('exoware E64: each frame of a getMany, a range and a reduction tells the sequence that it saw', async ({
    hive,
  }) => {
    const sequences = await putMany(hive, 5)
    const reads: readonly ((session: KeySession) => Promise<unknown>)[] = [
      (session) => session.get('k001'),
      (session) => session.getMany(['k001', 'none', 'k003', 'k004'], { batchSize: 1 }),
      (session) => all(session.range({ batchSize: 2 })),
      (session) => session.reduce({ reducers: [{ op: 'countAll' }] }),
    ]
    for (const read of reads) {
      const session = hive.keys.session()
      await read(session)
      // A session's floor is what its first frame told.
      expect(session.sequence).toBeGreaterThanOrEqual(sequences[4]!)
    }
  })

  it('exoware E35: a session never reads behind its own writes; a floor, a range in frames, a batch', async (given) => {
    const { store, hive } = given
    const entries = Array.from({ length: 50 }, (_, n): TextEntry => [`k${String(n).padStart(2, '0')}`, `v${n}`])
    const { sequence, token } = await hive.keys.put(entries)
    // The same handle: each read has seen what it wrote.
    expect(await valueOf(hive, 'k00')).toBe('v0')
    // Another client, which was handed the token.
    const elsewhere = await store.other.collective(hive.id)
    expect(await elsewhere.keys.get('k49', { token, minSequence: sequence })).toBeDefined()
    const session = elsewhere.keys.session({ sequence })
    expect(await session.get('k01')).toBeDefined()
    expect(session.sequence).toBe(sequence)
    expect(await rows(hive, { batchSize: 7 })).toEqual(entries)
    expect(await rows(hive, { batchSize: 7, reverse: true, limit: 20 })).toEqual(entries.toReversed().slice(0, 20))
  })
}
