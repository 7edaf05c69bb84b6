/** VelesDB's cases of what is there after a crash, and of cursors on a log and what they hold. */
import { vectorMetrics } from '@waggle/protocol'
import { expect } from 'vitest'
import type { CollectiveHandle } from '../../collective-handle.ts'
import { reading } from './frame-reader.ts'
import type { Cases } from './parity-store.ts'
import { putMany, untilOldest } from './keys.ts'
import { asStored, idsUpTo, storedVectors, storeVectors, vectorOf } from './points.ts'

export const pointRecoveryParity = (it: Cases): void => {
  singles(it)
  batches(it)
  searches(it)
  logs(it)
}

const singles = (it: Cases): void => {
  it.restarted(
    'velesdb test_898_fsync_store_persists_wal_before_ok: one vector, answered, then the end',
    ({ hive }) => storeVectors(hive, 1, 1),
    async ({ hive }) => {
      expect(await storedVectors(hive)).toEqual(asStored([1]))
    },
  )

  it.restarted(
    'velesdb test_898b_fsync_delete_persists_wal_before_punch_hole: one deletion, answered, then the end',
    async ({ hive }) => {
      await storeVectors(hive, 1, 3)
      await hive.vectors.delete(2)
    },
    async ({ hive }) => {
      expect(await storedVectors(hive)).toEqual(asStored([1, 3]))
    },
  )

  it.restarted(
    'velesdb test_durability_none_*: read at once in that mode; ours keeps it over a crash, as in any other',
    async ({ hive }) => {
      await hive.vectors.setDurability('none')
      await storeVectors(hive, 1, 5)
      await hive.payloads.store(1, 'kept')
      await hive.payloads.flush()
      expect(await storedVectors(hive)).toEqual(asStored(idsUpTo(5)))
    },
    async ({ hive }) => {
      expect(await hive.vectors.durability()).toBe('none')
      expect(await storedVectors(hive)).toEqual(asStored(idsUpTo(5)))
      expect(await hive.payloads.get(1)).toBe('kept')
    },
  )

  it.restarted(
    'velesdb test_wal_replay_recovers_*: stores, replacements and deletions that nobody flushed',
    async ({ hive }) => {
      await storeVectors(hive, 1, 10)
      await hive.vectors.store(3, vectorOf(30))
      await hive.vectors.deleteMany([1, 5, 99])
      await hive.payloads.store(2, { a: 1 })
      await hive.payloads.store(3, { a: 2 })
      await hive.payloads.delete(3)
    },
    async ({ hive }) => {
      const kept = idsUpTo(10).filter((n) => n !== 1 && n !== 5)
      const expected = kept.map((n) => [BigInt(n), vectorOf(n === 3 ? 30 : n)])
      expect(await storedVectors(hive)).toEqual(expected)
      expect([await hive.payloads.ids(), await hive.payloads.get(2)]).toEqual([[2n], { a: 1 }])
    },
  )

  it.restarted(
    'velesdb test_crash_recovery_wal_store_*: of one id stored, deleted and stored again the last state stands',
    async ({ hive }) => {
      for (const id of [1, 2]) {
        await hive.vectors.store(id, vectorOf(1))
        await hive.payloads.store(id, 'first')
        await hive.vectors.delete(id)
        await hive.payloads.delete(id)
      }
      await hive.vectors.store(2, vectorOf(2))
      await hive.payloads.store(2, 'last')
    },
    async ({ hive }) => {
      expect(await storedVectors(hive)).toEqual(asStored([2]))
      expect(await hive.payloads.getMany([1, 2])).toEqual([undefined, 'last'])
    },
  )

  it.restarted(
    'velesdb test_drop_*: what was flushed and then left without a word is there',
    async ({ hive }) => {
      await storeVectors(hive, 1, 3)
      await hive.vectors.flush()
      // Nobody waits for it when the end comes.
      const late = hive.vectors.store(4, vectorOf(4))
      await late
    },
    async ({ hive }) => {
      expect(await storedVectors(hive)).toEqual(asStored(idsUpTo(4)))
    },
  )
}

const batches = (it: Cases): void => {
  it.restarted(
    'velesdb test_store_batch_wal_recovery_matches_individual_stores: a batch comes back like single stores',
    async ({ store, hive }) => {
      const other = await store.waggle.createCollective({ name: `singles of ${hive.name}`, dimension: 4 })
      await storeVectors(hive, 1, 50)
      for (const n of idsUpTo(50)) await other.vectors.store(n, vectorOf(n))
      return other.id
    },
    async ({ store, hive }, otherId) => {
      const singles = await storedVectors(await store.waggle.collective(otherId))
      expect(singles).toEqual(asStored(idsUpTo(50)))
      expect(await storedVectors(hive)).toEqual(singles)
    },
  )

  it.restarted(
    'velesdb test_store_batch_multiple_batches_no_cross_contamination: several batches, each with its own',
    async ({ hive }) => {
      await Promise.all([0, 1, 2, 3].map((batch) => storeVectors(hive, 1 + batch * 25, 25)))
      // The last of a repeated id counts, and the count is that of what was given.
      const repeated = [1, 2, 1].map((id, n) => [id, vectorOf(1_000 + n)] as const)
      expect((await hive.vectors.storeMany(repeated)).count).toBe(3)
    },
    async ({ hive }) => {
      const expected = [...asStored(idsUpTo(100))].map(([id, vector]) =>
        id === 1n ? [id, vectorOf(1_002)] : id === 2n ? [id, vectorOf(1_001)] : [id, vector],
      )
      expect(await storedVectors(hive)).toEqual(expected)
    },
  )

  it.restarted(
    'velesdb test_wal_group_write_then_individual_stores_interleave: a batch and single ones after it',
    async ({ hive }) => {
      await storeVectors(hive, 1, 20)
      for (const n of idsUpTo(5, 21)) await hive.vectors.store(n, vectorOf(n))
      await storeVectors(hive, 26, 20)
      await hive.vectors.store(46, vectorOf(46))
    },
    async ({ hive }) => {
      expect(await storedVectors(hive)).toEqual(asStored(idsUpTo(46)))
    },
  )

  it.restarted(
    'velesdb test_store_batch_deferred_*: a batch of payloads is read at once, and durable after a flush',
    async ({ hive }) => {
      await hive.payloads.storeMany(idsUpTo(100).map((n) => [n, { n }] as const))
      expect(await hive.payloads.get(77)).toEqual({ n: 77 })
      await hive.payloads.flush()
    },
    async ({ hive }) => {
      expect(await hive.payloads.count()).toBe(100)
      expect(await hive.payloads.getMany(idsUpTo(100))).toEqual(idsUpTo(100).map((n) => ({ n })))
    },
  )
}

/** What a search finds by every metric, with a filter and without. */
const found = async ({ vectors }: CollectiveHandle) => {
  const vector = [3, 1, 0, -2]
  const filter = { type: 'eq', field: 'even', value: true } as const
  const results: unknown[] = []
  for (const metric of vectorMetrics) {
    results.push((await vectors.search({ vector, k: 10, metric })).results)
    results.push((await vectors.search({ vector, k: 10, metric, filter, include: ['payload'] })).results)
  }
  return results
}

const searches = (it: Cases): void => {
  it.restarted(
    'velesdb test_wal_recovery_preserves_search_quality: the same hits with the same scores',
    async ({ hive }) => {
      await storeVectors(hive, 1, 60)
      await hive.payloads.storeMany(idsUpTo(60).map((n) => [n, { even: n % 2 === 0 }] as const))
      await hive.vectors.deleteMany([3, 4])
      return found(hive)
    },
    async ({ hive }, before) => {
      expect(await found(hive)).toEqual(before)
    },
  )
}

const logs = (it: Cases): void => {
  it('velesdb wal_cursor_property_tests: places rise, and from each of them there is exactly the rest', async ({
    hive,
  }) => {
    const sequences = await putMany(hive, 25)
    expect([...sequences].sort((left, right) => left - right)).toEqual(sequences)
    for (const [index, since] of sequences.entries())
      await reading(hive, { since, max: 1 + (index % 7) }, async (reader) => {
        const frames = await reader.through(sequences.at(-1)!)
        expect(frames.map(({ sequence }) => sequence)).toEqual(sequences.slice(index))
      })
    await reading(hive, { since: sequences[0] }, async (reader) => {
      const cursors: string[] = []
      for (const sequence of sequences) {
        expect((await reader.next()).sequence).toBe(sequence)
        cursors.push(reader.subscription.cursor!)
      }
      for (const [index, from] of cursors.slice(0, -1).entries())
        await reading(hive, { from }, async (again) => {
          expect((await again.next()).sequence).toBe(sequences[index + 1])
        })
    })
  })

  it('velesdb wal_retention_property_tests: nothing goes that a consumer needs', async (given) => {
    const { hive } = given
    const sequences = await putMany(hive, 10)
    await reading(hive, { since: sequences[0] }, async (reader) => {
      await reader.take(3)
      await hive.cursors.save('lagging', reader.subscription.cursor!)
    })
    await hive.keys.setRetention({ keepLatest: { count: 2 } })
    // It has seen three batches: those may go, and the fourth is the first that it needs.
    await untilOldest(hive, sequences[3])
    const [next] = await putMany(hive, 1, 'm')
    expect(await hive.keys.oldestRetained()).toBe(sequences[3])
    const saved = (await hive.cursors.list())[0]!
    await reading(hive, { from: saved.cursor }, async (reader) => {
      const frames = await reader.through(next!)
      expect(frames.map(({ sequence }) => sequence)).toEqual([...sequences.slice(3), next])
    })
    await hive.cursors.drop('lagging')
    const [last] = await putMany(hive, 1, 'n')
    await untilOldest(hive, next)
    expect(await hive.keys.batch(last!)).toBeDefined()
  })
}
