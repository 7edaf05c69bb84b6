/** Decisions about experiences. */
import { deriveUuid } from '@waggle/kernel'
import {
  checkNewExperience,
  checkPatch,
  fault,
  float32Bytes,
  type CollectiveId,
  type ExperienceId,
  type NewExperience,
} from '@waggle/protocol'
import type { DecideContext, Deciders, Decision } from '../../command/decider.ts'
import { event, type RecordedExperience } from '../../event/events.ts'
import { expirySet, expirySets, newLifetime } from '../../expiry/expiry-decisions.ts'
import { unexpired } from '../../expiry/is-expired.ts'
import type { Scope } from '../../state/keyspace.ts'
import { deletionOf, deletionsOf } from './cascade.ts'
import { knownCollective } from '../collective/collective-commands.ts'
import { liveExperience, readExperience, totalApplications, type ExperienceRow } from './experience-rows.ts'
import { instanceIdOf } from '../instance.ts'

type ExperienceDeciders = Pick<
  Deciders,
  | 'experience.record'
  | 'experience.recordMany'
  | 'experience.update'
  | 'experience.archive'
  | 'experience.unarchive'
  | 'experience.delete'
  | 'experience.reinforce'
>

export const experienceDeciders: ExperienceDeciders = {
  'experience.record'({ collective, ...experience }, context) {
    const { events, result } = recordAll(collective, [experience], context, { name: 'record', prefixOf: () => '' })
    return { events, result: { id: result.ids[0] as ExperienceId } }
  },

  'experience.recordMany'({ collective, experiences }, context) {
    return recordAll(collective, experiences, context, {
      name: 'recordMany',
      prefixOf: (index) => `experiences[${index}].`,
    })
  },

  'experience.update'({ collective, id, patch, ifVersion, ttlMs }, context) {
    checkPatch(patch)
    const { row } = knownExperience(collective, id, context)
    if (ifVersion !== undefined && ifVersion !== row.version)
      throw fault('VERSION_MISMATCH', `version differs id=${id} expected=${ifVersion} actual=${row.version}`, {
        field: 'ifVersion',
        id,
        expected: ifVersion,
        actual: row.version,
      })
    const lifetime = newLifetime(row, ttlMs, context.timeMs)
    const isSame = lifetime.expiresAt === row.expiresAt
    if (Object.keys(patch).length === 0 && isSame) return { events: [], result: { version: row.version } }
    const moved = isSame ? [] : [expirySet(collective, 'experience', [id], lifetime.expiresAt)]
    return { events: [event('ExperienceUpdated', { id, patch }), ...moved], result: { version: row.version + 1 } }
  },

  'experience.archive': ({ collective, id }, context) => setArchived(collective, id, true, context),

  'experience.unarchive': ({ collective, id }, context) => setArchived(collective, id, false, context),

  'experience.delete'({ collective, id }, context) {
    const { scope } = knownExperience(collective, id, context)
    return { events: deletionOf(context.view, scope, id), result: {} }
  },

  'experience.reinforce'({ collective, id }, context) {
    const { row } = knownExperience(collective, id, context)
    const instance = instanceIdOf(context.generation)
    const applications = totalApplications({
      ...row,
      applications: { ...row.applications, [instance]: (row.applications[instance] ?? 0) + 1 },
    })
    return {
      events: [event('ExperienceReinforced', { id, instance })],
      result: { applications, version: row.version + 1 },
    }
  },
}

const recordAll = (
  id: CollectiveId,
  experiences: readonly NewExperience[],
  { view, tenant, timeMs, key }: DecideContext,
  operation: {
    /** Keys are scoped to their operation, so the ids that are derived from them have to be too. */
    readonly name: string
    /** Path of an experience inside the request. */
    readonly prefixOf: (index: number) => string
  },
): Decision<{ readonly ids: readonly ExperienceId[] }> => {
  const { collective, scope } = knownCollective(view, tenant, id)
  const seen = new Set<ExperienceId>()
  const expired: ExperienceId[] = []
  const bodies = experiences.map((experience, index): RecordedExperience => {
    const prefix = operation.prefixOf(index)
    checkNewExperience(experience, collective.dimension, prefix)
    const experienceId = experience.id ?? deriveUuid(['experience', tenant, id, operation.name, key, String(index)])
    const before = readExperience(view, scope, experienceId)
    if (unexpired(before, timeMs) !== undefined) throw experienceTaken(experienceId, prefix)
    refuseRepeated(seen, experienceId, prefix)
    if (before !== undefined) expired.push(experienceId)
    return recordedBody(experienceId, experience)
  })
  return {
    events: [
      ...deletionsOf(view, scope, expired),
      ...bodies.map((body) => event('ExperienceRecorded', body)),
      ...expirySets(id, 'experience', lifetimesOf(bodies, experiences), timeMs),
    ],
    result: { ids: bodies.map((body) => body.id) },
  }
}

const lifetimesOf = (bodies: readonly RecordedExperience[], given: readonly NewExperience[]) =>
  bodies.map(({ id }, index) => [id, given[index]?.ttlMs] as const)

const recordedBody = (
  id: ExperienceId,
  experience: NewExperience & { readonly embedding: Float32Array },
): RecordedExperience => {
  const { content, type, importance, confidence, domain, relatedFiles, sourceAgent, sourceTask } = experience
  const embedding = float32Bytes(experience.embedding)
  const body = { content, type, importance, confidence, domain, relatedFiles, sourceAgent, id, embedding }
  return sourceTask === undefined ? body : { ...body, sourceTask }
}

export const experienceTaken = (id: ExperienceId, prefix: string) =>
  fault('ALREADY_EXISTS', `experience id is taken id=${id}`, { field: `${prefix}id`, entity: 'experience', id })

const refuseRepeated = (seen: Set<ExperienceId>, id: ExperienceId, prefix: string): void => {
  if (seen.has(id)) throw experienceTaken(id, prefix)
  seen.add(id)
}

const setArchived = (
  collective: CollectiveId,
  id: ExperienceId,
  archived: boolean,
  context: DecideContext,
): Decision<{ readonly version: number }> => {
  const { row } = knownExperience(collective, id, context)
  if (row.archived === archived) return { events: [], result: { version: row.version } }
  return { events: [event('ExperienceUpdated', { id, patch: { archived } })], result: { version: row.version + 1 } }
}

const knownExperience = (
  collective: CollectiveId,
  id: ExperienceId,
  { view, tenant, timeMs }: DecideContext,
): { readonly scope: Scope; readonly row: ExperienceRow } => {
  const { scope } = knownCollective(view, tenant, collective)
  const row = liveExperience(view, scope, id, timeMs)
  if (row === undefined) throw fault('NOT_FOUND', `experience not found id=${id}`, { entity: 'experience', id })
  return { scope, row }
}
