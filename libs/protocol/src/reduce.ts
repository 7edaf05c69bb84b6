/** What a reduction over a range of the batch store answers. */
export type ReducedValue = object

export interface Reduction {
  readonly results: readonly (ReducedValue | null)[]
}
