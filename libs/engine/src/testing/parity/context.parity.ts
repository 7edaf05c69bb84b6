/** PulseDB's `tests/context_candidates.rs` and `src/search/context.rs`. */
import type { ResultOf } from '@waggle/protocol'
import { expect } from 'vitest'
import type { Cases, ParityCase } from './parity-store.ts'
import {
  axis,
  between,
  expectAbsent,
  expectDescending,
  expectInvalid,
  foundIds,
  idsOf,
  record,
  recordMany,
  register,
  relate,
  storeInsight,
  unknownId,
  vectorOf,
} from './samples.ts'

const contextOf = async ({ call, collective }: ParityCase, fields: object = {}): Promise<ResultOf<'context.get'>> =>
  call('context.get', { collective, embedding: vectorOf(0), ...fields })

export const contextParity = (it: Cases): void => {
  it('context_candidates.rs test_context_includes_similar: as many as asked, best first', async (given) => {
    await recordMany(given, 10)
    const { similar } = await contextOf(given, { maxSimilar: 5 })
    expect(similar).toHaveLength(5)
    expectDescending(similar.map(({ similarity }) => similarity!))
  })

  it('context_candidates.rs test_context_includes_recent: as many as asked, newest first', async (given) => {
    const ids: string[] = []
    for (let seed = 0; seed < 6; seed += 1) {
      ids.push(await record(given, { embedding: vectorOf(seed) }))
      given.store.advance(2)
    }
    const { recent } = await contextOf(given, { maxRecent: 4 })
    expect(idsOf(recent)).toEqual(ids.slice(-4).toReversed())
    expectDescending(recent.map(({ createdAt }) => createdAt))
  })

  it('context_candidates.rs test_context_includes_insights: the stored one', async (given) => {
    const id = await storeInsight(given, { sources: [await record(given)] })
    expect(idsOf((await contextOf(given)).insights)).toEqual([id])
  })

  it('context_candidates.rs test_context_includes_relations: of an experience that is returned', async (given) => {
    const [source, target] = await recordMany(given, 2)
    const id = await relate(given, { source, target })
    expect(idsOf((await contextOf(given)).relations)).toEqual([id])
  })

  it('context_candidates.rs test_context_includes_active_agents: the registered one', async (given) => {
    await register(given, 'agent-1')
    const { activeAgents } = await contextOf(given)
    expect(activeAgents.map(({ agent }) => agent)).toEqual(['agent-1'])
  })

  it('context_candidates.rs test_context_respects_flags: three false, three empty lists', async (given) => {
    const [source, target] = await recordMany(given, 2)
    await relate(given, { source, target })
    await storeInsight(given, { sources: [source] })
    await register(given, 'agent-1')
    const flags = { includeInsights: false, includeRelations: false, includeActiveAgents: false }
    const context = await contextOf(given, flags)
    expect(context).toMatchObject({ insights: [], relations: [], activeAgents: [] })
    expect([context.similar.length, context.recent.length]).toEqual([2, 2])
  })

  it('context_candidates.rs test_context_respects_filters: in what is similar and in what is recent', async (given) => {
    const ids = await recordMany(given, 8, (index) => ({
      ...{ domain: [index % 2 === 0 ? 'rust' : 'python'], importance: index < 4 ? 0.9 : 0.1 },
    }))
    const filter = { domains: ['rust'], minImportance: 0.5 }
    const { similar, recent } = await contextOf(given, { filter })
    expect([...foundIds(similar)].sort()).toEqual([ids[0]!, ids[2]!].sort())
    expect(idsOf(recent)).toEqual([ids[2], ids[0]])
  })

  it('context_candidates.rs test_context_empty_collective: five empty lists', async (given) => {
    const { similar, recent, insights, relations, activeAgents } = await contextOf(given)
    expect([similar, recent, insights, relations, activeAgents]).toEqual([[], [], [], [], []])
  })

  it('context_candidates.rs test_context_validation_dimension_mismatch: the message says dimension', async (given) => {
    const asking = contextOf(given, { embedding: vectorOf(1, 768) })
    const { message } = await expectInvalid(asking, 'DIMENSION_MISMATCH', 'embedding')
    expect(message).toContain('dimension')
  })

  it('context_candidates.rs test_context_validation_invalid_limits: 0 and 1,001, of both', async (given) => {
    for (const field of ['maxSimilar', 'maxRecent'])
      for (const limit of [0, 1_001]) await expectInvalid(contextOf(given, { [field]: limit }), 'INVALID_FIELD', field)
    await contextOf(given, { maxSimilar: 1_000, maxRecent: 1_000 })
  })

  it('context_candidates.rs test_context_validation_nonexistent_collective: absent', async ({ call }) => {
    const asking = call('context.get', { collective: unknownId(), embedding: vectorOf(1) })
    await expectAbsent(asking, 'collective')
  })

  it('context_candidates.rs test_context_relations_deduplicated: each once', async (given) => {
    const [a, b, c] = await recordMany(given, 3)
    const ids = [await relate(given, { source: a, target: b }), await relate(given, { source: b, target: c })]
    const { similar, recent, relations } = await contextOf(given)
    expect([similar.length, recent.length]).toEqual([3, 3])
    expect([...idsOf(relations)].sort()).toEqual(ids.sort())
  })

  it('src/search/context.rs test_context_request_default_values: 20 similar, 10 recent, all lists', async (given) => {
    const ids = await recordMany(given, 25)
    await relate(given, { source: ids[24], target: ids[23] })
    await storeInsight(given, { sources: [ids[0]] })
    await register(given, 'agent-1')
    const context = await contextOf(given)
    const { similar, recent, insights, relations, activeAgents } = context
    const lengths = [similar, recent, insights, relations, activeAgents].map(({ length }) => length)
    expect(lengths).toEqual([20, 10, 1, 1, 1])
  })

  it('src/search/context.rs test_context_request_clone_and_debug: asking twice gives the same twice', async (given) => {
    await recordMany(given, 5)
    const asked = { maxSimilar: 3, maxRecent: 2, filter: { minImportance: 0.1 } }
    const [first, second] = [await contextOf(given, asked), await contextOf(given, asked)]
    expect(second).toEqual(first)
  })

  it('src/search/context.rs test_context_candidates_clone_and_debug: what is in it, and no more', async (given) => {
    const context = await contextOf(given)
    const names = ['activeAgents', 'insights', 'recent', 'relations', 'similar', 'token']
    expect(Object.keys(context).sort()).toEqual(names)
  })

  it('src/search/context.rs context_candidates_energy_reranks_fresh_ahead: where energy is weighed', async (given) => {
    const stale = await record(given, { embedding: axis(0), importance: 1 })
    given.store.advance(365 * 24 * 60 * 60 * 1_000)
    const fresh = await record(given, { embedding: between(0.95), importance: 1 })
    const similarOf = async (fields: object) =>
      foundIds((await contextOf(given, { embedding: axis(0), ...fields })).similar)
    expect(await similarOf({})).toEqual([stale, fresh])
    expect(await similarOf({ weights: { similarity: 0.5, energy: 0.5 } })).toEqual([fresh, stale])
  })
}
