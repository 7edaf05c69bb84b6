/**
 * UUIDs as text and as 16 bytes. The text form is lower case with hyphens; its order is the order of the bytes.
 */
import { assert } from './assert.ts'
import type { Brand } from './brand.ts'
import { sha256 } from './sha256.ts'

export type Uuid = Brand<string, 'Uuid'>

const PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** True for the canonical lower-case text form, of any version. */
export const isUuid = (value: unknown): value is Uuid => typeof value === 'string' && PATTERN.test(value)

const UUID_BYTES = 16

/** The text of the first 16 of `bytes`. */
export const formatUuid = (bytes: Uint8Array): Uuid => {
  // A shorter view would go on into what its buffer holds behind it.
  assert(bytes.length >= UUID_BYTES, 'a UUID takes 16 bytes')
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, UUID_BYTES).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Uuid
}

/** The 16 bytes of a canonical UUID. */
export const uuidBytes = (uuid: Uuid): Uint8Array => {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex')
  // Decoding ends at the first odd character; a key made of what is left could be another row's.
  assert(bytes.length === UUID_BYTES, 'the bytes of a UUID come from its canonical text')
  return bytes
}

/**
 * A UUID of version 8 (RFC 9562, section 5.8) that depends on `parts` alone: the same parts give the same id in every
 * process, so a retried create meets the record that its first try made. The parts are length-prefixed, hence
 * `['ab', 'c']` and `['a', 'bc']` differ. They must be well-formed Unicode: lone surrogates would all be the same.
 */
export const deriveUuid = (parts: readonly string[]): Uuid => {
  const digest = sha256(Buffer.from(parts.map((part) => `${part.length}:${part}`).join('')))
  digest[6] = 0x80 | ((digest[6] as number) & 0x0f)
  digest[8] = 0x80 | ((digest[8] as number) & 0x3f)
  return formatUuid(digest)
}
