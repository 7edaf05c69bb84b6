/** Bounds the structure of a JSON text before it is parsed; whether it *is* JSON is the parser's question. */
import { BODY_CONTAINERS_MAX, BODY_DEPTH_MAX, BODY_NAMES_MAX } from '../limits.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a

/** What may be in a text. */
export interface JsonBounds {
  readonly depthMax: number
  readonly containersMax: number
  readonly namesMax: number
}

const BODY: JsonBounds = {
  depthMax: BODY_DEPTH_MAX,
  containersMax: BODY_CONTAINERS_MAX,
  namesMax: BODY_NAMES_MAX,
}

/** Why a body is refused, or `undefined` when its nesting, its maps and lists, and its names stay within bounds. */
export const jsonDefect = (bytes: Uint8Array): string | undefined => jsonStructure(bytes, BODY).defect

/** Whether maps and lists stand in one another at most so deep in a JSON text. */
export const isJsonWithin = (json: string, depthMax: number): boolean =>
  jsonStructure(Buffer.from(json), { depthMax, containersMax: Infinity, namesMax: Infinity }).defect === undefined

/** How many names stand in a text, and the bound that it breaks, if there is one. */
export const jsonStructure = (
  bytes: Uint8Array,
  { depthMax, containersMax, namesMax }: JsonBounds,
): { readonly names: number; readonly defect?: string } => {
  let depth = 0
  let containers = 0
  let names = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number
    if (byte === QUOTE) at = stringEnd(bytes, at + 1)
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1
      containers += 1
      if (depth > depthMax) return { names, defect: `nested deeper than ${depthMax}` }
      if (containers > containersMax) return { names, defect: `more than ${containersMax} maps and lists` }
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1
    else if (byte === COLON) {
      names += 1
      if (names > namesMax) return { names, defect: `more than ${namesMax} names` }
    }
  }
  return { names }
}

/** Where the string that begins at `at` ends: the index of its closing quote. */
const stringEnd = (bytes: Uint8Array, at: number): number => {
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}
