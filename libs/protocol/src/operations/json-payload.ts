/** A payload as requests carry it: any JSON value under `payload`, or its text under `json`. */
import { PAYLOAD_BYTES_MAX, PAYLOAD_DEPTH_MAX } from '../limits.ts'
import { invalidField, optional, type Decoder } from '../schema/decoder.ts'
import { jsonText, jsonTextOf } from '../schema/json-value.ts'
import { isMap, map } from '../schema/map.ts'
import { uint64 } from '../schema/values.ts'
import type { Uint64Text } from '../uint64.ts'

/** An id and the JSON text of its payload. */
export interface StoredPayload {
  readonly id: Uint64Text
  readonly json: string
}

const bounds = { bytesMax: PAYLOAD_BYTES_MAX, depthMax: PAYLOAD_DEPTH_MAX }
const textOf = jsonTextOf(bounds)
const withText = map({ id: uint64, json: jsonText(bounds) })
const withoutText = map({ id: uint64, json: optional(() => true) })

/** Here `payload: null` is a payload; what is `undefined` is absent, as everywhere. */
export const jsonPayload: Decoder<StoredPayload> = (value, field) => {
  if (!isMap(value)) throw invalidField(field, 'map')
  const { payload: _, ...others } = value
  const payload = Object.hasOwn(value, 'payload') ? value.payload : undefined
  if (payload === undefined) return withText(others, field)
  const { id, json } = withoutText(others, field)
  if (json !== undefined) throw invalidField(`${field}.json`, 'absent beside a payload')
  return { id, json: textOf(payload, `${field}.payload`) }
}
