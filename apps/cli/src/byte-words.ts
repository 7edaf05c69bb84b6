/**
 * Bytes on the command line: text, which stands for its UTF-8, unless `--hex` or `--base64` says otherwise. They are
 * printed in the same form; text that is none is printed as `{"base64":…}`, which every input of bytes takes, too.
 */
import type { Command } from 'commander'
import { UsageError } from './faults.ts'
import { oneLine } from './terminal/text.ts'

export interface ByteOptions {
  readonly hex?: boolean
  readonly base64?: boolean
}

/** Bytes as JSON has them. */
export type ByteWord = string | { readonly base64: string }

export const addByteOptions = (command: Command): Command =>
  command
    .option('--hex', 'bytes are hexadecimal, here and in what is printed (default: UTF-8 text)')
    .option('--base64', 'bytes are base64')

/** @throws UsageError */
export const bytesOfWord = (word: string, { hex = false, base64 = false }: ByteOptions): Uint8Array => {
  if (hex && base64) throw new UsageError('--hex and --base64: give one of them')
  if (!hex && !base64) return new Uint8Array(Buffer.from(word))
  const bytes = Buffer.from(word, hex ? 'hex' : 'base64')
  // Node skips what does not belong there.
  const isWhole = hex ? bytes.toString('hex') === word.toLowerCase() : bytes.toString('base64') === padded(word)
  if (!isWhole) throw new UsageError(`not ${hex ? 'hexadecimal' : 'base64'}: ${word.slice(0, 60)}`)
  return new Uint8Array(bytes)
}

const padded = (word: string): string => word + '='.repeat((4 - (word.length % 4)) % 4)

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const wordOfBytes = (bytes: Uint8Array, { hex = false, base64 = false }: ByteOptions): ByteWord => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (hex) return buffer.toString('hex')
  if (base64) return buffer.toString('base64')
  try {
    return strict.decode(bytes)
  } catch {
    return { base64: buffer.toString('base64') }
  }
}

/** For people. */
export const lineOfBytes = (bytes: Uint8Array, options: ByteOptions): string => {
  const word = wordOfBytes(bytes, options)
  return typeof word === 'string' ? oneLine(word) : `base64:${word.base64}`
}
