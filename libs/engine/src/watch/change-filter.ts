/** Conditions on changes (`ChangeFilter`), judged by what the journal's row says, never by today's record (P6). */
import type { ChangeFilter, ExperienceFilter } from '@waggle/protocol'
import { isOpen, matchesFilter } from '../memory/experience/filter.ts'
import type { JournalRow } from '../memory/journal.ts'

/** A change of an entity without facets, such as a relation, meets no condition that speaks of them. */
export const matchesChange = (row: JournalRow, { entities, kinds, ...conditions }: ChangeFilter): boolean =>
  (entities?.includes(row.entity) ?? true) && (kinds?.includes(row.kind) ?? true) && matchesFacets(row, conditions)

/** Archived records are shown unless they are not to be. */
const matchesFacets = ({ facets }: JournalRow, filter: ExperienceFilter): boolean =>
  facets === undefined
    ? isOpen(filter)
    : matchesFilter(facets, filter) && !(filter.includeArchived === false && facets.archived === true)
