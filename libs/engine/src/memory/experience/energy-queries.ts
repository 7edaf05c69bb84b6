/** Reads of energy: of one experience, and of those that have the least. */
import { fault, invalidField } from '@waggle/protocol'
import { isExpired } from '../../expiry/is-expired.ts'
import type { Queries } from '../../query/querier.ts'
import { experiencePrefix, idOfKey, type Scope } from '../../state/keyspace.ts'
import type { StoreReader } from '../../store/key-value-store.ts'
import { prefixRange } from '../../store/prefix-range.ts'
import { knownCollective } from '../collective/collective-commands.ts'
import { compareListed } from '../pages.ts'
import { decayOf, energyOf, inputsOf } from './energy.ts'
import { decodeExperience, liveExperience, type ExperienceRow } from './experience-rows.ts'

type EnergyQueries = Pick<Queries, 'experience.energy' | 'experience.cold'>

export const energyQueries: EnergyQueries = {
  'experience.energy'({ collective: id, id: experience, now }, { reading: { state }, tenant, settings, nowMs }) {
    const { collective, scope } = knownCollective(state, tenant, id)
    const row = liveExperience(state, scope, experience, nowMs)
    if (row === undefined)
      throw fault('NOT_FOUND', `experience not found id=${experience}`, { entity: 'experience', id: experience })
    return { energy: energyOf(inputsOf(row), now ?? nowMs, decayOf(collective, settings)) }
  },

  async 'experience.cold'({ collective: id, limit, below, now }, { reading: { state }, tenant, settings, nowMs }) {
    if (below !== undefined && !(below >= 0 && below <= 1))
      throw invalidField('below', 'number 0..1', { min: 0, max: 1, value: String(below) })
    const { collective, scope } = knownCollective(state, tenant, id)
    const decay = decayOf(collective, settings)
    const bound = below ?? Math.fround(decay.floor)
    const coldest = new Coldest(limit)
    for await (const row of rowsOf(state, scope)) {
      if (row.archived || isExpired(row.expiresAt, nowMs)) continue
      const energy = energyOf(inputsOf(row), now ?? nowMs, decay)
      if (energy < bound) coldest.add({ row, energy })
    }
    return { items: coldest.end().map(({ row, energy }) => ({ id: row.id, energy })) }
  },
}

/** Where a row stands, without what it says. */
type Place = Pick<ExperienceRow, 'id' | 'createdAt' | 'address'>

interface Cold {
  readonly row: Place
  readonly energy: number
}

/** The first `limit` of what is added, in memory for twice as many (P11). */
class Coldest {
  readonly #limit: number
  readonly #kept: Cold[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  add({ row: { id, createdAt, address }, energy }: Cold): void {
    this.#kept.push({ row: { id, createdAt, address }, energy })
    if (this.#kept.length === 2 * this.#limit) this.end()
  }

  /** Coldest first, ties oldest first. */
  end(): readonly Cold[] {
    this.#kept.sort((left, right) => left.energy - right.energy || compareListed(left.row, right.row))
    this.#kept.length = Math.min(this.#kept.length, this.#limit)
    return this.#kept
  }
}

/** The records in the order of their ids: one scan, where their own order would take a read each. */
async function* rowsOf(state: StoreReader, scope: Scope): AsyncGenerator<ExperienceRow> {
  for await (const [key, bytes] of state.scan(prefixRange(experiencePrefix(scope))))
    yield decodeExperience(idOfKey(key), bytes)
}
