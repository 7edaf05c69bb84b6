/** What a search for experiences asks, alone and as a part of a context. */
import { QUERY_TEXT_BYTES_MAX } from '../limits.ts'
import { optional, withDefault, type Decoder } from '../schema/decoder.ts'
import { embedding } from '../schema/embedding.ts'
import { map } from '../schema/map.ts'
import { boolean, number, text, time } from '../schema/values.ts'
import { NEIGHBOURS_DEFAULT, type Neighbours } from '../search.ts'
import { experienceFilter, include } from './experience-fields.ts'

const { before, after, sameAgent } = NEIGHBOURS_DEFAULT

const neighboursMap = map({
  before: withDefault(number, before),
  after: withDefault(number, after),
  sameAgent: withDefault(boolean, sameAgent),
})

/** `true` for the default, `false` for none. */
const neighbours: Decoder<Neighbours | undefined> = (value, field) => {
  if (value === false) return undefined
  return value === true ? NEIGHBOURS_DEFAULT : neighboursMap(value, field)
}

/** Their ranges, and what goes with what, are rules of the fields (`checkSearch`). */
export const searchFields = {
  embedding: optional(embedding),
  text: optional(text({ bytesMin: 1, bytesMax: QUERY_TEXT_BYTES_MAX })),
  filter: optional(experienceFilter),
  weights: optional(map({ similarity: number, text: optional(number), energy: number })),
  neighbours: optional(neighbours),
  diversity: optional(number),
  minScore: optional(number),
  now: optional(time),
  include,
} as const

/** A search looks for something. */
export const SOUGHT = ['embedding', 'text'] as const
