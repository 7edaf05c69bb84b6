/** Conditions on experiences (`ExperienceFilter`): all are ANDed, a list means any overlap, `[]` matches nothing. */
import type { ExperienceFilter } from '@waggle/protocol'
import type { Facets } from './facets.ts'

/**
 * Whether an experience, or what a journal says of one, matches, apart from `includeArchived`, whose default depends on
 * who asks.
 */
export const matchesFilter = (row: Facets, filter: ExperienceFilter): boolean =>
  overlaps(filter.domains, row.domain) &&
  overlaps(filter.types, listOf(row.type?.kind)) &&
  atLeast(row.importance, filter.minImportance) &&
  atLeast(row.confidence, filter.minConfidence) &&
  atLeast(row.createdAt, filter.since) &&
  atMost(row.createdAt, filter.until) &&
  overlaps(filter.agents, listOf(row.sourceAgent)) &&
  overlaps(filter.tasks, listOf(row.sourceTask)) &&
  overlaps(filter.files, row.relatedFiles)

/** True when nothing but archived records can fail the filter, so that no record must be read for it. */
export const isOpen = ({ includeArchived: _, ...conditions }: ExperienceFilter): boolean =>
  Object.keys(conditions).length === 0

const overlaps = (wanted: readonly string[] | undefined, present: readonly string[] = []): boolean =>
  wanted === undefined || wanted.some((value) => present.includes(value))

const listOf = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value])

const atLeast = (value: number | undefined, bound: number | undefined): boolean =>
  bound === undefined || (value !== undefined && value >= bound)

const atMost = (value: number, bound: number | undefined): boolean => bound === undefined || value <= bound
