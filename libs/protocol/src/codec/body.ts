/** Bodies of requests and replies, as MessagePack or JSON. */
import { fault } from '../errors.ts'
import { REQUEST_BYTES_MAX } from '../limits.ts'
import { base64Of } from '../schema/bytes.ts'
import { excerpt } from '../schema/unicode.ts'
import { jsonDefect } from './json-structure.ts'
import { decodeForeignMessagePack, encodeMessagePack } from './message-pack.ts'

export type Encoding = 'messagePack' | 'json'

/** A decoded body; its reply goes out in the same encoding. */
export interface Body {
  readonly encoding: Encoding
  readonly value: unknown
}

/** A body whose first byte is `{` or white space is JSON, every other one MessagePack. */
export const encodingOf = (bytes: Uint8Array): Encoding =>
  bytes.length > 0 && JSON_STARTS.has(bytes[0] as number) ? 'json' : 'messagePack'

const JSON_STARTS: ReadonlySet<number> = new Set([0x7b, 0x20, 0x09, 0x0a, 0x0d])

const malformed = (encoding: Encoding, defect: string) =>
  fault('MALFORMED_BODY', `the body cannot be decoded encoding=${encoding} defect=${defect}`, { encoding, defect })

/**
 * @throws Fault `REQUEST_TOO_LARGE` or `MALFORMED_BODY`, before anything of the body is built in memory.
 */
export const decodeBody = (bytes: Uint8Array): Body => {
  if (bytes.length > REQUEST_BYTES_MAX)
    throw fault('REQUEST_TOO_LARGE', `request is too large bytes=${bytes.length} limit=${REQUEST_BYTES_MAX}`, {
      size: bytes.length,
      limit: REQUEST_BYTES_MAX,
    })
  const encoding = encodingOf(bytes)
  if (bytes.length === 0) throw malformed(encoding, 'empty')
  return { encoding, value: encoding === 'json' ? decodeJson(bytes) : decodeMessage(bytes) }
}

const decodeMessage = (bytes: Uint8Array): unknown => {
  const decoded = decodeForeignMessagePack(bytes)
  if ('defect' in decoded) throw malformed('messagePack', decoded.defect)
  return decoded.value
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

const decodeJson = (bytes: Uint8Array): unknown => {
  const defect = jsonDefect(bytes)
  if (defect !== undefined) throw malformed('json', defect)
  try {
    return JSON.parse(strictUtf8.decode(bytes))
  } catch (error) {
    // The message may quote the body, cut anywhere.
    throw malformed('json', error instanceof Error ? excerpt(error.message) : 'undecodable')
  }
}

/** The bytes of a body. In JSON an embedding is a list of numbers, and bytes are `{ base64 }`; MessagePack has both. */
export const encodeBody = (value: unknown, encoding: Encoding): Uint8Array =>
  encoding === 'messagePack' ? encodeMessagePack(value) : Buffer.from(JSON.stringify(value, inJson))

/** A `Buffer` is asked for its own form before the value comes here. */
function inJson(this: unknown, name: string, value: unknown): unknown {
  if (value instanceof Float32Array) return Array.from(value)
  const own: unknown = (this as Record<string, unknown>)[name]
  return own instanceof Uint8Array ? base64Of(own) : value
}
