/** Fields of keys in a reduction, as they stand in keys behind a prefix. */
import { isMap, limits } from '@waggle/protocol'

const BITS = 8

/**
 * A copy in which every reference to a field of the key points so many bytes further; what is no such reference stays
 * as it is.
 */
export const shiftedFields = (value: unknown, bytes: number): unknown => {
  if (bytes === 0) return value
  // What is longer than any request is left for the decoder to refuse.
  if (Array.isArray(value))
    return value.length > limits.BATCH_ITEMS_MAX ? value : value.map((item) => shiftedFields(item, bytes))
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      (name === 'key' || name === 'zOrderKey') && isMap(item) ? shifted(item, bytes) : shiftedFields(item, bytes),
    ]),
  )
}

const shifted = (field: Record<string, unknown>, bytes: number): object => ({
  ...field,
  ...moved(field, 'byteOffset', bytes),
  ...moved(field, 'bitOffset', bytes * BITS),
})

const moved = (field: Record<string, unknown>, name: string, by: number): object =>
  typeof field[name] === 'number' ? { [name]: field[name] + by } : {}
