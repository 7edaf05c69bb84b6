/**
 * What re2js made of an expression, in a form that is quick to follow: places that lead to places, and which characters
 * they tell apart. The instructions are those of Go's regexp/syntax.
 */
import type { RE2JS } from 're2js'

/** What of re2js is read beyond what its page describes; its version is pinned, and a test compares both. */
interface Inside {
  readonly prog: { readonly inst: readonly Instruction[]; readonly start: number }
  readonly dfa: { readonly classBounds: Int32Array }
}

interface Instruction {
  readonly op: number
  readonly out: number
  readonly arg: number
  readonly runes: Int32Array
  matchRune(rune: number): boolean
}

const OP = { alternate: 1, alternateMatch: 2, capture: 3, assert: 4, match: 6, nop: 7, rune: 8 } as const

/** What a place is. */
export const PLACE = { dead: 0, split: 1, pass: 2, assert: 3, range: 4, runes: 5, found: 6 } as const

/** Bits of what a place may assert. */
export const ASSERT = {
  beginLine: 1,
  endLine: 2,
  beginText: 4,
  endText: 8,
  wordBoundary: 16,
  noWordBoundary: 32,
} as const

export class RegexProgram {
  readonly start: number
  readonly classes: CharacterClasses
  /** Of each place: what it is, and where it leads to. */
  readonly kinds: Uint8Array
  readonly outs: Uint16Array
  /** A second way, what must be true, or the lowest character. */
  readonly args: Int32Array
  /** The highest character. */
  readonly highs: Int32Array
  readonly hasAssertions: boolean
  readonly #instructions: readonly Instruction[]

  constructor(compiled: RE2JS) {
    const { prog, dfa } = compiled.re2Input as unknown as Inside
    this.#instructions = prog.inst
    this.start = prog.start
    this.classes = new CharacterClasses(dfa.classBounds)
    this.hasAssertions = prog.inst.some(({ op }) => op === OP.assert)
    this.kinds = Uint8Array.from(prog.inst, kindOf)
    this.outs = Uint16Array.from(prog.inst, ({ out }) => out)
    this.args = Int32Array.from(prog.inst, ({ op, arg, runes }) => (op >= OP.rune ? (runes[0] ?? 0) : arg))
    this.highs = Int32Array.from(prog.inst, ({ runes }) => runes[1] ?? runes[0] ?? 0)
  }

  get size(): number {
    return this.kinds.length
  }

  /** Whether a place takes a character, where it is more than a range. */
  takes(place: number, rune: number): boolean {
    return this.#instructions[place]?.matchRune(rune) ?? false
  }
}

const FOLD_CASE = 1

const kindOf = ({ op, arg, runes }: Instruction): number => {
  if (op === OP.match) return PLACE.found
  if (op === OP.alternate || op === OP.alternateMatch) return PLACE.split
  if (op === OP.capture || op === OP.nop) return PLACE.pass
  if (op === OP.assert) return PLACE.assert
  if (op < OP.rune) return PLACE.dead
  const isRange = runes.length === 2 || (runes.length === 1 && (arg & FOLD_CASE) === 0)
  return isRange ? PLACE.range : PLACE.runes
}

export const NEWLINE = 10
/** The first and last characters of the runs that make words. */
const WORD_RUNS = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
] as const

export const isWord = (rune: number): boolean => WORD_RUNS.some(([low, high]) => rune >= low && rune <= high)

const ASCII = 128

/** Characters that no place tells apart, line ends and words counted in. */
export class CharacterClasses {
  readonly #bounds: Int32Array
  readonly #ofAscii = new Uint16Array(ASCII)
  readonly count: number

  constructor(bounds: Iterable<number>) {
    const around = WORD_RUNS.flatMap(([low, high]) => [low, high + 1])
    this.#bounds = Int32Array.from(new Set([...bounds, NEWLINE, NEWLINE + 1, ...around])).sort()
    this.count = this.#bounds.length + 1
    for (let rune = 0; rune < ASCII; rune++) this.#ofAscii[rune] = this.#search(rune)
  }

  of(rune: number): number {
    return rune < ASCII ? (this.#ofAscii[rune] ?? 0) : this.#search(rune)
  }

  #search(rune: number): number {
    let low = 0
    let high = this.#bounds.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#bounds[middle] ?? 0) <= rune) low = middle + 1
      else high = middle
    }
    return low
  }
}
