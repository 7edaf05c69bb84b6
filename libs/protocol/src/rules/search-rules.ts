/** What a search may ask. */
import { DIVERSE_RESULTS_MAX } from '../limits.ts'
import { invalidField } from '../schema/decoder.ts'
import type { Neighbours, SearchWeights } from '../search.ts'
import { checkWeights } from './decay-rules.ts'

interface SearchRequest {
  readonly embedding?: Float32Array
  readonly text?: string
  readonly weights?: SearchWeights
  readonly neighbours?: Neighbours | undefined
  readonly diversity?: number
  readonly minScore?: number
}

/**
 * @param k how many results are asked for
 * @throws Fault `INVALID_FIELD`
 */
export const checkSearch = (request: SearchRequest, k: number): void => {
  const { weights, neighbours, diversity, minScore } = request
  if (weights !== undefined) {
    checkWeights(weights, 'weights')
    checkWeighsWhatIsAsked(request, weights)
  }
  if (neighbours !== undefined) {
    checkUnit(neighbours.before, 'neighbours.before')
    checkUnit(neighbours.after, 'neighbours.after')
  }
  if (diversity !== undefined) {
    checkUnit(diversity, 'diversity')
    if (diversity > 0 && k > DIVERSE_RESULTS_MAX)
      throw invalidField('diversity', `none for more than ${DIVERSE_RESULTS_MAX} results`, {
        limit: DIVERSE_RESULTS_MAX,
        results: k,
      })
  }
  if (minScore !== undefined && !Number.isFinite(minScore)) throw invalidField('minScore', 'finite number')
}

/** A caller who weighs each part by name means each of them. */
const checkWeighsWhatIsAsked = ({ embedding, text }: SearchRequest, weights: SearchWeights): void => {
  if (weights.text === undefined) return
  if (embedding === undefined && weights.similarity > 0) throw invalidField('weights.similarity', '0 without embedding')
  if (text === undefined && weights.text > 0) throw invalidField('weights.text', '0 without text')
}

/** NaN is refused because it compares false. */
const checkUnit = (value: number, field: string): void => {
  if (!(value >= 0 && value <= 1)) throw invalidField(field, 'number 0..1', { min: 0, max: 1, value: String(value) })
}
