/** PulseDB's `tests/pulsevision_apis.rs` (but its watch cases) and `tests/property_tests.rs`. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Cases, ParityCase } from './parity-store.ts'
import {
  createCollective,
  expectRefusal,
  foundIds,
  idsOf,
  newExperience,
  read,
  record,
  recordMany,
  relate,
  search,
  storeInsight,
  vectorOf,
} from './samples.ts'

/** PulseDB runs 50 cases of each property. */
const RUNS = { numRuns: 50, seed: 7 }

const unit = fc.float({ min: 0, max: 1, noNaN: true })

export const readingParity = (it: Cases): void => {
  readOnly(it)
  lists(it)
  properties(it)
}

const readOnly = (it: Cases): void => {
  it.reopening('pulsevision_apis.rs test_read_only_config: off unless it is asked for', async (given) => {
    await record(given)
    await given.store.reopen({ readOnly: true })
    await expectRefusal(record(given), 'READ_ONLY')
    await given.store.reopen()
    await record(given)
  })

  it.reopening('pulsevision_apis.rs test_read_only_blocks_mutations: every one of them', async (given) => {
    const { call, collective, store } = given
    const id = await record(given)
    await store.reopen({ readOnly: true })
    await expectRefusal(call('collective.create', { name: 'a', dimension: 4 }), 'READ_ONLY')
    await expectRefusal(call('experience.record', newExperience(collective)), 'READ_ONLY')
    await expectRefusal(call('collective.delete', { collective }), 'READ_ONLY')
    // PulseDB still writes these two.
    await expectRefusal(call('activity.register', { collective, agent: 'agent-1' }), 'READ_ONLY')
    await expectRefusal(call('activity.end', { collective, agent: 'agent-1' }), 'READ_ONLY')
    expect((await read(given, id)).version).toBe(1)
  })

  it.reopening('pulsevision_apis.rs test_read_only_allows_reads: and refuses to reinforce', async (given) => {
    const { call, collective, store } = given
    const id = await record(given, { importance: 0.5 })
    await store.reopen({ readOnly: true })
    expect((await read(given, id)).id).toBe(id)
    expect(idsOf((await call('experience.list', { collective })).items)).toEqual([id])
    expect((await call('collective.list')).items).toHaveLength(1)
    expect(await call('experience.energy', { collective, id })).toMatchObject({ energy: 0.5 })
    expect(foundIds(await search(given))).toEqual([id])
    await expectRefusal(call('experience.reinforce', { collective, id }), 'READ_ONLY')
  })

  it.reopening('pulsevision_apis.rs test_read_only_error_display: the code, the kind, the words', async (given) => {
    await given.store.reopen({ readOnly: true })
    const fault = await expectRefusal(record(given), 'READ_ONLY')
    expect(fault.kind).toBe('denied')
    expect(fault.message).toContain('read')
  })
}

const lists = (it: Cases): void => {
  it('pulsevision_apis.rs test_list_experiences_basic: 5 with vectors', async (given) => {
    const ids = await recordMany(given, 5)
    const { items } = await given.call('experience.list', { collective: given.collective, include: ['embedding'] })
    expect(idsOf(items)).toEqual(ids)
    expect(items.map(({ embedding }) => embedding)).toEqual(ids.map((_, index) => vectorOf(index)))
  })

  it('pulsevision_apis.rs test_list_experiences_pagination: of 3, disjoint; none beyond the end', async (given) => {
    const ids = await recordMany(given, 5)
    const page = async (offset: number) =>
      idsOf((await given.call('experience.list', { collective: given.collective, limit: 3, offset })).items)
    expect([await page(0), await page(3)]).toEqual([ids.slice(0, 3), ids.slice(3)])
    expect(await page(5)).toEqual([])
  })

  it('pulsevision_apis.rs test_list_relations: both', async (given) => {
    const [a, b, c] = await recordMany(given, 3)
    const relations = [await relate(given, { source: a, target: b }), await relate(given, { source: b, target: c })]
    expect(idsOf((await given.call('relation.list', { collective: given.collective })).items)).toEqual(relations)
  })

  it('pulsevision_apis.rs test_list_insights: the one', async (given) => {
    const id = await storeInsight(given, { sources: [await record(given)] })
    expect(idsOf((await given.call('insight.list', { collective: given.collective })).items)).toEqual([id])
  })
}

const properties = (it: Cases): void => {
  it('property_tests.rs prop_search_never_returns_more_than_k: of 20, for any k', async (given) => {
    await recordMany(given, 20)
    const k = fc.integer({ min: 1, max: 49 })
    const property = fc.asyncProperty(k, fc.nat(1_000), async (count, seed) => {
      const hits = await search(given, { k: count, embedding: vectorOf(seed) })
      expect(hits).toHaveLength(Math.min(count, 20))
    })
    await fc.assert(property, RUNS)
  })

  it('property_tests.rs prop_importance_preserved_in_range: the stored value is equal', async (given) => {
    const property = fc.asyncProperty(unit, async (importance) => {
      expect((await read(given, await record(given, { importance }))).importance).toBe(importance + 0)
    })
    await fc.assert(property, RUNS)
  })

  it('property_tests.rs prop_confidence_preserved_in_range: the stored value is equal', async (given) => {
    const property = fc.asyncProperty(unit, async (confidence) => {
      expect((await read(given, await record(given, { confidence }))).confidence).toBe(confidence + 0)
    })
    await fc.assert(property, RUNS)
  })

  it('property_tests.rs prop_content_roundtrips: any text, not only letters', async (given) => {
    const texts = fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' })
    const property = fc.asyncProperty(texts, async (content) => {
      expect((await read(given, await record(given, { content }))).content).toBe(content)
    })
    await fc.assert(property, RUNS)
  })

  it('property_tests.rs prop_collective_isolation: search never crosses over', async (given) => {
    const other = { ...given, collective: await createCollective(given) }
    const [ours, theirs] = [await recordMany(given, 10), await recordMany(other, 10)]
    const property = fc.asyncProperty(fc.nat(1_000), fc.integer({ min: 1, max: 20 }), async (seed, k) => {
      const asked = { k, embedding: vectorOf(seed) }
      for (const id of foundIds(await search(given, asked))) expect(ours).toContain(id)
      for (const id of foundIds(await search(other, asked))) expect(theirs).toContain(id)
    })
    await fc.assert(property, RUNS)
  })

  it('property_tests.rs prop_archived_excluded_from_search: for any of 10', async (given) => {
    const ids = await recordMany(given, 10)
    const masks = fc.array(fc.boolean(), { minLength: 10, maxLength: 10 })
    const property = fc.asyncProperty(masks, async (mask) => {
      await archiveBy(given, ids, mask)
      const found = [...foundIds(await search(given, { k: 10 }))].sort()
      expect(found).toEqual(ids.filter((_, index) => !mask[index]).sort())
    })
    await fc.assert(property, RUNS)
  })

  it('property_tests.rs prop_relations_are_directional: outgoing there, incoming here, nowhere else', async (given) => {
    const property = fc.asyncProperty(fc.nat(1_000), async (seed) => {
      const [a, b] = await recordMany(given, 2, (index) => ({ embedding: vectorOf(seed + index) }))
      const id = await relate(given, { source: a, target: b })
      const seen = async (end: string | undefined, direction: string) => {
        const { items } = await given.call('relation.related', { collective: given.collective, id: end, direction })
        return items.map(({ relation }) => relation.id)
      }
      expect([await seen(a, 'outgoing'), await seen(b, 'incoming')]).toEqual([[id], [id]])
      expect([await seen(a, 'incoming'), await seen(b, 'outgoing')]).toEqual([[], []])
    })
    await fc.assert(property, RUNS)
  })
}

/** In one batch, so that fifty rounds stay quick. */
const archiveBy = async (
  { call, collective }: ParityCase,
  ids: readonly string[],
  mask: readonly boolean[],
): Promise<void> => {
  const commands = ids.map((id, index) => ({
    operation: mask[index] ? 'experience.archive' : 'experience.unarchive',
    id,
  }))
  await call('batch.commit', { collective, commands })
}
