/** Conditions on payloads, as requests carry them. */
import { invalidField, type Decoder } from '../schema/decoder.ts'
import type { PayloadFilter } from '../vector-store.ts'

/** @param depthMax how deep conditions may stand inside others */
export const payloadFilter =
  (depthMax: number): Decoder<PayloadFilter> =>
  (_value, field) => {
    throw invalidField(field, `a condition at most ${depthMax} deep`)
  }
