/**
 * Decides for a query between the flat tier and the graph, by what was measured of both.
 *
 * The flat tier's time follows the rows that it looks at, the graph's follows `ef`. To find the k best among those that
 * meet conditions the graph has to find `k / share` best ones, and needs so many times the `ef` that finds ten.
 */

/** What is known of a graph. */
export interface GraphFigures {
  /** Candidates with which the wanted share of the ten nearest was found. */
  readonly ef: number
  /** That share, 0..1. */
  readonly recall: number
  /** Rows that the graph had when that was measured. */
  readonly rows: number
}

/** Median times of a search for the ten nearest, milliseconds, both measured in the same minute. */
export interface SearchTimes {
  readonly graphMs: number
  /** For so many rows. */
  readonly flatMs: number
  readonly flatRows: number
}

export interface PlannedQuery {
  readonly k: number
  /** Of the rows that meet the query's conditions, 0..1, as far as it is known. */
  readonly share: number
  /** In the flat tier. */
  readonly rows: number
  /** That the graph does not know. */
  readonly tail: number
}

export interface GraphPlan {
  readonly k: number
  readonly ef: number
}

/** `ef` was found for so many. */
export const MEASURED_K = 10

/** Below this share a scan of the rows that match is faster than a walk that discards most of what it meets. */
const SHARE_MIN = 0.3

/** How many more candidates are asked for than should be needed, since conditions are met in clusters. */
const SLACK = 1.5

/** `undefined`: the flat tier. */
export const planSearch = (
  { k, share, rows, tail }: PlannedQuery,
  { ef: measuredEf }: GraphFigures,
  { graphMs, flatMs, flatRows }: SearchTimes,
): GraphPlan | undefined => {
  if (share < SHARE_MIN) return undefined
  const needed = k / share
  const candidates = candidatesOf(needed)
  const ef = Math.max(Math.ceil(measuredEf * Math.max(1, needed / MEASURED_K)), candidates)
  const flatMsARow = flatMs / flatRows
  const expectedMs = graphMs * (ef / measuredEf) + flatMsARow * tail
  return expectedMs < flatMsARow * rows * share ? { k: candidates, ef } : undefined
}

/** How many to ask a graph for when so many are needed. */
export const candidatesOf = (needed: number): number => Math.ceil(needed * SLACK) + 2
