/**
 * Lists of ids as single rows, for what must be found by reading points (ADR 0005): the relations of an experience, the
 * insights that rest on it. Ids stand in the order in which they came, or where whoever inserts them says; a limit at
 * whoever adds keeps the row small.
 */
import { concatBytes, formatUuid, uuidBytes, type Uuid } from '@waggle/kernel'
import type { MutableState, StateView } from './overlay.ts'

const ID_BYTES = 16

export const countIds = (state: StateView, key: Uint8Array): number => (state.get(key)?.length ?? 0) / ID_BYTES

export const readIds = (state: StateView, key: Uint8Array): readonly Uuid[] => {
  const bytes = state.get(key)
  if (bytes === undefined) return []
  return Array.from({ length: bytes.length / ID_BYTES }, (_, index) => idAt(bytes, index))
}

/** Appends an id that the list does not have. */
export const appendId = (state: MutableState, key: Uint8Array, id: Uuid): void => {
  state.put(key, concatBytes(state.get(key) ?? new Uint8Array(), uuidBytes(id)))
}

const idAt = (bytes: Uint8Array, index: number): Uuid =>
  formatUuid(bytes.subarray(index * ID_BYTES, (index + 1) * ID_BYTES))

/**
 * The first index from which on `isBehind` holds, in a list whose ids it parts in two. The last one is asked first:
 * what is new nearly always belongs at the end.
 */
export const placeIn = (state: StateView, key: Uint8Array, isBehind: (other: Uuid) => boolean): number => {
  const bytes = state.get(key) ?? new Uint8Array()
  const count = bytes.length / ID_BYTES
  if (count === 0 || !isBehind(idAt(bytes, count - 1))) return count
  let [low, high] = [0, count - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBehind(idAt(bytes, middle))) high = middle
    else low = middle + 1
  }
  return low
}

/** Puts an id that the list does not have at an index. */
export const insertId = (state: MutableState, key: Uint8Array, id: Uuid, index: number): void => {
  const bytes = state.get(key) ?? new Uint8Array()
  const at = index * ID_BYTES
  state.put(key, concatBytes(bytes.subarray(0, at), uuidBytes(id), bytes.subarray(at)))
}

/** Removes an id; a list without ids is no row. */
export const removeId = (state: MutableState, key: Uint8Array, id: Uuid): void => {
  const bytes = state.get(key)
  if (bytes === undefined) return
  const at = placeOf(bytes, id)
  if (at === -1) return
  if (bytes.length === ID_BYTES) state.delete(key)
  else state.put(key, without(bytes, at))
}

/** Whoever removes thousands of ids begins at one end: there the rest is a view, and nothing is copied. */
const without = (bytes: Uint8Array, at: number): Uint8Array => {
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + ID_BYTES)]
  if (before.length === 0) return after
  return after.length === 0 ? before : concatBytes(before, after)
}

/** Where an id begins; -1: nowhere. The bytes of an id may also lie across two others. */
const placeOf = (bytes: Uint8Array, id: Uuid): number => {
  const list = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const wanted = uuidBytes(id)
  let at = list.indexOf(wanted)
  while (at !== -1 && at % ID_BYTES !== 0) at = list.indexOf(wanted, at + 1)
  return at
}
