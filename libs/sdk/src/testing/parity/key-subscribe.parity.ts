/** Exoware's cases of its stream: where a subscription begins, what passes it, and what it misses. */
import { expect } from 'vitest'
import { refusal } from '../samples.ts'
import { reading } from './frame-reader.ts'
import type { Cases } from './parity-store.ts'
import { numbered, putMany, untilOldest } from './keys.ts'

export const keySubscribeParity = (it: Cases): void => {
  live(it)
  replay(it)
  filters(it)
  evicted(it)
}

const live = (it: Cases): void => {
  it('exoware E36, E49: without a place only what comes from then on is delivered', async ({ hive }) => {
    await putMany(hive, 3)
    await reading(hive, { selectors: [{ prefix: 'n' }] }, async (reader) => {
      const { sequence } = await hive.keys.put([['n1', 'x']])
      expect(await reader.next()).toEqual({ sequence, entries: [['n1', 'x']], deleted: [] })
    })
    await reading(hive, { since: 0 }, async (reader) => {
      const [next] = await putMany(hive, 1, 'o')
      expect((await reader.next()).sequence).toBe(next)
    })
  })

  it('exoware E37: a put that does not match gives no frame', async ({ hive }) => {
    await reading(hive, { selectors: [{ prefix: 'wanted' }] }, async (reader) => {
      await hive.keys.put([['other', 'x']])
      const { sequence } = await hive.keys.put([['wanted', 'y']])
      expect(await reader.next()).toEqual({ sequence, entries: [['wanted', 'y']], deleted: [] })
    })
  })

  it('exoware E38: a batch that two selectors match gives one frame, each entry once', async ({ hive }) => {
    const selectors = [{ prefix: 'a' }, { prefix: 'b' }, { prefix: 'a1' }]
    await reading(hive, { selectors }, async (reader) => {
      const { sequence } = await hive.keys.put([
        ['b1', '1'],
        ['c1', '2'],
        ['a1', '3'],
        ['a1', '4'],
      ])
      const entries = [
        ['b1', '1'],
        ['a1', '3'],
        ['a1', '4'],
      ]
      expect(await reader.next()).toEqual({ sequence, entries, deleted: [] })
      const [next] = await putMany(hive, 1, 'a')
      expect((await reader.next()).sequence).toBe(next)
    })
  })

  it('exoware E39: two puts give two frames', async ({ hive }) => {
    await reading(hive, {}, async (reader) => {
      const sequences = await putMany(hive, 2)
      expect((await reader.take(2)).map(({ sequence }) => sequence)).toEqual(sequences)
    })
  })

  it('exoware E41, E50: from beyond the end it is live, and what comes before that place is delivered', async ({
    hive,
  }) => {
    const [, current] = await putMany(hive, 2)
    await reading(hive, { since: current! + 1_000_000 }, async (reader) => {
      const [next] = await putMany(hive, 1, 'm')
      expect(next).toBeLessThan(current! + 1_000_000)
      expect((await reader.next()).sequence).toBe(next)
    })
  })

  it('exoware E60: a put of another client wakes whoever waits', async ({ store, hive }) => {
    await reading(hive, {}, async (reader) => {
      const elsewhere = await store.other.collective(hive.id)
      const waiting = reader.next()
      const { sequence } = await elsewhere.keys.put([['k', 'v']])
      expect((await waiting).sequence).toBe(sequence)
    })
  })

  it('exoware E58: whoever stops, by a signal or a break, is let go at once, also while it waits', async ({ hive }) => {
    const controller = new AbortController()
    const subscription = hive.keys.subscribe({ signal: controller.signal })
    await subscription.ready
    const waiting = subscription.next()
    const startMs = performance.now()
    controller.abort()
    expect(await waiting).toEqual({ value: undefined, done: true })
    // A poll lasts 10 s.
    expect(performance.now() - startMs).toBeLessThan(5_000)
    const [first] = await putMany(hive, 3)
    for await (const { sequence } of hive.keys.subscribe({ since: first })) {
      expect(sequence).toBe(first)
      break
    }
    expect(await subscription.next()).toEqual({ value: undefined, done: true })
  })
}

const replay = (it: Cases): void => {
  it('exoware E40: since the third of five it replays three and then goes live', async ({ hive }) => {
    const sequences = await putMany(hive, 5)
    await reading(hive, { since: sequences[2] }, async (reader) => {
      expect((await reader.take(3)).map(({ sequence }) => sequence)).toEqual(sequences.slice(2))
      const next = await putMany(hive, 2, 'm')
      expect((await reader.take(2)).map(({ sequence }) => sequence)).toEqual(next)
    })
  })

  it('exoware E52, E57: a long replay and a burst while it goes on come in order, in parts', async (given) => {
    const { hive } = given
    const before = await putMany(hive, 40)
    await reading(hive, { since: before[0], max: 7 }, async (reader) => {
      const first = await reader.take(10)
      const burst = await Promise.all(
        Array.from({ length: 40 }, async (_, n) => (await hive.keys.put([[`burst${n}`, 'x']])).sequence),
      )
      const all = [...new Set([...before, ...burst])].sort((left, right) => left - right)
      const rest = await reader.through(all.at(-1)!)
      expect([...first, ...rest].map(({ sequence }) => sequence)).toEqual(all)
      expect(rest.flatMap(({ entries }) => entries).filter(([key]) => key.startsWith('burst'))).toHaveLength(40)
    })
  })

  it('exoware E47, E53: a reader that takes its time stalls no puts, and then has all of them', async ({ hive }) => {
    await reading(hive, { max: 10 }, async (reader) => {
      const startMs = performance.now()
      const sequences: number[] = []
      for (let turn = 0; turn < 8; turn += 1) {
        const puts = Array.from({ length: 64 }, async (_, n) => hive.keys.put([[`k${turn}.${n}`, 'x'.repeat(200)]]))
        sequences.push(...(await Promise.all(puts)).map(({ sequence }) => sequence))
      }
      expect(performance.now() - startMs).toBeLessThan(30_000)
      const frames = await reader.through(Math.max(...sequences))
      expect(frames.flatMap(({ entries }) => entries)).toHaveLength(512)
      const distinct = [...new Set(sequences)].sort((left, right) => left - right)
      expect(frames.map(({ sequence }) => sequence)).toEqual(distinct)
    })
  })

  it('exoware E56: a replay of which nothing passes goes on without a word, and its place moves along', async ({
    hive,
  }) => {
    const sequences = await putMany(hive, 50)
    await reading(hive, { selectors: [{ prefix: 'wanted' }], since: sequences[0], max: 5 }, async (reader) => {
      // A deviation: theirs tells no progress, so that the place of a quiet reader grows old.
      const waiting = reader.next()
      const { sequence } = await hive.keys.put([['wanted', 'x']])
      expect((await waiting).sequence).toBe(sequence)
      const cursor = reader.subscription.cursor!
      await putMany(hive, 5, 'm')
      await hive.keys.prune([{ sequence: {}, retain: { greaterThan: { threshold: sequence } } }])
      await reading(hive, { selectors: [{ prefix: 'wanted' }], from: cursor }, async (again) => {
        const after = await hive.keys.put([['wanted', 'y']])
        expect((await again.next()).sequence).toBe(after.sequence)
      })
    })
  })
}

const filters = (it: Cases): void => {
  it('exoware E48: value filters narrow the rows: exact, a prefix, an expression found anywhere', async ({ hive }) => {
    const valueFilters = [{ regex: 'b+c' }, { prefix: 'x' }, { exact: 'y' }]
    await reading(hive, { valueFilters }, async (reader) => {
      await hive.keys.put([['none', 'ab']])
      const { sequence } = await hive.keys.put([
        ['1', 'abbbcd'],
        ['2', 'bd'],
        ['3', 'xx'],
        ['4', 'ax'],
        ['5', 'y'],
        ['6', 'yy'],
      ])
      const entries = [
        ['1', 'abbbcd'],
        ['3', 'xx'],
        ['5', 'y'],
      ]
      expect(await reader.next()).toEqual({ sequence, entries, deleted: [] })
    })
  })
}

const evicted = (it: Cases): void => {
  it('exoware E42, E54: from a batch that was pruned it fails at once, and tells the oldest there is', async ({
    hive,
  }) => {
    const sequences = await putMany(hive, 20)
    await hive.keys.setRetention({ keepLatest: { count: 10 } })
    await untilOldest(hive, sequences[10])
    const fault = await refusal(hive.keys.subscribe({ since: sequences[0]! }).next())
    expect([fault.code, fault.kind, fault.details.oldest]).toEqual(['BATCH_EVICTED', 'lost', sequences[10]])
    await reading(hive, { since: sequences[10] }, async (reader) => {
      expect((await reader.take(10)).map(({ sequence }) => sequence)).toEqual(sequences.slice(10))
    })
  })

  it('exoware E51: what is pruned under a replay ends it, after the frames that it has already', async ({ hive }) => {
    const sequences = await putMany(hive, 30)
    await reading(hive, { since: sequences[0], max: 5 }, async (reader) => {
      expect((await reader.next()).entries).toEqual([[`k${numbered(1)}`, `v${numbered(1)}`]])
      await hive.keys.prune([{ sequence: {}, retain: { keepLatest: { count: 2 } } }])
      const outcome = await refusal(reader.through(sequences[29]!))
      expect([outcome.code, outcome.details.oldest]).toEqual(['BATCH_EVICTED', sequences[28]])
      expect(await reader.subscription.next()).toEqual({ value: undefined, done: true })
    })
  })
}
