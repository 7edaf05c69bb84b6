/**
 * What the parts of an upload are together: the MessagePack of a list of pairs, each key and value as binary or as
 * text, which stands for its UTF-8. It comes from outside, so nothing is built before its bytes have been seen, and
 * reading ends at the first one that does not belong there: what is wrong costs no more than what is right.
 */
import { isUtf8 } from 'node:buffer'
import type { KeyJournalRow } from '../key-journal.ts'

/** Where reading ended, and why. */
export interface UploadDefect {
  readonly defect: string
  /** Of the entry, when it got that far. */
  readonly entry?: number
}

/**
 * The entries, as views of `content`. Logs hold what was accepted once, so that is never narrowed; how many there may
 * be, and how long, is checked by whoever decides. @param countMax beyond it nothing is read
 */
export const readUploadContent = (
  content: Uint8Array,
  countMax = Number.MAX_SAFE_INTEGER,
): KeyJournalRow['entries'] | UploadDefect => {
  const reader = new Reader(content)
  const count = reader.list()
  if (count === undefined) return { defect: 'not a list' }
  if (count > countMax) return { defect: `more than ${countMax} entries` }
  const entries: (readonly [Uint8Array, Uint8Array])[] = []
  for (let entry = 0; entry < count; entry += 1) {
    if (reader.list() !== 2) return { defect: 'not a list of two', entry }
    const [key, value] = [reader.bytes(), reader.bytes()]
    if (key === undefined || value === undefined) return { defect: 'neither binary nor text, or cut short', entry }
    entries.push([key, value])
  }
  return reader.isAtEnd ? entries : { defect: 'bytes behind the list' }
}

/** MessagePack's forms of what an upload is made of. */
const FIX_LIST = 0x90
const FIX_TEXT = 0xa0
const FIX_TEXT_END = 0xc0
const LIST_WIDTHS: Readonly<Record<number, number>> = { 0xdc: 2, 0xdd: 4 }
const BINARY_WIDTHS: Readonly<Record<number, number>> = { 0xc4: 1, 0xc5: 2, 0xc6: 4 }
const TEXT_WIDTHS: Readonly<Record<number, number>> = { 0xd9: 1, 0xda: 2, 0xdb: 4 }

/** `undefined` stands for what is not as it should be; nothing is read behind it. */
class Reader {
  readonly #content: Buffer
  #at = 0

  constructor(content: Uint8Array) {
    this.#content = Buffer.from(content.buffer, content.byteOffset, content.length)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#content.length
  }

  /** How many items follow. */
  list(): number | undefined {
    const head = this.#head()
    return head >= FIX_LIST && head < FIX_TEXT ? head - FIX_LIST : this.#number(LIST_WIDTHS[head])
  }

  bytes(): Uint8Array | undefined {
    const head = this.#head()
    const binary = BINARY_WIDTHS[head]
    if (binary !== undefined) return this.#take(this.#number(binary))
    const isShort = head >= FIX_TEXT && head < FIX_TEXT_END
    const text = this.#take(isShort ? head - FIX_TEXT : this.#number(TEXT_WIDTHS[head]))
    return text !== undefined && isUtf8(text) ? text : undefined
  }

  /** The byte that tells the form; at the end one that no form has. */
  #head(): number {
    const head = this.#content[this.#at] ?? -1
    this.#at += 1
    return head
  }

  #number(width: number | undefined): number | undefined {
    if (width === undefined || this.#at + width > this.#content.length) return undefined
    const number = this.#content.readUIntBE(this.#at, width)
    this.#at += width
    return number
  }

  #take(size: number | undefined): Uint8Array | undefined {
    if (size === undefined || this.#at + size > this.#content.length) return undefined
    this.#at += size
    return this.#content.subarray(this.#at - size, this.#at)
  }
}
