/** Reads of experiences by id and in their order `(createdAt, sequence, index)`. */
import { concatBytes, utf8Size } from '@waggle/kernel'
import {
  decodeListCursor,
  encodeListCursor,
  fault,
  limits,
  type CollectiveId,
  type Experience,
  type ExperienceFilter,
  type ExperienceId,
  type Generation,
} from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import type { Queries } from '../query/querier.ts'
import { orderKey, orderPrefix, type Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import { decodeRow } from '../state/rows.ts'
import type { KeyRange, StoreReader } from '../store/key-value-store.ts'
import { prefixRange } from '../store/prefix-range.ts'
import { knownCollective } from './collective-commands.ts'
import { experienceOf, readEmbedding, readExperience, type ExperienceRow } from './experience-rows.ts'
import { matchesFilter } from './filter.ts'

type ExperienceQueries = Pick<
  Queries,
  'experience.get' | 'experience.getMany' | 'experience.list' | 'experience.recent'
>

export const experienceQueries: ExperienceQueries = {
  'experience.get'({ collective, id }, { reading: { state }, tenant }) {
    const { scope } = knownCollective(state, tenant, collective)
    const row = readExperience(state, scope, id)
    return row === undefined ? {} : { experience: shown(state, scope, collective, row, true) }
  },

  'experience.getMany'({ collective, ids, include }, { reading: { state }, tenant }) {
    const { scope } = knownCollective(state, tenant, collective)
    return {
      items: ids.map((id) => {
        const row = readExperience(state, scope, id)
        return row === undefined ? null : shown(state, scope, collective, row, include.length > 0)
      }),
    }
  },

  async 'experience.list'({ collective, limit, cursor, filter, include }, { reading: { state }, tenant, generation }) {
    const { scope } = knownCollective(state, tenant, collective)
    const range = cursor === undefined ? orderRange(scope) : orderRangeAfter(scope, cursor, generation)
    const items: Experience[] = []
    let last: ExperienceRow | undefined
    let bytes = 0
    for await (const row of rowsInOrder(state, scope, range)) {
      if (!matchesList(row, filter)) continue
      if (last !== undefined && (items.length === limit || bytes >= limits.PAGE_BYTES_MAX))
        return { items, cursor: encodeListCursor({ generation, createdAt: last.createdAt, address: last.address }) }
      const item = shown(state, scope, collective, row, include.length > 0)
      items.push(item)
      bytes += sizeOnWire(item)
      last = row
    }
    return { items }
  },

  async 'experience.recent'({ collective, limit, filter = {}, include }, { reading: { state }, tenant }) {
    const { scope } = knownCollective(state, tenant, collective)
    const items: Experience[] = []
    for await (const row of rowsInOrder(state, scope, { ...orderRange(scope), reverse: true })) {
      if (row.archived && filter.includeArchived !== true) continue
      if (!matchesFilter(row, filter)) continue
      items.push(shown(state, scope, collective, row, include.length > 0))
      if (items.length === limit) break
    }
    return { items }
  },
}

/** Characters that a component takes in JSON, with its comma. */
const COMPONENT_BYTES_MAX = 24

/** What an item takes in the larger of both encodings, JSON, where a control character takes six bytes. */
const sizeOnWire = ({ embedding, ...fields }: Experience): number =>
  utf8Size(JSON.stringify(fields)) + (embedding?.length ?? 0) * COMPONENT_BYTES_MAX

/** A list shows archived records unless it is told not to. */
const matchesList = (row: ExperienceRow, filter: ExperienceFilter = {}): boolean =>
  !(row.archived && filter.includeArchived === false) && matchesFilter(row, filter)

const orderRange = (scope: Scope): KeyRange => prefixRange(orderPrefix(scope))

/** @throws Fault `INVALID_CURSOR` or `GENERATION_CHANGED` */
const orderRangeAfter = (scope: Scope, text: string, generation: Generation): KeyRange => {
  const cursor = decodeListCursor(text)
  if (cursor.generation !== generation)
    throw fault('GENERATION_CHANGED', 'the cursor belongs to another life of this store', { field: 'cursor' })
  return { ...orderRange(scope), gte: concatBytes(orderKey(scope, cursor.createdAt, cursor.address), Uint8Array.of(0)) }
}

async function* rowsInOrder(state: StoreReader, scope: Scope, range: KeyRange): AsyncGenerator<ExperienceRow> {
  for await (const [, bytes] of state.scan(range)) {
    const [id] = decodeRow(bytes)
    const row = readExperience(state, scope, id as ExperienceId)
    if (row === undefined) throw missing('record', id as ExperienceId)
    yield row
  }
}

/** What a caller sees of a row, with a copy of its embedding where it is asked for. */
export const shown = (
  state: StateView,
  scope: Scope,
  collective: CollectiveId,
  row: ExperienceRow,
  withEmbedding: boolean,
): Experience => {
  if (!withEmbedding) return experienceOf(collective, row)
  const embedding = readEmbedding(state, scope, row.id)
  if (embedding === undefined) throw missing('embedding', row.id)
  return experienceOf(collective, row, embedding)
}

const missing = (part: string, id: ExperienceId) =>
  engineFault('CORRUPT', `${part} of an experience is missing id=${id}`, { entity: 'experience', id, part })
