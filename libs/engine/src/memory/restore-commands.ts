/**
 * Putting back what an export holds: experiences, then relations, then insights, each with the fields that the server
 * owns.
 *
 * B1  All or nothing (P3), and repeatable: an item that is there already and equal changes nothing, one that differs is
 *     `ALREADY_EXISTS`.
 * B2  Each is decided against what those before it would leave, in an overlay that is thrown away: a relation may join
 *     experiences of the same request, and every limit counts them.
 * B3  What hangs on an experience needs it, as when it was new; only evidence that was lost may be missing.
 * B4  What has expired is restored like everything else, for others hang on it; it is not to be seen, and swept.
 * B5  The rows that it writes are bounded (DESIGN K5).
 */
import { equalBytes, type Uuid } from '@waggle/kernel'
import {
  checkNewExperience,
  checkNewRelation,
  checkRestoredInsight,
  float32Bytes,
  limits,
  tooManyItems,
  type LogEvent,
  type RestoredExperience,
  type RestoredInsight,
  type RestoredRelation,
} from '@waggle/protocol'
import type { DecideContext, Deciders } from '../command/decider.ts'
import { Rehearsal } from '../command/rehearsal.ts'
import { event } from '../event/events.ts'
import { expirySet } from '../expiry/expiry-decisions.ts'
import type { Overlay } from '../state/overlay.ts'
import { encodeRow } from '../state/rows.ts'
import { knownCollective } from './collective/collective-commands.ts'
import type { StoredCollective } from './collective/collective-rows.ts'
import { experienceTaken } from './experience/experience-commands.ts'
import { readEmbedding, readExperience, totalApplications } from './experience/experience-rows.ts'
import { checkEvidence, insightTaken } from './insight/insight-commands.ts'
import { readInsight, readInsightEmbedding } from './insight/insight-rows.ts'
import { checkPlace, relationTaken } from './relation/relation-commands.ts'
import { readRelation } from './relation/relation-rows.ts'

export const restoreDeciders: Pick<Deciders, 'collective.restore'> = {
  'collective.restore'({ collective, experiences, relations, insights }, context) {
    const restoring = new Restoring(context, knownCollective(context.view, context.tenant, collective))
    experiences.forEach((experience, index) => {
      restoring.experience(experience, `experiences[${index}].`)
    })
    relations.forEach((relation, index) => {
      restoring.relation(relation, `relations[${index}].`)
    })
    insights.forEach((insight, index) => {
      restoring.insight(insight, `insights[${index}].`)
    })
    const { events, restored } = restoring
    const count = experiences.length + relations.length + insights.length
    return { events, result: { restored, existing: count - restored } }
  },
}

/** B4. A moment at which nothing has expired. */
const EVER = 0

class Restoring {
  readonly #stored: StoredCollective
  /** B2. */
  readonly #rehearsal: Rehearsal
  readonly #added = new Set<string>()

  constructor(context: DecideContext, stored: StoredCollective) {
    this.#stored = stored
    this.#rehearsal = new Rehearsal(context, stored.collective.id, 'collective.restore')
  }

  get events(): readonly LogEvent[] {
    return this.#rehearsal.events
  }

  /** How many were not there. */
  get restored(): number {
    return this.#added.size
  }

  get #view(): Overlay {
    return this.#rehearsal.view
  }

  experience(experience: RestoredExperience, prefix: string): void {
    const { collective, scope } = this.#stored
    checkNewExperience(experience, collective.dimension, prefix)
    const { embedding, ...fields } = experience
    const { expiresAt, ...body } = fields
    const { id } = fields
    this.#refuseRepeated('experience', id, prefix)
    const row = readExperience(this.#view, scope, id)
    if (row === undefined) {
      const recorded = event('ExperienceRestored', { ...body, embedding: float32Bytes(embedding) })
      this.#add('experience', id, [recorded], expiresAt)
      return
    }
    const shown = { ...row, applications: totalApplications(row) }
    if (!isSame(fields, shown) || !isSameVector(embedding, readEmbedding(this.#view, scope, id)))
      throw experienceTaken(id, prefix)
  }

  relation(relation: RestoredRelation, prefix: string): void {
    const { scope } = this.#stored
    checkNewRelation(relation, prefix)
    this.#refuseRepeated('relation', relation.id, prefix)
    const row = readRelation(this.#view, scope, relation.id)
    if (row !== undefined) {
      if (!isSame(relation, row)) throw relationTaken(relation.id, prefix)
      return
    }
    const { expiresAt, ...body } = relation
    checkPlace(this.#view, { scope, atMs: EVER }, relation, prefix)
    this.#add('relation', relation.id, [event('RelationRestored', body)], expiresAt)
  }

  insight(insight: RestoredInsight, prefix: string): void {
    const { scope } = this.#stored
    checkRestoredInsight(insight, prefix)
    const { embedding, ...fields } = insight
    const { expiresAt, ...body } = fields
    this.#refuseRepeated('insight', insight.id, prefix)
    const row = readInsight(this.#view, scope, insight.id)
    if (row !== undefined) {
      if (!isSame(fields, row) || !isSameVector(embedding, readInsightEmbedding(this.#view, scope, insight.id)))
        throw insightTaken(insight.id, prefix)
      return
    }
    const then = { stored: this.#stored, atMs: EVER }
    const { embedding: bytes } = checkEvidence(this.#view, then, insight, prefix)
    this.#add('insight', insight.id, [event('InsightRestored', { ...body, embedding: bytes })], expiresAt)
  }

  #add(entity: Entity, id: Uuid, events: readonly LogEvent[], expiresAt: number | undefined): void {
    const { id: collective } = this.#stored.collective
    const lifetime = expiresAt === undefined ? [] : [expirySet(collective, entity, [id], expiresAt)]
    this.#rehearsal.take([...events, ...lifetime])
    // B5.
    const limit = limits.BATCH_ROWS_MAX
    if (this.#view.writes > limit) throw tooManyItems(`${entity}s`, this.#view.writes, limit)
    this.#added.add(`${entity} ${id}`)
  }

  /** Two new ones of one id in a request are a mistake, also when they are equal. */
  #refuseRepeated(entity: Entity, id: Uuid, prefix: string): void {
    if (this.#added.has(`${entity} ${id}`)) throw taken[entity](id, prefix)
  }
}

const taken = { experience: experienceTaken, relation: relationTaken, insight: insightTaken }
type Entity = keyof typeof taken

/** B1. Whether what is stored has all the fields that the export has; one that the export leaves out must be absent. */
const isSame = <Wanted extends object>(wanted: Wanted, stored: Wanted): boolean => {
  const optionalNames = ['sourceTask', 'metadata', 'expiresAt'] as (keyof Wanted)[]
  const names = [...new Set([...(Object.keys(wanted) as (keyof Wanted)[]), ...optionalNames])].sort()
  const [left, right] = [wanted, stored].map((side) => encodeRow(names.map((name) => side[name] ?? null)))
  return equalBytes(left as Uint8Array, right as Uint8Array)
}

/** By value, for -0 has no form in JSON: an export by way of it gives 0. */
const isSameVector = (wanted: Float32Array, stored: Float32Array | undefined): boolean =>
  wanted.length === stored?.length && wanted.every((component, index) => component === stored[index])
