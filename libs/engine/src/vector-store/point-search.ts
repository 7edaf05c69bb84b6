/**
 * Search for the nearest vectors, among those whose payloads match a filter.
 *
 * N1  Vectors and payloads are of one moment, whatever is applied while the search goes on.
 * N2  Everything is ranked, and payloads are read nearest first until k match: exactly k are found when k match (P7),
 *     and ties are broken by id.
 * N3  The work is cut into turns; what a search keeps in memory is a score for each vector and some thousand rows.
 */
import { checkDimension, checkFinite, type Json, type RequestOf, type ScoredVector } from '@waggle/protocol'
import { mayExpire } from '../expiry/expiry-rows.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { sizeOnWire } from '../memory/pages.ts'
import type { QueryContext } from '../query/querier.ts'
import { ReplyRoom } from '../query/reply-room.ts'
import type { Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import { bytesOfText, LOOK_UP_STEPS, STEPS_PER_CHARACTER } from './payload-queries.ts'
import { payloadMatcher, type PayloadMatcher } from './payload-matcher.ts'
import { vectorOf, type PointView } from './point-index.ts'
import { nearestFirst, type RankedPoint } from './point-ranking.ts'
import { readPayload, readPoint, vectorTable } from './point-rows.ts'
import { Turns } from './turns.ts'

type SearchContext = Pick<QueryContext, 'reading' | 'tenant' | 'points' | 'timers' | 'nowMs'>
type Search = Omit<RequestOf<'vectors.search'>, 'collective'>

/** @throws Fault `NOT_FOUND`, `DIMENSION_MISMATCH`, `INVALID_FIELD`, `RESULT_TOO_LARGE`, `CORRUPT` */
export const searchPoints = async (
  { collective, ...search }: RequestOf<'vectors.search'>,
  context: SearchContext,
): Promise<{ readonly results: readonly ScoredVector[] }> => {
  const { scope, view } = await newestView(collective, search.vector, context)
  try {
    const moment = { state: context.reading.state, scope, view, atMs: context.nowMs }
    return { results: await nearest(search, moment, new Turns(context.timers)) }
  } finally {
    view.release()
  }
}

/** N1. The vectors at the newest moment, to which the reading moves on. */
const newestView = async (
  collective: RequestOf<'vectors.search'>['collective'],
  vector: Float32Array,
  { reading, tenant, points }: SearchContext,
): Promise<{ readonly scope: Scope; readonly view: PointView }> => {
  for (;;) {
    const stored = knownCollective(reading.state, tenant, collective)
    checkDimension(vector, stored.collective.dimension, 'vector')
    checkFinite(vector, 'vector')
    const view = await points.use(stored, reading.state, (newest) => {
      reading.renew()
      return newest
    })
    if (view !== undefined) return { scope: stored.scope, view }
    reading.renew()
  }
}

interface Moment {
  readonly state: StateView
  readonly scope: Scope
  readonly view: PointView
  /** What has expired by then is not there. */
  readonly atMs: number
}

/** N2. */
const nearest = async (
  { vector, k, metric, filter, include }: Search,
  { state, scope, view, atMs }: Moment,
  turns: Turns,
): Promise<readonly ScoredVector[]> => {
  const matcher = filter === undefined ? undefined : payloadMatcher(filter)
  const results: ScoredVector[] = []
  const expires = mayExpire(state, scope, 'vector')
  const room = new ReplyRoom()
  for await (const round of nearestFirst(view, { vector, k, metric }, turns))
    for (const point of round) {
      if (expires && readPoint(state, scope, vectorTable, { id: point.id, atMs }) === undefined) continue
      const needsPayload = matcher !== undefined || include.includes('payload')
      const json = needsPayload ? readPayload(state, scope, point.id, atMs) : undefined
      if (matcher !== undefined && !(await matches(matcher, json, turns))) continue
      const result = shown(point, json, include)
      room.take(RESULT_BYTES + sizeOnWire(result.vector === undefined ? {} : { embedding: result.vector }))
      room.take(result.json === undefined ? 0 : bytesOfText(result.json))
      results.push(result)
      if (results.length === k) return results
    }
  return results
}

/** An id, a score, and their names. */
const RESULT_BYTES = 80

const shown = (
  { id, score, block, at }: RankedPoint,
  json: string | undefined,
  include: Search['include'],
): ScoredVector => ({
  id,
  score,
  ...(include.includes('vector') ? { vector: vectorOf(block, at) } : {}),
  ...(include.includes('payload') && json !== undefined ? { json } : {}),
})

/** Puts a payload to the filter, and lets others have their turn as often as its work asks for it. */
const matches = async (matcher: PayloadMatcher, json: string | undefined, turns: Turns): Promise<boolean> => {
  const pause = turns.spend(LOOK_UP_STEPS + (json?.length ?? 0) * STEPS_PER_CHARACTER)
  if (pause !== undefined) await pause
  const judging = matcher(json === undefined ? undefined : (JSON.parse(json) as Json), json?.length ?? 0)
  for (;;) {
    const step = judging.next()
    if (step.done === true) return step.value
    const rest = turns.spend(step.value)
    if (rest !== undefined) await rest
  }
}
