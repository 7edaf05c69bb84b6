/**
 * Bytes as the characters that expressions speak of.
 *
 * T1  As text: UTF-8, strictly. A byte that is none is a character of its own, U+DC80 to U+DCFF, which no UTF-8 stands
 *     for, so what matched leads back to exactly those bytes.
 * T2  As bytes: one character each, U+0000 to U+00FF.
 */

/** The character at a place, and in the lowest three bits how many bytes it takes. */
export type ReadCharacter = (bytes: Uint8Array, at: number) => number

/** T1: what stands for a byte that is no UTF-8 is this and the byte. */
const ESCAPE = 0xdc00

const ASCII_MAX = 0x7f
const SURROGATES = { first: 0xd800, last: 0xdfff } as const
const CHARACTER_MAX = 0x10ffff

/** T2. */
export const readByte: ReadCharacter = (bytes, at) => ((bytes[at] as number) << 3) | 1

/** T1. */
export const readText: ReadCharacter = (bytes, at) => {
  const first = bytes[at] as number
  if (first <= ASCII_MAX) return (first << 3) | 1
  if (first >= 0xc2 && first <= 0xdf) return readLonger(bytes, at, { width: 2, bits: first & 0x1f, least: 0x80 })
  if (first >= 0xe0 && first <= 0xef) return readLonger(bytes, at, { width: 3, bits: first & 0x0f, least: 0x800 })
  if (first >= 0xf0 && first <= 0xf4) return readLonger(bytes, at, { width: 4, bits: first & 0x07, least: 0x10000 })
  return escaped(first)
}

const escaped = (byte: number): number => ((ESCAPE + byte) << 3) | 1

interface Head {
  readonly width: number
  readonly bits: number
  /** What is below it has a shorter form, which is the only right one. */
  readonly least: number
}

const readLonger = (bytes: Uint8Array, at: number, { width, bits, least }: Head): number => {
  let character = bits
  for (let next = at + 1; next < at + width; next++) {
    const byte = bytes[next] ?? 0
    if ((byte & 0xc0) !== 0x80) return escaped(bytes[at] as number)
    character = (character << 6) | (byte & 0x3f)
  }
  const isSurrogate = character >= SURROGATES.first && character <= SURROGATES.last
  return character < least || character > CHARACTER_MAX || isSurrogate
    ? escaped(bytes[at] as number)
    : (character << 3) | width
}

/** Some bytes as a text for re2js, and where in the bytes each place of the text is. */
export const textOfBytes = (
  bytes: Uint8Array,
  read: ReadCharacter,
): { readonly text: string; readonly byteAt: (place: number) => number } => {
  const places: number[] = []
  const parts: string[] = []
  for (let at = 0; at < bytes.length;) {
    const character = read(bytes, at)
    const part = String.fromCodePoint(character >>> 3)
    places.push(...(part.length === 1 ? [at] : [at, at]))
    parts.push(part)
    at += character & 7
  }
  return { text: parts.join(''), byteAt: (place) => places[place] ?? bytes.length }
}
