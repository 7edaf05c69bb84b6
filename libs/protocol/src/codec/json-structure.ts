/** Bounds the structure of a JSON text before it is parsed; whether it *is* JSON is the parser's question. */
import { BODY_CONTAINERS_MAX, BODY_DEPTH_MAX, BODY_NAMES_MAX } from '../limits.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a

/** Why a text is refused, or `undefined` when its nesting, its maps and lists, and its names stay within bounds. */
export const jsonDefect = (bytes: Uint8Array): string | undefined => {
  let depth = 0
  let containers = 0
  let names = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number
    if (byte === QUOTE) at = stringEnd(bytes, at + 1)
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1
      containers += 1
      if (depth > BODY_DEPTH_MAX) return `nested deeper than ${BODY_DEPTH_MAX}`
      if (containers > BODY_CONTAINERS_MAX) return `more than ${BODY_CONTAINERS_MAX} maps and lists`
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1
    else if (byte === COLON) {
      names += 1
      if (names > BODY_NAMES_MAX) return `more than ${BODY_NAMES_MAX} names`
    }
  }
  return undefined
}

/** Where the string that begins at `at` ends: the index of its closing quote. */
const stringEnd = (bytes: Uint8Array, at: number): number => {
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}
