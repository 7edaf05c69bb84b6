/** What the events of experiences do to the state. */
import { present } from '@waggle/kernel'
import { float32FromBytes, limits, type ChangeKind, type ExperienceId, type ExperiencePatch } from '@waggle/protocol'
import type { ApplyContext, Appliers } from '../../event/applier.ts'
import type { RecordedExperience } from '../../event/events.ts'
import {
  eraseExperience,
  insertExperience,
  readExperience,
  replaceExperience,
  type ExperienceRow,
} from './experience-rows.ts'
import { putJournalRow } from '../journal.ts'
import { addStatistics } from '../collective/statistics.ts'

type ExperienceAppliers = Pick<
  Appliers,
  'ExperienceRecorded' | 'ExperienceRestored' | 'ExperienceUpdated' | 'ExperienceDeleted' | 'ExperienceReinforced'
>

/** The instance that the reinforcements of a restored record are booked under. */
const RESTORED_INSTANCE = 'restored'

export const experienceAppliers: ExperienceAppliers = {
  ExperienceRecorded(body, context) {
    const { timeMs } = context
    insert(context, body, {
      applications: {},
      createdAt: timeMs,
      lastReinforced: timeMs,
      archived: false,
      version: 1,
    })
  },

  ExperienceRestored(body, context) {
    const { applications, createdAt, lastReinforced, archived, version } = body
    insert(context, body, {
      applications: applications === 0 ? {} : { [RESTORED_INSTANCE]: applications },
      createdAt,
      lastReinforced,
      archived,
      version,
    })
  },

  ExperienceUpdated({ id, patch }, context) {
    const row = stored(context, id)
    replace(context, row, { ...row, ...patch, version: row.version + 1 }, changeKind(patch))
  },

  ExperienceReinforced({ id, instance }, context) {
    const row = stored(context, id)
    const count = Math.min(limits.UINT32_MAX, (row.applications[instance] ?? 0) + 1)
    const applications = { ...row.applications, [instance]: count }
    const reinforced = { ...row, applications, lastReinforced: context.timeMs, version: row.version + 1 }
    replace(context, row, reinforced, 'updated')
  },

  ExperienceDeleted({ id }, context) {
    const { state, tell } = context
    const scope = context.scope()
    const row = stored(context, id)
    const bytes = eraseExperience(state, scope, row)
    addStatistics(state, scope, {
      experienceCount: -1,
      archivedCount: row.archived ? -1 : 0,
      storageBytes: -bytes,
    })
    journal(context, row, 'deleted')
    tell({ kind: 'remove', table: 'experience', scope, id })
  },
}

type ServerFields = Pick<ExperienceRow, 'applications' | 'createdAt' | 'lastReinforced' | 'archived' | 'version'>

const rowOf = (body: RecordedExperience, fields: ServerFields, address: ExperienceRow['address']): ExperienceRow => {
  // Field by field: objects that are spread into one another cost many times as much, on every record's way.
  const row = {
    id: body.id,
    content: body.content,
    type: body.type,
    importance: body.importance,
    confidence: body.confidence,
    domain: body.domain,
    relatedFiles: body.relatedFiles,
    sourceAgent: body.sourceAgent,
    applications: fields.applications,
    createdAt: fields.createdAt,
    lastReinforced: fields.lastReinforced,
    archived: fields.archived,
    version: fields.version,
    address,
  }
  return body.sourceTask === undefined ? row : { ...row, sourceTask: body.sourceTask }
}

const insert = (context: ApplyContext, body: RecordedExperience, fields: ServerFields): void => {
  const { state, address, tell } = context
  const scope = context.scope()
  const embedding = float32FromBytes(body.embedding)
  const row = rowOf(body, fields, address)
  const storageBytes = insertExperience(state, scope, row, embedding)
  addStatistics(state, scope, { experienceCount: 1, archivedCount: row.archived ? 1 : 0, storageBytes })
  journal(context, row, 'created')
  tell({ kind: 'put', table: 'experience', scope, row, embedding })
}

const replace = (context: ApplyContext, before: ExperienceRow, after: ExperienceRow, kind: ChangeKind): void => {
  const { state, tell } = context
  const scope = context.scope()
  const storageBytes = replaceExperience(state, scope, after)
  addStatistics(state, scope, { archivedCount: Number(after.archived) - Number(before.archived), storageBytes })
  journal(context, after, kind)
  tell({ kind: 'row', table: 'experience', scope, row: after })
}

/** An update that archives is `archived`, every other one, unarchiving too, is `updated` (PulseDB's mapping). */
const changeKind = (patch: ExperiencePatch): ChangeKind => (patch.archived === true ? 'archived' : 'updated')

const stored = ({ state, scope }: ApplyContext, id: ExperienceId): ExperienceRow =>
  present(readExperience(state, scope(), id), 'experience of an event')

const journal = (context: ApplyContext, row: ExperienceRow, kind: ChangeKind): void => {
  putJournalRow(context, context.scope(), { kind, entity: 'experience', id: row.id, facets: row })
}
