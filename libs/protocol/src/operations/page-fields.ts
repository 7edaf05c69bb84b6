import { PAGE_ITEMS_DEFAULT, PAGE_OFFSET_MAX, RESULTS_MAX } from '../limits.ts'
import { optional, withDefault } from '../schema/decoder.ts'
import { integer, text } from '../schema/values.ts'

/** How many results a request takes. */
export const resultCount = integer({ min: 1, max: RESULTS_MAX })

/** One page of a list: after a cursor, or, from the beginning, after so many items. */
export const pageFields = {
  limit: withDefault(resultCount, PAGE_ITEMS_DEFAULT),
  cursor: optional(text({ bytesMax: 200 })),
  offset: optional(integer({ min: 0, max: PAGE_OFFSET_MAX })),
} as const
