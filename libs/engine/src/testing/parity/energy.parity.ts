/** PulseDB's `src/experience/decay.rs`, `src/search/rerank.rs` and what of `src/config.rs` is behaviour. */
import { DECAY_DEFAULT, type DecayConfig, type ExperienceId, type SearchHit } from '@waggle/protocol'
import { expect } from 'vitest'
import { DEFAULT_SETTINGS } from '../../settings.ts'
import type { Cases, ParityCase } from './parity-store.ts'
import {
  axis,
  between,
  createCollective,
  expectDescending,
  expectInvalid,
  foundIds,
  read,
  record,
  recordMany,
  search,
  vectorOf,
} from './samples.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const HALF = { similarity: 0.5, energy: 0.5 }

const energyOf = async ({ call, collective }: ParityCase, id: string, fields: object = {}): Promise<number> =>
  (await call('experience.energy', { collective, id, ...fields })).energy

const setDecay = async ({ call, collective }: ParityCase, decay: Partial<DecayConfig>): Promise<void> => {
  await call('collective.update', { collective, decay })
}

const reinforce = async ({ call, collective }: ParityCase, id: string, times = 1): Promise<void> => {
  for (let count = 0; count < times; count += 1) await call('experience.reinforce', { collective, id })
}

/** An old record that is near the first axis, and a fresh one that is a little farther from it. */
const staleAndFresh = async (given: ParityCase): Promise<readonly [stale: ExperienceId, fresh: ExperienceId]> => {
  const stale = await record(given, { embedding: axis(0), importance: 1 })
  given.store.advance(180 * DAY_MS)
  const fresh = await record(given, { embedding: between(0.9), importance: 1 })
  return [stale, fresh]
}

const nearAxis = (given: ParityCase, fields: object = {}): Promise<readonly SearchHit[]> =>
  search(given, { embedding: axis(0), ...fields })

/** Twenty records of different vectors, importances and ages. */
const mixed = async (given: ParityCase): Promise<void> => {
  for (let round = 0; round < 4; round += 1) {
    await recordMany(given, 5, (index) => ({
      embedding: vectorOf(round * 5 + index),
      importance: ((index * 3) % 5) / 4,
    }))
    given.store.advance(10 * DAY_MS)
  }
}

export const energyParity = (it: Cases): void => {
  decay(it)
  defaults(it)
  weighing(it)
  blending(it)
  config(it)
}

const decay = (it: Cases): void => {
  it('src/experience/decay.rs energy_uses_unit_frequency_boost_for_zero_applications_at_t0', async (given) => {
    for (const importance of [0, 0.3, 1])
      expect(await energyOf(given, await record(given, { importance }))).toBe(Math.fround(importance))
  })

  it('src/experience/decay.rs energy_is_always_clamped_to_unit_interval: however often reinforced', async (given) => {
    const id = await record(given, { importance: 1 })
    await reinforce(given, id, 20)
    expect(await energyOf(given, id)).toBe(1)
    given.store.advance(100_000 * DAY_MS)
    expect(await energyOf(given, id)).toBe(0)
  })

  it('src/experience/decay.rs energy_monotonically_decreases_as_time_advances: by halves', async (given) => {
    const id = await record(given, { importance: 0.8 })
    const start = given.store.nowMs()
    const energies: number[] = []
    for (const days of [0, 1, 15, 30, 60, 365]) energies.push(await energyOf(given, id, { now: start + days * DAY_MS }))
    expectDescending(energies)
    expect(new Set(energies).size).toBe(energies.length)
    expect(energies[3]).toBeCloseTo(0.4, 6)
    // Time that lies before the last reinforcement counts as none.
    expect(await energyOf(given, id, { now: start - DAY_MS })).toBe(Math.fround(0.8))
  })

  it('src/experience/decay.rs energy_increases_after_reinforcement_below_saturation: by the formula', async (given) => {
    const id = await record(given, { importance: 0.5 })
    given.store.advance(10 * DAY_MS)
    const before = await energyOf(given, id)
    await reinforce(given, id)
    expect(await energyOf(given, id)).toBeGreaterThan(before)
    expect(await energyOf(given, id)).toBeCloseTo(0.5 * (1 + 0.25 * Math.log(2)), 6)
  })
}

const defaults = (it: Cases): void => {
  it('src/search/rerank.rs beta_zero_request_matches_legacy_despite_weighted_collective_default', async (given) => {
    await mixed(given)
    const plain = await search(given, { k: 20 })
    await setDecay(given, { weights: HALF })
    expect(await search(given, { k: 20, weights: { similarity: 1, energy: 0 } })).toEqual(plain)
  })

  it('src/search/rerank.rs absent_weights_without_collective_default_match_legacy: exactly', async (given) => {
    await mixed(given)
    const plain = await search(given, { k: 20, weights: { similarity: 1, energy: 0 } })
    expect(await search(given, { k: 20 })).toEqual(plain)
    expectDescending(plain.map(({ similarity }) => similarity!))
    for (const hit of plain) expect(hit).not.toHaveProperty('energy')
  })

  it('src/search/rerank.rs absent_request_uses_collective_default_and_diverges_from_legacy: it does', async (given) => {
    const [stale, fresh] = await staleAndFresh(given)
    expect(foundIds(await nearAxis(given))).toEqual([stale, fresh])
    await setDecay(given, { weights: HALF })
    expect(foundIds(await nearAxis(given))).toEqual([fresh, stale])
  })

  it.reopening(
    'src/search/rerank.rs global_config_default_recall_weights_apply_without_stored_override: but for it',
    async (given) => {
      const [stale, fresh] = await staleAndFresh(given)
      await given.store.reopen({ settings: { ...DEFAULT_SETTINGS, decay: { ...DECAY_DEFAULT, weights: HALF } } })
      expect(foundIds(await nearAxis(given))).toEqual([fresh, stale])
      await setDecay(given, { weights: { similarity: 1, energy: 0 } })
      expect(foundIds(await nearAxis(given))).toEqual([stale, fresh])
    },
  )

  it('src/search/rerank.rs resolve_absent_request_uses_collective_default: and says the energy', async (given) => {
    const id = await record(given, { embedding: axis(0), importance: 0.5 })
    await setDecay(given, { weights: HALF })
    expect(await nearAxis(given)).toMatchObject([{ experience: { id }, similarity: 1, energy: 0.5, score: 0.75 }])
  })

  it('src/search/rerank.rs resolve_request_overrides_collective_default: the request’s count', async (given) => {
    await record(given, { embedding: axis(0), importance: 0.5 })
    await setDecay(given, { weights: HALF })
    const [hit] = await nearAxis(given, { weights: { similarity: 0.25, energy: 0.75 } })
    expect(hit?.score).toBeCloseTo(0.25 + 0.75 * 0.5, 6)
  })
}

const weighing = (it: Cases): void => {
  it('src/search/rerank.rs pinned_stale_fresh_fixture_flips_only_when_energy_weighted: it does', async (given) => {
    const [stale, fresh] = await staleAndFresh(given)
    expect(foundIds(await nearAxis(given))).toEqual([stale, fresh])
    expect(foundIds(await nearAxis(given, { weights: { similarity: 1, energy: 0 } }))).toEqual([stale, fresh])
    expect(foundIds(await nearAxis(given, { weights: HALF }))).toEqual([fresh, stale])
  })

  it('src/search/rerank.rs energy_scenario_captures_decay_and_reinforcement_boost: it lifts', async (given) => {
    const [stale, fresh] = await staleAndFresh(given)
    await reinforce(given, stale, 3)
    const hits = await nearAxis(given, { weights: HALF })
    expect(foundIds(hits)).toEqual([stale, fresh])
    expect((await read(given, stale)).applications).toBe(3)
  })

  it('src/search/rerank.rs archived_experiences_stay_excluded_under_energy_weighting: they do', async (given) => {
    const [stale, fresh] = await staleAndFresh(given)
    await given.call('experience.archive', { collective: given.collective, id: fresh })
    expect(foundIds(await nearAxis(given, { weights: HALF }))).toEqual([stale])
  })

  it('src/search/rerank.rs beta_zero_predicate_covers_none_and_explicit_legacy: both are plain', async (given) => {
    const [stale] = await staleAndFresh(given)
    for (const fields of [{}, { weights: { similarity: 1, energy: 0 } }]) {
      const [hit] = await nearAxis(given, fields)
      expect(hit?.experience.id).toBe(stale)
      expect(hit?.score).toBe(hit?.similarity)
    }
  })

  it('src/search/rerank.rs invalid_request_weights_err: before the collective is looked up', async (given) => {
    const wrong = [
      ...[
        { similarity: 0.5, energy: 0.6 },
        { similarity: -0.1, energy: 1.1 },
        { similarity: NaN, energy: 1 },
      ],
      ...[
        { similarity: Infinity, energy: -Infinity },
        { similarity: 0.5, energy: 0.5002 },
      ],
    ]
    for (const weights of wrong) {
      await expectInvalid(nearAxis(given, { weights }), 'INVALID_FIELD', 'weights')
      const absent = { ...given, collective: '0190b2c0-1111-7abc-8def-0123456789ab' as typeof given.collective }
      await expectInvalid(nearAxis(absent, { weights }), 'INVALID_FIELD', 'weights')
    }
    await nearAxis(given, { weights: { similarity: 0.5, energy: 0.50005 } })
  })

  it('src/search/rerank.rs weighted_search_recall_at_k_above_threshold: all 10 of 256', async (given) => {
    await recordMany(given, 256, (index) => ({ embedding: vectorOf(index), importance: 0.35 + (index % 100) / 200 }))
    const weights = { similarity: 0.3, energy: 0.7 }
    for (const seed of [1_000, 1_001, 1_002]) {
      const all = await search(given, { k: 256, embedding: vectorOf(seed), weights })
      const ten = await search(given, { k: 10, embedding: vectorOf(seed), weights })
      const byScore = [...all].sort((left, right) => right.score - left.score)
      expect(foundIds(ten)).toEqual(foundIds(byScore.slice(0, 10)))
    }
  })
}

const blending = (it: Cases): void => {
  it('src/search/rerank.rs blend_identity_similarity: 1 and 0 give the similarity', async (given) => {
    await record(given, { embedding: between(0.6), importance: 0.25 })
    const [hit] = await nearAxis(given, { weights: { similarity: 1, energy: 0 } })
    expect(hit?.score).toBe(hit?.similarity)
    expect(hit?.similarity).toBeCloseTo(0.6, 6)
  })

  it('src/search/rerank.rs blend_identity_energy: 0 and 1 give the energy', async (given) => {
    await record(given, { embedding: between(0.6), importance: 0.25 })
    const [hit] = await nearAxis(given, { weights: { similarity: 0, energy: 1 } })
    expect(hit).toMatchObject({ score: 0.25, energy: 0.25 })
    expect(hit?.similarity).toBeCloseTo(0.6, 6)
  })

  it('src/search/rerank.rs blend_clamps_negative_similarity: it counts as 0, and is shown as it is', async (given) => {
    await record(given, { embedding: axis(0).map((component) => -component), importance: 0.5 })
    const [hit] = await nearAxis(given, { weights: HALF })
    expect(hit).toMatchObject({ similarity: -1, score: 0.25 })
  })

  it('src/search/rerank.rs rerank_sorts_desc_truncates_and_preserves_ties: by similarity, then id', async (given) => {
    // Four of one direction: equal in score, so their ids decide; one beyond k is cut off.
    const ids = await recordMany(given, 4, () => ({ embedding: axis(0), importance: 0.5 }))
    const best = await record(given, { embedding: axis(0), importance: 1 })
    const hits = await nearAxis(given, { k: 4, weights: HALF })
    expect(foundIds(hits)).toEqual([best, ...[...ids].sort().slice(0, 3)])
    expectDescending(hits.map(({ score }) => score))
  })
}

const config = (it: Cases): void => {
  it('src/config.rs test_default_config: PulseDB’s figures', async (given) => {
    expect(DEFAULT_SETTINGS).toEqual({ decay: DECAY_DEFAULT, activityStaleMs: 300_000 })
    const { collective } = await given.call('collective.get', { collective: given.collective })
    expect(collective?.dimension).toBe(384)
  })

  it('src/config.rs test_with_external_embeddings: where no embedder is named, 768', async (given) => {
    const other = { ...given, collective: await createCollective(given, { dimension: 768 }) }
    await expectInvalid(record(other, { embedding: undefined }), 'REQUIRED_FIELD', 'embedding')
    await record(other, { embedding: vectorOf(1, 768) })
  })

  it('src/config.rs test_validate_success: what is in range is taken', async (given) => {
    const decay = { halfLifeMs: 1, freqWeight: 0, floor: 1, weights: { similarity: 0.7, energy: 0.3 } }
    await setDecay(given, decay)
    const { collective } = await given.call('collective.get', { collective: given.collective })
    expect(collective?.decay).toEqual(decay)
  })

  it.empty('src/config.rs test_validate_custom_dimension_zero: refused', async (given) => {
    await expectInvalid(createCollective(given, { dimension: 0 }), 'INVALID_FIELD', 'dimension')
  })

  it.empty('src/config.rs test_validate_custom_dimension_too_large: 4,097', async (given) => {
    const { details } = await expectInvalid(createCollective(given, { dimension: 4_097 }), 'INVALID_FIELD', 'dimension')
    expect(details).toMatchObject({ min: 1, max: 4_096 })
  })

  it.empty('src/config.rs test_validate_custom_dimension_valid: 1 and 4,096', async (given) => {
    for (const dimension of [1, 4_096]) {
      const custom = { ...given, collective: await createCollective(given, { dimension }) }
      const id = await record(custom, { embedding: vectorOf(1, dimension) })
      expect((await read(custom, id)).embedding).toHaveLength(dimension)
    }
  })

  it.empty('src/config.rs test_embedding_dimension_sizes: 384, 768 and any other', async (given) => {
    for (const dimension of [384, 768, 1_000]) {
      const collective = await createCollective(given, { dimension })
      expect((await given.call('collective.get', { collective })).collective?.dimension).toBe(dimension)
    }
  })

  it.empty('src/config.rs test_embedding_dimension_serialization: kept when opened again', async (given) => {
    const collective = await createCollective(given, { dimension: 1_000 })
    await given.store.reopen()
    expect((await given.call('collective.get', { collective })).collective?.dimension).toBe(1_000)
  })

  it('src/config.rs test_decay_config_defaults: 30 days, 0.25, 0.05, no weights', async (given) => {
    expect(DECAY_DEFAULT).toEqual({ halfLifeMs: 30 * DAY_MS, freqWeight: 0.25, floor: 0.05 })
    const id = await record(given, { importance: 1 })
    expect(await energyOf(given, id, { now: given.store.nowMs() + 30 * DAY_MS })).toBeCloseTo(0.5, 6)
  })

  it.reopening(
    'src/config.rs test_config_includes_decay: of the store, and of a collective before it',
    async (given) => {
      const id = await record(given, { importance: 1 })
      const settings = { ...DEFAULT_SETTINGS, decay: { ...DECAY_DEFAULT, halfLifeMs: DAY_MS } }
      await given.store.reopen({ settings })
      given.store.advance(DAY_MS)
      expect(await energyOf(given, id)).toBeCloseTo(0.5, 6)
      await setDecay(given, { halfLifeMs: DAY_MS / 2 })
      expect(await energyOf(given, id)).toBeCloseTo(0.25, 6)
    },
  )

  it('src/config.rs test_validate_decay_zero_half_life: refused', async (given) => {
    for (const halfLifeMs of [0, -1, NaN])
      await expectInvalid(setDecay(given, { halfLifeMs }), 'INVALID_FIELD', 'decay.halfLifeMs')
  })

  it('src/config.rs test_validate_decay_negative_freq_weight: and what is not finite', async (given) => {
    for (const freqWeight of [-0.1, NaN, Infinity])
      await expectInvalid(setDecay(given, { freqWeight }), 'INVALID_FIELD', 'decay.freqWeight')
  })

  it('src/config.rs test_validate_decay_floor_out_of_range: -0.1, 1.1, no number', async (given) => {
    for (const floor of [-0.1, 1.1, NaN])
      await expectInvalid(setDecay(given, { floor }), 'INVALID_FIELD', 'decay.floor')
  })

  it('src/config.rs test_watch_config_defaults: at most 100 changes, and no waiting', async (given) => {
    for (let batch = 0; batch < 12; batch += 1)
      await recordMany(given, 11, (index) => ({ embedding: axis(batch * 11 + index) }))
    const { changes } = await given.call('watch.next', { collective: given.collective, from: 'start' })
    // The collective's own, and whole batches up to 100.
    expect(changes).toHaveLength(100)
    const { next } = await given.call('watch.next', { collective: given.collective })
    const quiet = await given.call('watch.next', { collective: given.collective, from: next })
    expect(quiet.changes).toEqual([])
  })

  it('src/config.rs test_validate_watch_zero_buffer_size: no changes at all are refused', async ({
    call,
    collective,
  }) => {
    await expectInvalid(call('watch.next', { collective, max: 0 }), 'INVALID_FIELD', 'max')
  })
}
