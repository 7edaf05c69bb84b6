/** Keys and values that tests write, and how they read them back. */
import type { KeysHandle } from '../keys/keys-handle.ts'

export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

type Rows = AsyncIterable<readonly [Uint8Array, Uint8Array]>

export const rowsOf = async (range: Rows): Promise<(readonly [Uint8Array, Uint8Array])[]> => {
  const rows: (readonly [Uint8Array, Uint8Array])[] = []
  for await (const row of range) rows.push(row)
  return rows
}

export const textsOf = (
  entries: readonly (readonly [Uint8Array, Uint8Array])[],
): readonly (readonly [string, string])[] => entries.map(([key, value]) => [textOf(key), textOf(value)])

/** All rows of a store, as texts. */
export const allRows = async (keys: Pick<KeysHandle, 'range'>): Promise<readonly (readonly [string, string])[]> =>
  textsOf(await rowsOf(keys.range()))

/** No stretch of it repeats another one, so that pieces in a wrong order are noticed. */
export const largeValue = (size: number, seed = 1): Uint8Array => {
  const bytes = new Uint8Array(size)
  let state = seed
  for (let index = 0; index < size; index += 1) {
    state = (state * 48_271) % 0x7fff_ffff
    bytes[index] = state
  }
  return bytes
}
