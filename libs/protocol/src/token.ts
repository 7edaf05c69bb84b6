/** Tokens, and the cursors of lists: opaque to users. */
import { assert, hexOf } from '@waggle/kernel'
import { isGeneration, type Address, type Generation, type Sequence } from './address.ts'
import { fault } from './errors.ts'
import { fnv1a32 } from './fnv1a32.ts'
import { SHARDS_MAX, TIME_MS_MAX } from './limits.ts'
import { addressAt, countAt, generationAt, seal, setAddress, setCount, setGeneration, unseal } from './sealed-text.ts'

/** A position in one shard's log: what a write returns and a read may wait for. */
export interface Token {
  readonly shard: number
  readonly generation: Generation
  readonly sequence: Sequence
}

/** A position in a list: the last item that was delivered, in the order `(createdAt, address)`. */
export interface ListCursor {
  /** Which list it belongs to (`listNumber`): a position in another one means nothing. */
  readonly list: number
  readonly generation: Generation
  readonly createdAt: number
  readonly address: Address
}

const TOKEN_KIND = 1
/** 2 was a cursor that did not say whose it is. */
const LIST_CURSOR_KIND = 4
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

const LIST_CURSOR_BYTES = 33

/** The number of a list among all lists, from what tells it apart; against mistakes, like a checksum. */
export const listNumber = (...parts: readonly (string | number)[]): number => fnv1a32(Buffer.from(parts.join('/')))

export const encodeListCursor = ({ list, generation, createdAt, address }: ListCursor): string => {
  const view = new DataView(new ArrayBuffer(LIST_CURSOR_BYTES))
  view.setUint8(0, LIST_CURSOR_KIND)
  setGeneration(view, 1, generation)
  setCount(view, 9, createdAt)
  setAddress(view, 17, address)
  view.setUint32(29, list)
  return seal(new Uint8Array(view.buffer))
}

/** @throws Fault `INVALID_CURSOR` for anything that `encodeListCursor` did not make. */
export const decodeListCursor = (text: string): ListCursor => {
  const view = unseal(text, LIST_CURSOR_KIND, LIST_CURSOR_BYTES)
  if (view === undefined || countAt(view, 9) > TIME_MS_MAX || !Number.isSafeInteger(countAt(view, 17)))
    throw fault('INVALID_CURSOR', 'not a cursor', { field: 'cursor' })
  return {
    list: view.getUint32(29),
    generation: generationAt(view, 1),
    createdAt: countAt(view, 9),
    address: addressAt(view, 17),
  }
}

const GENERATION_BYTES = 8

/** A generation from the first 8 random bytes. */
export const generationFrom = (bytes: Uint8Array): Generation => {
  const generation = hexOf(bytes.subarray(0, GENERATION_BYTES))
  assert(isGeneration(generation), 'a generation takes 8 bytes')
  return generation
}
