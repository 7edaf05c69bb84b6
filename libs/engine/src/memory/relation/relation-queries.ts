/** Reads of relations by id, in their order, and from an experience to what it is related to. */
import {
  listNumber,
  type ExperienceId,
  type Related,
  type RelationDirection,
  type RelationId,
  type RequestOf,
} from '@waggle/protocol'
import { engineFault } from '../../errors.ts'
import { mayExpire } from '../../expiry/expiry-rows.ts'
import type { Queries } from '../../query/querier.ts'
import { readIds, placeIn } from '../../state/id-list.ts'
import { LINK, linksKey, relationOrderKey, relationOrderPrefix } from '../../state/keyspace.ts'
import { knownCollective } from '../collective/collective-commands.ts'
import { shown } from '../experience/experience-queries.ts'
import { readExperience } from '../experience/experience-rows.ts'
import { Page, pageOf, positionIn, sizeOnWire, type Listed, type OrderTable, type Place } from '../pages.ts'
import { liveRelations } from './live-relations.ts'
import { pathsFrom } from './relation-paths.ts'
import {
  isRelationBehind,
  linkedRelation,
  matchesRelation,
  readRelation,
  relationOf,
  type RelationRow,
} from './relation-rows.ts'

export const relationQueries: Pick<Queries, 'relation.get' | 'relation.list' | 'relation.related' | 'relation.paths'> =
  {
    'relation.get'({ collective, id }, { reading: { state }, tenant, nowMs }) {
      const { scope } = knownCollective(state, tenant, collective)
      const row = readRelation(state, scope, id)
      const isThere = row !== undefined && liveRelations(state, scope, nowMs)(row)
      return isThere ? { relation: relationOf(collective, row) } : {}
    },

    async 'relation.list'({ collective, ...page }, { reading: { state }, tenant, generation, nowMs }) {
      const { scope } = knownCollective(state, tenant, collective)
      const mayGo = mayExpire(state, scope, 'relation') || mayExpire(state, scope, 'experience')
      return pageOf(relationOrder, { state, scope, collective, generation }, page, {
        ...(mayGo ? { matches: liveRelations(state, scope, nowMs) } : {}),
        shown: (row) => relationOf(collective, row),
      })
    },

    'relation.related'(request, { reading: { state }, tenant, generation, nowMs }) {
      const { collective } = request
      const { scope } = knownCollective(state, tenant, collective)
      return relatedPage({ state, scope, collective, generation }, request, nowMs)
    },

    'relation.paths'(request, { reading: { state }, tenant, nowMs }) {
      const { scope } = knownCollective(state, tenant, request.collective)
      return pathsFrom(state, { scope, atMs: nowMs }, request)
    },
  }

/** The order in which a collective's relations came. */
const relationOrder: OrderTable<RelationRow> = {
  entity: 'relation',
  prefix: relationOrderPrefix,
  key: relationOrderKey,
  read: readRelation,
}

type Side = Exclude<RelationDirection, 'both'>

const sidesOf = (direction: RelationDirection): readonly Side[] =>
  direction === 'both' ? ['outgoing', 'incoming'] : [direction]

/** Ids of the relations on one side of an experience behind a position (T4); one that is not there has none. */
const linksBehind = (
  { state, scope }: Place,
  id: ExperienceId,
  side: Side,
  from: Listed | undefined,
): readonly RelationId[] => {
  const key = linksKey(scope, LINK[side], id)
  const ids = readIds(state, key)
  return from === undefined
    ? ids
    : ids.slice(placeIn(state, key, (relation) => isRelationBehind(state, scope, relation, from)))
}

/** Both sides are lists of their own, one after the other; a cursor says in which of them it stands. */
const relatedPage = (
  place: Place,
  { id, direction, type, minStrength, limit, cursor, include }: RequestOf<'relation.related'>,
  atMs: number,
): { readonly items: readonly Related[]; readonly cursor?: string } => {
  const { state, scope, collective, generation } = place
  const isLive = liveRelations(state, scope, atMs)
  const sides = sidesOf(direction)
  const lists = sides.map((side) => listNumber('related', side, collective, id))
  const from = cursor === undefined ? undefined : positionIn(lists, cursor, place)
  const first = from === undefined ? 0 : lists.indexOf(from.list)
  const types = type === undefined ? undefined : [type]
  const page = new Page<RelationRow, Related>(limit)
  let reached = first
  for (let at = first; at < sides.length; at += 1)
    for (const relation of linksBehind(place, id, sides[at] as Side, at === first ? from : undefined)) {
      const row = linkedRelation(state, scope, relation)
      if (!isLive(row) || !matchesRelation(row, types, minStrength)) continue
      if (page.isFull) return { items: page.items, cursor: page.cursor(lists[reached] as number, generation) }
      const item = relatedOf(place, row, row.source === id ? row.target : row.source, include.length > 0)
      page.add(row, item, sizeOnWire(item.experience) + sizeOnWire(item.relation))
      reached = at
    }
  return { items: page.items }
}

const relatedOf = (
  { state, scope, collective }: Place,
  row: RelationRow,
  other: ExperienceId,
  withEmbedding: boolean,
): Related => {
  const experience = readExperience(state, scope, other)
  if (experience === undefined)
    throw engineFault('CORRUPT', `end of a relation is missing id=${other}`, { entity: 'experience', id: other })
  return {
    experience: shown(state, scope, collective, experience, withEmbedding),
    relation: relationOf(collective, row),
  }
}
