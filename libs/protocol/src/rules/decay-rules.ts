/** The rules of how energy fades and what a search weighs, in PulseDB's published order of checks. */
import type { DecayConfig } from '../decay.ts'
import { FREQ_WEIGHT_MAX, HALF_LIFE_MS_MAX } from '../limits.ts'
import { invalidField } from '../schema/decoder.ts'
import type { SearchWeights } from '../search.ts'

/** How far the sum of the weights may be from 1: sums of decimal fractions are rarely exact. */
const SUM_TOLERANCE = 0.0001

/** @param prefix path of what the decay belongs to: empty for a request or settings whose field is `decay` */
export const checkDecay = ({ halfLifeMs, freqWeight, floor, weights }: DecayConfig, prefix = ''): void => {
  checkRange(halfLifeMs, { min: 1, max: HALF_LIFE_MS_MAX }, `${prefix}decay.halfLifeMs`)
  checkRange(freqWeight, { min: 0, max: FREQ_WEIGHT_MAX }, `${prefix}decay.freqWeight`)
  checkRange(floor, { min: 0, max: 1 }, `${prefix}decay.floor`)
  if (weights !== undefined) checkWeights(weights, `${prefix}decay.weights`)
}

/** Each finite and 0 or more, and together 1. */
export const checkWeights = ({ similarity, text, energy }: SearchWeights, field: string): void => {
  const isPart = (weight: number): boolean => Number.isFinite(weight) && weight >= 0
  const parts = [similarity, text ?? 0, energy]
  const sum = parts.reduce((total, weight) => total + weight)
  if (!parts.every(isPart) || Math.abs(sum - 1) > SUM_TOLERANCE)
    throw invalidField(field, 'weights of 0 or more that sum to 1', {
      similarity: String(similarity),
      ...(text === undefined ? {} : { text: String(text) }),
      energy: String(energy),
    })
}

/** NaN is refused because it compares false. */
const checkRange = (value: number, { min, max }: { min: number; max: number }, field: string): void => {
  if (!(value >= min && value <= max))
    throw invalidField(field, `number ${min}..${max}`, { min, max, value: String(value) })
}
