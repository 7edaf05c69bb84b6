/** Which rows of the flat tier stand for all of them. */
import type { Conditions } from '../vector-index.ts'
import type { FlatTier } from './graph-measure.ts'

/** Rows of which it is seen what share meets a query's conditions: it is told to within a twelfth. */
const SHARE_SAMPLE = 64

/** Up to `count` numbers below `end`, evenly spread. */
export const spread = (end: number, count: number): number[] => {
  const length = Math.min(end, count)
  return Array.from({ length }, (_, place) => Math.floor((place * end) / length))
}

/** All rows, an even sample of them last: what is not in the graph when it is measured stands for what will come. */
export const buildOrder = (flat: FlatTier, sample: number): readonly number[] => {
  const rows: number[] = []
  for (let row = 0; row < flat.rowsEnd; row += 1) if (flat.idAt(row) !== undefined) rows.push(row)
  const last = new Set(spread(rows.length, sample).map((place) => rows[place] as number))
  return [...rows.filter((row) => !last.has(row)), ...last]
}

/** The share of rows that meet the conditions, 0..1, by a sample. */
export const matchingShare = (flat: FlatTier, conditions: Conditions): number => {
  const matches = flat.matching(conditions)
  const ids = spread(flat.rowsEnd, SHARE_SAMPLE).flatMap((row) => flat.idAt(row) ?? [])
  return ids.length === 0 ? 1 : ids.filter(matches).length / ids.length
}
