/**
 * Tokens and cursors: opaque to users, strings of base64url over a few bytes with a checksum, so that a string that
 * was cut short or mistyped is refused instead of being read as another position.
 */
import { assert, hexOf } from '@waggle/kernel'
import { isGeneration, type Address, type Generation, type Sequence } from './address.ts'
import { fault } from './errors.ts'
import { fnv1a32 } from './fnv1a32.ts'
import { SHARDS_MAX, TIME_MS_MAX } from './limits.ts'

/** A position in one shard's log: what a write returns and a read may wait for. */
export interface Token {
  readonly shard: number
  readonly generation: Generation
  readonly sequence: Sequence
}

/** A position in a list of experiences: the last one that was delivered, in the order `(createdAt, address)`. */
export interface ListCursor {
  readonly generation: Generation
  readonly createdAt: number
  readonly address: Address
}

const TOKEN_KIND = 1
const LIST_CURSOR_KIND = 2
const CHECKSUM_BYTES = 3

const seal = (body: Uint8Array): string => {
  const sealed = Buffer.alloc(body.length + CHECKSUM_BYTES)
  sealed.set(body)
  sealed.writeUIntBE(checksumOf(body), body.length, CHECKSUM_BYTES)
  return sealed.toString('base64url')
}

/** Against mistakes, not against forgers: a token grants nothing. */
const checksumOf = (body: Uint8Array): number => fnv1a32(body) & 0xff_ffff

const unseal = (text: string, kind: number, length: number): DataView | undefined => {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== length + CHECKSUM_BYTES || bytes[0] !== kind || bytes.toString('base64url') !== text) return
  const body = bytes.subarray(0, length)
  if (bytes.readUIntBE(length, CHECKSUM_BYTES) !== checksumOf(body)) return
  return new DataView(body.buffer, body.byteOffset, length)
}

const setGeneration = (view: DataView, offset: number, generation: Generation): void => {
  assert(isGeneration(generation), 'a generation is 16 hexadecimal digits')
  view.setBigUint64(offset, BigInt(`0x${generation}`))
}

const generationAt = (view: DataView, offset: number): Generation =>
  view.getBigUint64(offset).toString(16).padStart(16, '0') as Generation

const setCount = (view: DataView, offset: number, count: number): void => {
  assert(Number.isSafeInteger(count) && count >= 0, 'a position is told by exact numbers')
  view.setBigUint64(offset, BigInt(count))
}

/** Beyond the safe integers for a forged one: the checksum is no secret. */
const countAt = (view: DataView, offset: number): number => Number(view.getBigUint64(offset))

const INDEX_MAX = 0xffff_ffff

const TOKEN_BYTES = 19

export const encodeToken = ({ shard, generation, sequence }: Token): string => {
  assert(Number.isInteger(shard) && shard >= 0 && shard <= 0xffff, 'the number of a shard fits into two bytes')
  const view = new DataView(new ArrayBuffer(TOKEN_BYTES))
  view.setUint8(0, TOKEN_KIND)
  view.setUint16(1, shard)
  setGeneration(view, 3, generation)
  setCount(view, 11, sequence)
  return seal(new Uint8Array(view.buffer))
}

/** @throws Fault `INVALID_TOKEN` for anything that `encodeToken` did not make. */
export const decodeToken = (text: string): Token => {
  const view = unseal(text, TOKEN_KIND, TOKEN_BYTES)
  if (view === undefined || !Number.isSafeInteger(countAt(view, 11)))
    throw fault('INVALID_TOKEN', 'not a token', { field: 'token' })
  return { shard: view.getUint16(1), generation: generationAt(view, 3), sequence: countAt(view, 11) as Sequence }
}

/** Between the tokens of several shards: no character of base64url. */
const JOINT = '.'

/**
 * One text for positions in the logs of several shards, such as a list of all collectives speaks of; of each shard the
 * last one given counts. One token alone is its own text.
 */
export const encodeTokens = (tokens: readonly Token[]): string => {
  const ofShards = new Map(tokens.map((token) => [token.shard, token]))
  return [...ofShards.values()].map(encodeToken).join(JOINT)
}

/** The tokens in a text of `encodeToken` or `encodeTokens`, one a shard. @throws Fault `INVALID_TOKEN` */
export const decodeTokens = (text: string): readonly Token[] => {
  const texts = text.split(JOINT)
  const tokens = texts.length > SHARDS_MAX ? [] : texts.map(decodeToken)
  if (tokens.length === 0 || new Set(tokens.map(({ shard }) => shard)).size !== tokens.length)
    throw fault('INVALID_TOKEN', 'not a token', { field: 'token' })
  return tokens
}

const LIST_CURSOR_BYTES = 29

export const encodeListCursor = ({ generation, createdAt, address }: ListCursor): string => {
  const { sequence, index } = address
  assert(Number.isInteger(index) && index >= 0 && index <= INDEX_MAX, 'the index of a change fits into four bytes')
  const view = new DataView(new ArrayBuffer(LIST_CURSOR_BYTES))
  view.setUint8(0, LIST_CURSOR_KIND)
  setGeneration(view, 1, generation)
  setCount(view, 9, createdAt)
  setCount(view, 17, sequence)
  view.setUint32(25, index)
  return seal(new Uint8Array(view.buffer))
}

/** @throws Fault `INVALID_CURSOR` for anything that `encodeListCursor` did not make. */
export const decodeListCursor = (text: string): ListCursor => {
  const view = unseal(text, LIST_CURSOR_KIND, LIST_CURSOR_BYTES)
  if (view === undefined || countAt(view, 9) > TIME_MS_MAX || !Number.isSafeInteger(countAt(view, 17)))
    throw fault('INVALID_CURSOR', 'not a cursor', { field: 'cursor' })
  return {
    generation: generationAt(view, 1),
    createdAt: countAt(view, 9),
    address: { sequence: countAt(view, 17) as Sequence, index: view.getUint32(25) },
  }
}

const GENERATION_BYTES = 8

/** A generation from the first 8 random bytes. */
export const generationFrom = (bytes: Uint8Array): Generation => {
  const generation = hexOf(bytes.subarray(0, GENERATION_BYTES))
  assert(isGeneration(generation), 'a generation takes 8 bytes')
  return generation
}
