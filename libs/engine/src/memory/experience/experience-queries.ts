/** Reads of experiences by id and in their order `(createdAt, sequence, index)`. */
import type { CollectiveId, Experience, ExperienceFilter, RequestOf } from '@waggle/protocol'
import { engineFault } from '../../errors.ts'
import { mayExpire } from '../../expiry/expiry-rows.ts'
import { isExpired } from '../../expiry/is-expired.ts'
import type { Queries } from '../../query/querier.ts'
import { orderKey, orderPrefix, type Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import type { KeyRange } from '../../store/key-value-store.ts'
import { knownCollective } from '../collective/collective-commands.ts'
import { experienceOf, liveExperience, readEmbedding, readExperience, type ExperienceRow } from './experience-rows.ts'
import { isOpen, matchesFilter } from './filter.ts'
import { orderRange, pageOf, rowsInOrder, type OrderTable, type Place } from '../pages.ts'

type ExperienceQueries = Pick<
  Queries,
  'experience.get' | 'experience.getMany' | 'experience.list' | 'experience.recent'
>

export const experienceQueries: ExperienceQueries = {
  'experience.get'({ collective, id }, { reading: { state }, tenant, nowMs }) {
    const { scope } = knownCollective(state, tenant, collective)
    const row = liveExperience(state, scope, id, nowMs)
    return row === undefined ? {} : { experience: shown(state, scope, collective, row, true) }
  },

  'experience.getMany'({ collective, ids, include }, { reading: { state }, tenant, nowMs }) {
    const { scope } = knownCollective(state, tenant, collective)
    return {
      items: ids.map((id) => {
        const row = liveExperience(state, scope, id, nowMs)
        return row === undefined ? null : shown(state, scope, collective, row, include.length > 0)
      }),
    }
  },

  async 'experience.list'({ collective, filter, include, ...page }, { reading: { state }, tenant, generation, nowMs }) {
    const { scope } = knownCollective(state, tenant, collective)
    const isOpenList = filter === undefined || (isOpen(filter) && filter.includeArchived !== false)
    // Whether a record has expired only its row tells.
    const isUnfiltered = isOpenList && !mayExpire(state, scope, 'experience')
    return pageOf(experienceOrder, { state, scope, collective, generation }, page, {
      ...(isUnfiltered
        ? {}
        : { matches: (row: ExperienceRow) => !isExpired(row.expiresAt, nowMs) && matchesList(row, filter ?? {}) }),
      shown: (row) => shown(state, scope, collective, row, include.length > 0),
    })
  },

  async 'experience.recent'({ collective, ...wanted }, { reading: { state }, tenant, nowMs }) {
    const { scope } = knownCollective(state, tenant, collective)
    return { items: await recentExperiences({ state, scope, collective }, wanted, nowMs) }
  },
}

type Recent = Omit<RequestOf<'experience.recent'>, 'collective'>

/** The newest that match, newest first. */
export const recentExperiences = async (
  { state, scope, collective }: Omit<Place, 'generation'>,
  { limit, filter = {}, include }: Recent,
  nowMs: number,
): Promise<readonly Experience[]> => {
  const items: Experience[] = []
  for await (const row of rowsInOrder(experienceOrder, { state, scope }, newestFirst(scope))) {
    if (isExpired(row.expiresAt, nowMs) || (row.archived && filter.includeArchived !== true)) continue
    if (!matchesFilter(row, filter)) continue
    items.push(shown(state, scope, collective, row, include.length > 0))
    if (items.length === limit) break
  }
  return items
}

/** The order in which a collective's experiences came. */
const experienceOrder: OrderTable<ExperienceRow> = {
  entity: 'experience',
  prefix: orderPrefix,
  key: orderKey,
  read: readExperience,
}

const newestFirst = (scope: Scope): KeyRange => ({ ...orderRange(experienceOrder, scope), reverse: true })

/** A list shows archived records unless it is told not to. */
const matchesList = (row: ExperienceRow, filter: ExperienceFilter): boolean =>
  !(row.archived && filter.includeArchived === false) && matchesFilter(row, filter)

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
  if (embedding === undefined)
    throw engineFault('CORRUPT', `embedding of an experience is missing id=${row.id}`, {
      ...{ entity: 'experience', id: row.id, part: 'embedding' },
    })
  return experienceOf(collective, row, embedding)
}
