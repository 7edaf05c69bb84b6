/** A payload as requests carry it: any JSON value under `payload`, or its text under `json`. */
import type { Uint64Text } from '../uint64.ts'
import { invalidField, type Decoder } from '../schema/decoder.ts'

/** An id and the JSON text of its payload. */
export interface StoredPayload {
  readonly id: Uint64Text
  readonly json: string
}

export const jsonPayload: Decoder<StoredPayload> = (_value, field) => {
  throw invalidField(field, 'an id with a payload')
}
