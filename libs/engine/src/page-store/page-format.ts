/**
 * A page as bytes: a header of 32 bytes, then its data. MenteDB's page has 64 KiB, whatever it holds; a row of ours is
 * as long as what stands in it.
 *
 * ```
 * 0  format:1 kind:1 zero:2 length:4     of the data
 * 8  page:8 next:8                       its own number, and the page that goes on with what it begins; 0 for none
 * 24 zero:4 checksum:4                   CRC-32 of everything else, in the order in which it stands
 * ```
 * Numbers are big-endian.
 */
import { crc32 } from 'node:zlib'
import { assert } from '@waggle/kernel'
import { limits, type PageNumber } from '@waggle/protocol'

const FORMAT = 1
export const PAGE_HEADER_BYTES = limits.PAGE_BYTES - limits.PAGE_DATA_BYTES
const CHECKSUM_AT = 28

/** MenteDB's numbers; a page in which a memory begins is one of its data pages. */
const KINDS = { free: 0, data: 1, memory: 2, overflow: 3 } as const

/** `data` is a caller's own; in `memory` one begins, and `overflow` goes on with it; `free` ones are a chain. */
export type StoredPageKind = keyof typeof KINDS

const kindNames = new Map(Object.entries(KINDS).map(([name, code]) => [code as number, name as StoredPageKind]))

export interface StoredPage {
  readonly kind: StoredPageKind
  /** 0 at the end of a chain. */
  readonly next: PageNumber
  /** A view into the row. */
  readonly data: Uint8Array
}

export const encodePage = (page: PageNumber, { kind, next, data }: StoredPage): Uint8Array => {
  assert(data.length <= limits.PAGE_DATA_BYTES, 'what is larger than a page goes on in others')
  const bytes = Buffer.alloc(PAGE_HEADER_BYTES + data.length)
  bytes.writeUInt8(FORMAT, 0)
  bytes.writeUInt8(KINDS[kind], 1)
  bytes.writeUInt32BE(data.length, 4)
  bytes.writeBigUInt64BE(BigInt(page), 8)
  bytes.writeBigUInt64BE(BigInt(next), 16)
  bytes.set(data, PAGE_HEADER_BYTES)
  bytes.writeUInt32BE(checksumOf(bytes), CHECKSUM_AT)
  return bytes
}

/** What stands in a page; `undefined` when its bytes are not those that were written into that page. */
export const decodePage = (page: PageNumber, bytes: Uint8Array): StoredPage | undefined => {
  if (bytes.length < PAGE_HEADER_BYTES) return undefined
  const header = new DataView(bytes.buffer, bytes.byteOffset, PAGE_HEADER_BYTES)
  const kind = kindNames.get(header.getUint8(1))
  const isWhole =
    header.getUint32(CHECKSUM_AT) === checksumOf(bytes) &&
    header.getUint8(0) === FORMAT &&
    header.getUint32(4) === bytes.length - PAGE_HEADER_BYTES &&
    header.getBigUint64(8) === BigInt(page)
  if (!isWhole || kind === undefined) return undefined
  return { kind, next: Number(header.getBigUint64(16)), data: bytes.subarray(PAGE_HEADER_BYTES) }
}

const checksumOf = (bytes: Uint8Array): number => {
  const header = crc32(bytes.subarray(0, CHECKSUM_AT))
  // zlib takes an empty view without memory behind it for a request to start anew.
  return bytes.length === PAGE_HEADER_BYTES ? header : crc32(bytes.subarray(PAGE_HEADER_BYTES), header)
}
