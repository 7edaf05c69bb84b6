/**
 * Encodes a result only as far as it fits (DESIGN K8). What is large about a result are its lists: their items are
 * encoded one by one, and the first one beyond the limit ends it. Encoding all of it to see how large it has become
 * costs, measured, nine seconds for a thousand texts of 100 KB that JSON has to escape, and beyond 512 MB it fails. A
 * result without a list is one record at most, and goes in one piece.
 */
import { assert } from '@waggle/kernel'
import { encodeBody, type Encoding } from './body.ts'

/** The same bytes as `encodeBody` makes of that map, or `undefined` when they are more than `bytesMax`. */
export const encodeMapWithin = (
  map: Readonly<Record<string, unknown>>,
  encoding: Encoding,
  bytesMax: number,
): Uint8Array | undefined => {
  if (!Object.values(map).some(Array.isArray)) {
    const bytes = encodeBody(map, encoding)
    return bytes.length > bytesMax ? undefined : bytes
  }
  const pieces: Uint8Array[] = []
  let size = 0
  for (const piece of piecesOf(map, encoding)) {
    size += piece.length
    if (size > bytesMax) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

function* piecesOf(map: Readonly<Record<string, unknown>>, encoding: Encoding): Generator<Uint8Array> {
  const frame = frames[encoding]
  const fields = Object.entries(map).filter(([, value]) => value !== undefined)
  yield frame.openMap(fields.length)
  for (const [at, [name, value]] of fields.entries()) {
    if (at > 0) yield frame.between
    yield encodeBody(name, encoding)
    yield frame.afterName
    if (Array.isArray(value)) yield* itemsOf(value, encoding)
    else yield encodeBody(value, encoding)
  }
  yield frame.closeMap
}

function* itemsOf(items: readonly unknown[], encoding: Encoding): Generator<Uint8Array> {
  const frame = frames[encoding]
  yield frame.openList(items.length)
  for (const [at, item] of items.entries()) {
    if (at > 0) yield frame.between
    yield encodeBody(item ?? null, encoding)
  }
  yield frame.closeList
}

/** What stands around the values of maps and lists. */
interface Frame {
  readonly openMap: (count: number) => Uint8Array
  readonly afterName: Uint8Array
  readonly openList: (count: number) => Uint8Array
  readonly between: Uint8Array
  readonly closeList: Uint8Array
  readonly closeMap: Uint8Array
}

const NOTHING = new Uint8Array(0)
const jsonText = (text: string): Uint8Array => Buffer.from(text)

/** MessagePack's short form of a map: more names than a result has. */
const FIELDS_MAX = 15

const frames: Readonly<Record<Encoding, Frame>> = {
  json: {
    openMap: () => jsonText('{'),
    afterName: jsonText(':'),
    openList: () => jsonText('['),
    between: jsonText(','),
    closeList: jsonText(']'),
    closeMap: jsonText('}'),
  },
  messagePack: {
    openMap(count) {
      assert(count <= FIELDS_MAX, 'a result has few fields')
      return Uint8Array.of(0x80 + count)
    },
    afterName: NOTHING,
    openList(count) {
      if (count <= 15) return Uint8Array.of(0x90 + count)
      if (count <= 0xffff) return Uint8Array.of(0xdc, count >> 8, count & 0xff)
      return Uint8Array.of(0xdd, count >>> 24, (count >> 16) & 0xff, (count >> 8) & 0xff, count & 0xff)
    },
    between: NOTHING,
    closeList: NOTHING,
    closeMap: NOTHING,
  },
}
