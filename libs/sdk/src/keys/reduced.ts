/** What a reduction comes to, as a program computes with it. */
import { scalarOf, type Reduction, type ReducedValues, type Scalar } from '@waggle/protocol'

/** `null`: nothing took part. 64-bit numbers and decimals are `bigint`. */
export type ReducedScalars = readonly (Scalar | null)[]

export interface Reduced {
  /** One a reducer; none where there are groups. */
  readonly results: ReducedScalars
  /** In the order of their values, null first; none without `groupBy`. */
  readonly groups: readonly { readonly values: ReducedScalars; readonly results: ReducedScalars }[]
  /** Rows that were looked at. */
  readonly rows: number
  /** Of them, how many took no part for another reason than the filter, by reason. */
  readonly skipped: Reduction['skipped']
}

export const reduced = ({ results, groups, rows, skipped }: Reduction): Reduced => ({
  results: scalars(results),
  groups: groups.map((group) => ({ values: scalars(group.values), results: scalars(group.results) })),
  ...{ rows, skipped },
})

const scalars = (values: ReducedValues): ReducedScalars => values.map(scalarOf)
