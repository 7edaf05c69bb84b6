/**
 * What re2js made of an expression: the instructions, which are those of Go's regexp/syntax, and which characters they
 * tell apart.
 */
import type { RE2JS } from 're2js'

/** A place of the program. `arg` is a second way on (`alternate`), or what must be true (`assert`). */
export interface Instruction {
  readonly op: number
  readonly out: number
  readonly arg: number
  matchRune(rune: number): boolean
}

export const OP = { alternate: 1, alternateMatch: 2, capture: 3, assert: 4, match: 6, nop: 7, rune: 8 } as const

/** Bits of what an `assert` asks for. */
export const ASSERT = {
  beginLine: 1,
  endLine: 2,
  beginText: 4,
  endText: 8,
  wordBoundary: 16,
  noWordBoundary: 32,
} as const

export interface Program {
  readonly instructions: readonly Instruction[]
  readonly start: number
  readonly classes: CharacterClasses
}

/** What of re2js is read beyond what its page describes; its version is pinned, and a test compares both. */
interface Inside {
  readonly prog: { readonly inst: readonly Instruction[]; readonly start: number }
  readonly dfa: { readonly classBounds: Int32Array }
}

export const programOf = (compiled: RE2JS): Program => {
  const inside = compiled.re2Input as unknown as Inside
  const { inst: instructions, start } = inside.prog
  return { instructions, start, classes: new CharacterClasses(inside.dfa.classBounds) }
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

/** Characters that no instruction tells apart, line ends and words counted in. */
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
