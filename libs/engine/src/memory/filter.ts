/** Conditions on experiences (`ExperienceFilter`): all are ANDed, a list means any overlap, `[]` matches nothing. */
import type { ExperienceFilter } from '@waggle/protocol'
import type { ExperienceRow } from './experience-rows.ts'

/** Whether a row matches, apart from `includeArchived`, whose default depends on who asks. */
export const matchesFilter = (row: ExperienceRow, filter: ExperienceFilter): boolean =>
  overlaps(filter.domains, row.domain) &&
  overlaps(filter.types, [row.type.kind]) &&
  atLeast(row.importance, filter.minImportance) &&
  atLeast(row.confidence, filter.minConfidence) &&
  atLeast(row.createdAt, filter.since) &&
  atMost(row.createdAt, filter.until) &&
  overlaps(filter.agents, [row.sourceAgent]) &&
  overlaps(filter.tasks, row.sourceTask === undefined ? [] : [row.sourceTask]) &&
  overlaps(filter.files, row.relatedFiles)

/** True when nothing but archived records can fail the filter, so that no record must be read for it. */
export const isOpen = ({ includeArchived: _, ...conditions }: ExperienceFilter): boolean =>
  Object.keys(conditions).length === 0

const overlaps = (wanted: readonly string[] | undefined, present: readonly string[]): boolean =>
  wanted === undefined || wanted.some((value) => present.includes(value))

const atLeast = (value: number, bound: number | undefined): boolean => bound === undefined || value >= bound

const atMost = (value: number, bound: number | undefined): boolean => bound === undefined || value <= bound
