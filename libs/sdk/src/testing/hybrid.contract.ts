/** Search by words, and by words and meaning together. */
import type { SearchHit } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import { experience, expectRefusal } from './samples.ts'
import { sharedStore, withStore, type OpenStore } from './store-under-test.ts'

const contents = (hits: readonly SearchHit[]): readonly string[] => hits.map((hit) => hit.experience.content)

const east = [1, 0, 0, 0]
const north = [0, 1, 0, 0]

/** The first is the nearest to `east`, the last says best which ledger locks, the second is good at both. */
const withLedgers = async (hive: CollectiveHandle): Promise<readonly string[]> => {
  const { ids } = await hive.recordMany([
    experience({ content: 'bees dance', embedding: east, sourceTask: 'one', importance: 0.1 }),
    experience({ content: 'which ledger locks at noon', embedding: [4, 1, 0, 0], sourceTask: 'one' }),
    experience({ content: 'at ten', embedding: north, sourceTask: 'one', domain: ['answers'] }),
    experience({ content: 'ledger locks', embedding: [0, 0, 1, 0], sourceTask: 'two', importance: 0.9 }),
  ])
  return ids
}

export const hybridContract = (open: OpenStore): void => {
  describe('search by words', () => {
    const store = sharedStore(open)

    it('P7 finds what shares a word, whatever its form, without any embedder, and nothing else', async () => {
      const hive = await store.collective()
      const [bees] = await withLedgers(hive)
      const { results } = await hive.search({ text: 'LOCKING ledgers' })
      expect(contents(results)).toEqual(['ledger locks', 'which ledger locks at noon'])
      for (const { score, bm25, similarity } of results) expect([bm25, similarity]).toEqual([score, undefined])
      expect(contents((await hive.search({ text: 'the dance' })).results)).toEqual(['bees dance'])
      await hive.delete(bees!)
      expect((await hive.search({ text: 'the dance' })).results).toEqual([])
    })

    it('P7 together with an embedding: exactly k, and the score is the weighted sum of its parts', async () => {
      const hive = await store.collective()
      await withLedgers(hive)
      const query = { text: 'ledger locks', embedding: east }
      const { results } = await hive.search({ ...query, k: 4 })
      expect(results).toHaveLength(4)
      expect(contents(results)[0]).toBe('which ledger locks at noon')
      for (const { score, parts } of results) expect(score).toBeCloseTo((parts!.similarity! + parts!.text!) / 2, 6)
      const weights = { similarity: 0.1, text: 0.2, energy: 0.7 }
      const [best] = (await hive.search({ ...query, weights, k: 1 })).results
      expect(best?.experience.content).toBe('ledger locks')
      expect(Object.keys(best?.parts ?? {}).toSorted()).toEqual(['energy', 'similarity', 'text'])
      const filter = { domains: ['answers'] }
      expect(contents((await hive.search({ ...query, filter })).results)).toEqual(['at ten'])
    })

    it('an embedding alone is answered as if there were no words', async () => {
      const hive = await store.collective()
      await withLedgers(hive)
      const alone = (await hive.search({ embedding: east })).results
      for (const hit of alone) expect(Object.keys(hit).toSorted()).toEqual(['experience', 'score', 'similarity'])
      const weights = { similarity: 1, text: 0, energy: 0 }
      expect((await hive.search({ embedding: east, text: 'ledger', weights })).results).toEqual(alone)
    })

    it('neighbours, diversity and a least score', async () => {
      const hive = await store.collective()
      await withLedgers(hive)
      const question = { text: 'which ledger locks at noon' }
      expect(contents((await hive.search(question)).results)).not.toContain('bees dance')
      const lifted = (await hive.search({ ...question, neighbours: true })).results
      expect(contents(lifted).toSorted()).toEqual(
        ['at ten', 'bees dance', 'ledger locks', 'which ledger locks at noon'].toSorted(),
      )
      expect(lifted.find(({ experience: { content } }) => content === 'at ten')?.parts?.neighbours).toBeCloseTo(0.3, 6)
      const { results } = await hive.search({ embedding: east, k: 2, diversity: 0.9 })
      expect(contents(results)).not.toContain('which ledger locks at noon')
      expect(contents((await hive.search({ embedding: east, minScore: 0.5 })).results)).toHaveLength(2)
    })

    it('P10 what a search cannot be asked', async () => {
      const hive = await store.collective()
      const query = { embedding: east, text: 'x' }
      for (const [wrong, field] of [
        [{ neighbours: { before: 2 } }, 'neighbours.before'],
        [{ neighbours: 1 as never }, 'neighbours'],
        [{ diversity: 1.5 }, 'diversity'],
        [{ diversity: 0.5, k: 101 }, 'diversity'],
        [{ minScore: NaN }, 'minScore'],
        [{ weights: { similarity: 0.5, text: 0.4, energy: 0 } }, 'weights'],
        [{ text: undefined, weights: { similarity: 0.5, text: 0.5, energy: 0 } }, 'weights.text'],
      ] as const)
        await expectRefusal(hive.search({ ...query, ...wrong }), 'INVALID_FIELD', field)
      await expectRefusal(hive.search({ text: 'x'.repeat(10_241) }), 'CONTENT_TOO_LARGE', 'text')
    })

    it('with an embedder a text is both, and its words can be switched off', async () => {
      const hive = await store.collective({ dimension: 128, embedder: 'hashing' })
      await hive.recordMany([{ content: 'settlement runs are booked' }, { content: 'the ledger is written in order' }])
      const [hit] = (await hive.search({ text: 'settlement runs' })).results
      expect(hit?.experience.content).toBe('settlement runs are booked')
      expect(Object.keys(hit?.parts ?? {}).toSorted()).toEqual(['similarity', 'text'])
      const weights = { similarity: 1, text: 0, energy: 0 }
      const [dense] = (await hive.search({ text: 'settlement runs', weights })).results
      expect([dense?.score, dense?.bm25]).toEqual([dense?.similarity, undefined])
    })

    it('a context takes the same; words alone bring no insights', async () => {
      const hive = await store.collective()
      const [, source] = await withLedgers(hive)
      const insight = { content: 'ledgers lock', sources: [source!], type: 'pattern', embedding: north } as const
      await hive.storeInsight(insight)
      const query = { text: 'ledger locks', neighbours: true }
      const words = await hive.context({ ...query, maxSimilar: 3 })
      expect(words.similar).toEqual((await hive.search({ ...query, k: 3 })).results)
      expect(words.insights).toEqual([])
      const both = await hive.context({ ...query, embedding: east, maxSimilar: 3 })
      expect(both.similar).toEqual((await hive.search({ ...query, embedding: east, k: 3 })).results)
      expect(both.insights).toHaveLength(1)
    })

    it('P5 what was acknowledged is found by its words and beside its neighbours at once', async () => {
      const hive = await store.collective()
      for (let n = 0; n < 10; n += 1) {
        await hive.record(experience({ content: `word${n} alone`, sourceTask: 'task' }))
        expect(contents((await hive.search({ text: `word${n}` })).results)).toEqual([`word${n} alone`])
        const beside = (await hive.search({ text: `word${n - 1}`, neighbours: true })).results
        if (n > 0) expect(contents(beside)).toContain(`word${n} alone`)
      }
    })
  })

  it('P1 search by words after a restart: the same hits with the same figures', async () => {
    await withStore(open, async (own) => {
      const hive = await own.waggle.createCollective({ name: 'kept', dimension: 4 })
      await withLedgers(hive)
      const query = { text: 'which ledger locks', embedding: east, neighbours: true }
      const { results } = await hive.search(query)
      const again = await (await own.reopen()).collective('kept')
      expect((await again.search(query)).results).toEqual(results)
    })
  })
}
