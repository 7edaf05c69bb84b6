/** What `keys.reduce` computes over the rows of a range. */
import { map } from '../schema/map.ts'
import { list } from '../schema/values.ts'
import { withDefault } from '../schema/decoder.ts'

export const reduceFields = {
  reducers: withDefault(list(map({}), { itemsMax: 1 }), []),
} as const
