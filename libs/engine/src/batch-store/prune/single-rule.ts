/** Rules that ask of a thing nothing but its number: the sequence of a batch, what a key is ordered by. */
import type { Retain } from '@waggle/protocol'

export type SingleRule = Exclude<Retain, { readonly keepLatest: unknown }>

/** The lowest number that a rule keeps; `undefined`: it keeps none. */
export const lowestKept = (rule: SingleRule): bigint | undefined => {
  if ('dropAll' in rule) return undefined
  if ('greaterThan' in rule) return BigInt(rule.greaterThan.threshold) + 1n
  return BigInt(rule.greaterThanOrEqual.threshold)
}
