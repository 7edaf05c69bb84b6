/**
 * Decisions of the storage port about collectives, experiences and their vectors.
 *
 * Q1  The rules of fields are those of requests: what a store holds can be exported, restored and shown.
 * Q2  What is not there makes no events and says so in the result; only a save needs its collective.
 */
import {
  checkDecay,
  checkNewExperience,
  checkPatch,
  checkVector,
  fault,
  float32Bytes,
  invalidField,
  type Collective,
  type CollectiveId,
  type ExperienceId,
} from '@waggle/protocol'
import type { DecideContext, Decision } from '../command/decider.ts'
import { event } from '../event/events.ts'
import { checkName, checkRoom, knownCollective } from '../memory/collective/collective-commands.ts'
import { readCollective, type StoredCollective } from '../memory/collective/collective-rows.ts'
import { experienceDeciders } from '../memory/experience/experience-commands.ts'
import { readExperience } from '../memory/experience/experience-rows.ts'
import { readTotals, type Totals } from '../memory/collective/totals.ts'
import type { ExperienceUpdate, StoredExperience } from './storage-records.ts'

/** Whether what the command speaks of was there. */
export interface Found {
  readonly found: boolean
}

/** Something of a collective, by its id. */
export interface OfCollective {
  readonly collective: CollectiveId
  readonly id: ExperienceId
}

export const absent: Decision<Found> = { events: [], result: { found: false } }

export const recordDeciders = {
  'storage.saveCollective'(collective: Collective, { view, tenant }: DecideContext): Decision<object> {
    checkName(collective.name)
    if (collective.decay !== undefined) checkDecay(collective.decay)
    const before = readCollective(view, tenant, collective.id)
    if (before !== undefined) checkDimension(before, collective.dimension, readTotals(view, before.scope))
    if (before?.collective.name !== collective.name) checkRoom(view, tenant, collective.name)
    return { events: [event('CollectiveSaved', collective)], result: {} }
  },

  'storage.deleteCollective'({ id }: { readonly id: CollectiveId }, { view, tenant }: DecideContext): Decision<Found> {
    if (readCollective(view, tenant, id) === undefined) return absent
    const events = [event('CollectiveDeleted', { id }), event('CollectiveDeletionTold', { id })]
    return { events, result: { found: true } }
  },

  'storage.saveExperience'(
    { collective: id, timestamp: createdAt, embedding, ...fields }: StoredExperience,
    { view, tenant }: DecideContext,
  ): Decision<object> {
    const { collective } = knownCollective(view, tenant, id)
    checkNewExperience({ ...fields, embedding }, collective.dimension, '')
    const body = { ...fields, createdAt, embedding: float32Bytes(embedding) }
    return { events: [event('ExperienceSaved', body)], result: {} }
  },

  'storage.updateExperience'(
    { collective, id, update }: OfCollective & { readonly update: ExperienceUpdate },
    { view, tenant }: DecideContext,
  ): Decision<Found> {
    checkPatch(update, '')
    if (findExperience({ collective, id }, { view, tenant }) === undefined) return absent
    return { events: [event('ExperienceUpdated', { id, patch: update })], result: { found: true } }
  },

  'storage.deleteExperience'(fields: OfCollective, context: DecideContext): Decision<Found> {
    if (findExperience(fields, context) === undefined) return absent
    return { events: experienceDeciders['experience.delete'](fields, context).events, result: { found: true } }
  },

  'storage.reinforceExperience'(
    fields: OfCollective,
    context: DecideContext,
  ): Decision<{ readonly applications?: number }> {
    if (findExperience(fields, context) === undefined) return { events: [], result: {} }
    const { events, result } = experienceDeciders['experience.reinforce'](fields, context)
    return { events, result: { applications: result.applications } }
  },

  'storage.saveEmbedding'(
    { embedding, ...fields }: OfCollective & { readonly embedding: Float32Array },
    context: DecideContext,
  ): Decision<Found> {
    const found = findExperience(fields, context)
    if (found === undefined) return absent
    checkVector(embedding, found.collective.dimension, 'embedding')
    const body = { id: fields.id, embedding: float32Bytes(embedding) }
    return { events: [event('EmbeddingSaved', body)], result: { found: true } }
  },
}

/** The experience and its collective; `undefined` unless both are there. */
const findExperience = (
  { collective: id, id: experience }: OfCollective,
  context: Pick<DecideContext, 'view' | 'tenant'>,
) => {
  const stored = readCollective(context.view, context.tenant, id)
  const row = stored && readExperience(context.view, stored.scope, experience)
  return stored === undefined || row === undefined ? undefined : { collective: stored.collective, row }
}

/** Vectors that are there have the old one. @throws Fault `DIMENSION_MISMATCH` */
const checkDimension = (
  { collective: { dimension: expected } }: StoredCollective,
  got: number,
  { experienceCount, insightCount, vectorCount }: Totals,
): void => {
  if (got === expected || experienceCount + insightCount + vectorCount === 0) return
  throw fault('DIMENSION_MISMATCH', `collective has vectors of another dimension expected=${expected} got=${got}`, {
    ...{ field: 'dimension', expected, got },
  })
}

/** @throws Fault `INVALID_FIELD`: a record stays where it is */
export const refuseMove = (holder: CollectiveId): never => {
  throw invalidField('collective', 'the collective that has it', { collective: holder })
}
