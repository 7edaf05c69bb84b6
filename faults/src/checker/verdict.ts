/** What the checker finds wrong, and what that means for whoever trusted the cluster. */

/** Which rule of the checker was broken (`judge.ts`). */
export type Rule = 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H'

export type Harm = 'lost' | 'doubled' | 'stale'

export interface Violation {
  readonly rule: Rule
  readonly harm: Harm
  /** What was expected and what was found, with the operation or the place. */
  readonly what: string
}

export interface Verdict {
  readonly operations: number
  /** Writes that were acknowledged. */
  readonly acknowledged: number
  readonly lost: number
  readonly doubled: number
  readonly stale: number
  readonly violations: readonly Violation[]
}
