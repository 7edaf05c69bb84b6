/**
 * The one MessagePack encoder and decoder. Encoding is deterministic: the same value, built in the same order of keys,
 * gives the same bytes, which the log record's golden bytes hold fast.
 */
import { Encoder } from '@msgpack/msgpack'
import { MessagePackReader } from './message-pack-reader.ts'
import { messagePackDefect } from './message-pack-structure.ts'
import { MessagePackWriter } from './message-pack-writer.ts'

/** Reused: a new one per call costs 2.7 times as much. */
const writer = new MessagePackWriter()
const encoder = new Encoder({ ignoreUndefined: true })
const reader = new MessagePackReader()

/** The bytes of `value`, in a buffer of their own. Absent fields are left out; a `Float32Array` becomes its bytes. */
export const encodeMessagePack = (value: unknown): Uint8Array => {
  const written = writer.write(value)
  return written === undefined ? encoder.encode(value) : new Uint8Array(written)
}

/** The same bytes for `use` alone, which must not keep them: the next call of either overwrites them. */
export const useMessagePack = <Result>(value: unknown, use: (bytes: Uint8Array) => Result): Result =>
  use(writer.write(value) ?? encoder.encode(value))

/**
 * The value of bytes that *we* wrote and whose checksum was verified. Binary values are views into `bytes`.
 * @throws RangeError on anything else: use `decodeBody` for what comes from outside.
 */
export const decodeMessagePack = (bytes: Uint8Array): unknown => reader.read(bytes)

/** The value of foreign bytes, or the reason why they are refused. */
export const decodeForeignMessagePack = (
  bytes: Uint8Array,
): { readonly value: unknown } | { readonly defect: string } => {
  const defect = messagePackDefect(bytes)
  if (defect !== undefined) return { defect }
  try {
    return { value: reader.read(bytes) }
  } catch (error) {
    return { defect: error instanceof Error ? error.message : 'undecodable' }
  }
}
