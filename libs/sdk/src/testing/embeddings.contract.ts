/** Embeddings: in which form they come and go, and who makes those that are missing. */
import { hashingEmbedder, type Embedder } from '@waggle/embedding'
import { describe, expect, it } from 'vitest'
import type { EmbeddingInput } from '../inputs.ts'
import { experience, expectRefusal, float32, idsOf, refusal } from './samples.ts'
import { sharedStore, withStore, type OpenStore } from './store-under-test.ts'

/** An embedder that gives a text's length and its first letter, and counts how often it is asked. */
const lengthEmbedder = (name = 'length-1', dimension = 2) => {
  const asked: string[] = []
  const embedder: Embedder = {
    name,
    dimension,
    embed: async (texts) => {
      asked.push(...texts)
      return texts.map((text) => float32([text.length, text.charCodeAt(0)]))
    },
  }
  return { embedder, asked }
}

/** An embedder that does something else than it should. */
const faulty = (embed: () => unknown): Embedder => ({
  name: 'faulty',
  dimension: 4,
  embed: embed as Embedder['embed'],
})

export const embeddingsContract = (open: OpenStore): void => {
  describe('embeddings', () => {
    const store = sharedStore(open)
    const odd = [1.1, -2.2, 3.3e-10, 4.4e30]
    const atOddOffset = (): Float32Array => {
      const padded = float32([9, ...odd, 9])
      return new Float32Array(padded.buffer, 4, 4)
    }

    it.each<[string, () => EmbeddingInput]>([
      ['a list of numbers', () => odd],
      ['a Float32Array', () => float32(odd)],
      ['a view at an odd offset', atOddOffset],
      ['a frozen list', () => Object.freeze([...odd])],
    ])('%s comes out as a Float32Array of the same single-precision values', async (_title, make) => {
      const hive = await store.collective()
      const { id } = await hive.record(experience({ embedding: make() }))
      const found = (await hive.get(id))?.embedding
      expect(found).toBeInstanceOf(Float32Array)
      expect(found).toEqual(float32(odd))
      const { results } = await hive.search({ embedding: make() })
      expect(results[0]?.similarity).toBe(1)
    })

    it('what the caller does to his objects after the call changes nothing', async () => {
      const hive = await store.collective({ dimension: 64, embedder: 'hashing' })
      const vector = () => float32(Array.from({ length: 64 }, (_, n) => n + 1))
      const given = { ...experience({ embedding: vector() }), domain: ['before'], type: { kind: 'generic' as const } }
      const mixed = experience({ embedding: vector() })
      const texts = [{ content: 'one', domain: ['before'] }, mixed]
      const filter = { domains: ['before'] }
      const calls = [hive.record(given), hive.recordMany([given]), hive.recordMany(texts)] as const
      const searching = hive.search({ embedding: given.embedding, filter })
      ;(given.embedding as Float32Array).fill(-1)
      given.domain[0] = 'after'
      given.content = 'after'
      ;(texts[0]!.domain as string[])[0] = 'after'
      ;(texts[0] as { content: string }).content = 'after'
      ;(mixed.embedding as Float32Array).fill(-1)
      filter.domains[0] = 'after'
      const [{ id }, { ids }, { ids: embedded }] = await Promise.all(calls)
      for (const found of await hive.getMany([id, ...ids], { include: ['embedding'] })) {
        expect(found).toMatchObject({ content: experience().content, domain: ['before'] })
        expect(found?.embedding).toEqual(vector())
      }
      const [text, beside] = await hive.getMany(embedded, { include: ['embedding'] })
      expect(text).toMatchObject({ content: 'one', domain: ['before'] })
      expect(beside?.embedding).toEqual(vector())
      await searching
    })

    it('what the caller does to what he got changes nothing', async () => {
      const hive = await store.collective()
      const { id } = await hive.record(experience({ embedding: odd, domain: ['d'] }))
      const include = ['embedding'] as const
      const seen = [
        await hive.get(id),
        ...(await hive.getMany([id], { include })),
        ...(await hive.list({ include })).items,
        ...(await hive.recent({ include })),
        ...(await hive.search({ embedding: odd, include })).results.map((hit) => hit.experience),
      ]
      for (const found of seen) {
        found?.embedding?.fill(0.5)
        ;(found?.domain as string[])[0] = 'mine'
      }
      expect(await hive.get(id)).toMatchObject({ embedding: float32(odd), domain: ['d'] })
      expect((await hive.search({ embedding: odd })).results[0]?.similarity).toBe(1)
    })

    it.each<[string, unknown, string]>([
      ['a text', '1,2,3,4', 'embedding'],
      ['a list with a text in it', [1, 2, '3', 4], 'embedding[2]'],
      ['a list with a hole', [1, 2, undefined, 4], 'embedding[2]'],
      ['doubles', Float64Array.of(1, 2, 3, 4), 'embedding'],
      ['a number', 4, 'embedding'],
      ['a map', { 0: 1, length: 4 }, 'embedding'],
    ])('P10 %s is no embedding', async (_title, embedding, field) => {
      const hive = await store.collective()
      const given = embedding as EmbeddingInput
      await expectRefusal(hive.record(experience({ embedding: given })), 'INVALID_FIELD', field)
      await expectRefusal(
        hive.recordMany([experience({ embedding: given })]),
        'INVALID_FIELD',
        `experiences[0].${field}`,
      )
      await expectRefusal(hive.search({ embedding: given }), 'INVALID_FIELD', field)
    })

    it.each<[string, unknown]>([
      ['a name that there is not', 'vectors'],
      ['one embedding too many', ['embedding', 'embedding']],
      ['another field', ['content']],
    ])('P10 include: %s is refused', async (_title, include) => {
      const hive = await store.collective()
      const options = { include: include as ['embedding'] }
      const calls = [hive.list(options), hive.recent({}, options), hive.getMany([], options)]
      for (const { details } of await Promise.all(calls.map((call) => refusal(call))))
        expect(details.field).toMatch(/^include/)
    })
  })

  describe('embedders', () => {
    const store = sharedStore(open)

    it('hashing: texts are embedded when they are recorded and searched, and equal texts meet', async () => {
      const hive = await store.collective({ dimension: 128, embedder: 'hashing' })
      expect(hive.info.embedder).toBe('hashing-1')
      const { ids } = await hive.recordMany([
        { content: 'settlement runs are booked the next day' },
        { content: 'the ledger is written in order' },
        { content: 'bees dance', embedding: new Float32Array(128).fill(1) },
      ])
      const { results } = await hive.search({ text: 'settlement runs are booked the next day', k: 2 })
      expect([results[0]?.experience.id, results[0]?.similarity]).toEqual([ids[0], 1])
      const [expected] = await hashingEmbedder({ dimension: 128 }).embed(['the ledger is written in order'])
      expect((await hive.get(ids[1]!))?.embedding).toEqual(expected)
      expect((await hive.get(ids[2]!))?.embedding).toEqual(new Float32Array(128).fill(1))
    })

    it('an embedding that is given is not made of the text, and null counts as absent', async () => {
      const { embedder, asked } = lengthEmbedder('length-of-some')
      const hive = await store.collective({ dimension: 2, embedder })
      await hive.record({ content: 'a', embedding: [1, 0] })
      await hive.record({ content: 'bb', embedding: null as never })
      const { results } = await hive.search({ text: 'never asked', embedding: [1, 0] })
      expect(results[0]?.experience.content).toBe('a')
      expect(asked).toEqual(['bb'])
    })

    it('a custom embedder is asked once a call, and its vectors are kept', async () => {
      const { embedder, asked } = lengthEmbedder('length-of-many')
      const hive = await store.collective({ dimension: 2, embedder })
      const { ids } = await hive.recordMany([
        { content: 'one' },
        { content: 'three', embedding: [9, 9] },
        { content: 'two!' },
      ])
      const found = await hive.getMany(ids, { include: ['embedding'] })
      expect(found.map((item) => [...(item?.embedding ?? [])])).toEqual([
        [3, 111],
        [9, 9],
        [4, 116],
      ])
      expect(asked).toEqual(['one', 'two!'])
    })

    it('the name is kept over a restart; without the embedder texts are refused', async () => {
      await withStore(open, async (own) => {
        const { embedder } = lengthEmbedder()
        const made = await own.waggle.createCollective({ name: 'texts', dimension: 2, embedder })
        await made.record({ content: 'one' })
        const without = await (await own.reopen()).collective('texts')
        expect(without.info.embedder).toBe('length-1')
        await expectRefusal(without.record({ content: 'two' }), 'EMBEDDER_NOT_FOUND', 'embedder')
        await expectRefusal(without.search({ text: 'two' }), 'EMBEDDER_NOT_FOUND', 'embedder')
        await without.record({ content: 'two', embedding: [3, 116] })
        const again = await (await own.reopen({ embedders: [embedder] })).collective('texts')
        const { id } = await again.record({ content: 'three' })
        expect(idsOf(await again.recent({ limit: 1 }))).toEqual([id])
        expect((await again.search({ text: 'three' })).results[0]?.similarity).toBe(1)
      })
    })

    it('test_record_experience_missing_embedding_rejected_for_external: a search may have a text instead', async () => {
      const hive = await store.collective()
      await expectRefusal(hive.record({ content: 'x' }), 'REQUIRED_FIELD', 'embedding')
      expect((await hive.search({ text: 'x' })).results).toEqual([])
      const { details } = await expectRefusal(hive.search({}), 'REQUIRED_FIELD', 'embedding')
      expect(details.or).toBe('text')
    })

    it.each<[string, unknown]>([
      ['empty', ''],
      ['a number', 5],
      ['a list', ['x']],
    ])('P10 a text that is %s is refused', async (_title, text) => {
      const hive = await store.collective({ dimension: 64, embedder: 'hashing' })
      await expectRefusal(hive.search({ text: text as string }), 'INVALID_FIELD', 'text')
    })

    it('missing text: a content that is empty is named, not its embedding', async () => {
      const hive = await store.collective({ dimension: 64, embedder: 'hashing' })
      await expectRefusal(hive.record({ content: '' }), 'REQUIRED_FIELD', 'content')
      await expectRefusal(
        hive.recordMany([{ content: 'x' }, { content: '' }]),
        'REQUIRED_FIELD',
        'experiences[1].content',
      )
    })

    it.each<[string, unknown, number, string]>([
      ['unknown', 'minilm', 384, 'EMBEDDER_NOT_FOUND'],
      ['a long name of none', 'n'.repeat(5000), 384, 'EMBEDDER_NOT_FOUND'],
      ['hashing below its smallest dimension', 'hashing', 63, 'EMBEDDER_NOT_FOUND'],
      ['one of another dimension', lengthEmbedder('length-3', 3).embedder, 4, 'DIMENSION_MISMATCH'],
      ['one without a name', { dimension: 4, embed: async () => [] }, 4, 'INVALID_FIELD'],
      ['one without a dimension', { name: 'x', embed: async () => [] }, 4, 'INVALID_FIELD'],
      ['one that cannot embed', { name: 'x', dimension: 4 }, 4, 'INVALID_FIELD'],
      ['a function', () => [], 4, 'INVALID_FIELD'],
      ['a number', 7, 4, 'INVALID_FIELD'],
      ['a list', [], 4, 'INVALID_FIELD'],
    ])('P10 an embedder that is %s is refused', async (_title, embedder, dimension, code) => {
      const input = { name: 'refused', dimension, embedder: embedder as Embedder }
      await expectRefusal(store.waggle.createCollective(input), code, 'embedder')
      await expectRefusal(store.waggle.getOrCreateCollective(input), code, 'embedder')
    })

    it.each<[string, () => unknown, string, string]>([
      ['throws', () => Promise.reject(new Error('no model')), 'EMBEDDER_FAILED', 'embedder'],
      [
        'throws at once',
        () => {
          throw new TypeError('no model')
        },
        'EMBEDDER_FAILED',
        'embedder',
      ],
      ['gives nothing', () => undefined, 'EMBEDDER_FAILED', 'embedder'],
      ['gives no vector', async () => [], 'EMBEDDER_FAILED', 'embedder'],
      ['gives one too many', async () => [float32([1, 0, 0, 0]), float32([1, 0, 0, 0])], 'EMBEDDER_FAILED', 'embedder'],
      ['gives a vector of another dimension', async () => [float32([1, 0, 0])], 'DIMENSION_MISMATCH', 'embedding'],
      ['gives a zero vector', async () => [new Float32Array(4)], 'INVALID_FIELD', 'embedding'],
      ['gives NaN', async () => [float32([1, NaN, 0, 0])], 'INVALID_FIELD', 'embedding[1]'],
    ])('P10 an embedder that %s fails the call, and nothing is written', async (_title, embed, code, field) => {
      await withStore(open, async ({ waggle }) => {
        const hive = await waggle.createCollective({ name: 'x', dimension: 4, embedder: faulty(embed) })
        await expectRefusal(hive.record({ content: 'x' }), code, field)
        await expectRefusal(hive.search({ text: 'x' }), code, field)
        expect((await hive.stats()).experienceCount).toBe(0)
        expect((await hive.record(experience())).id).toBeDefined()
      })
    })
  })
}
