/** What is wrong with a run, in three kinds, each with an exit code of its own. */

/** `crash`: the code broke; `correctness`: a checker objects; `liveness`: healed, and it does not settle. */
export type Verdict = 'crash' | 'correctness' | 'liveness'

export interface Finding {
  readonly verdict: Verdict
  readonly what: string
}

export const exitCodes: Readonly<Record<Verdict, number>> = { crash: 2, correctness: 3, liveness: 4 }
