/**
 * The places of an expression that some bytes have led to, and how one more character leads on. Nothing is allocated
 * for it: a character costs some 10 ns for each place that is looked at.
 */
import { ASSERT, NEWLINE, PLACE, isWord, type RegexProgram } from './regex-program.ts'

/** In place of a character. */
export const END = -1

/** What stood before a place. */
export const BEFORE = { start: 0, newline: 1, word: 2, other: 3 } as const
export type Before = (typeof BEFORE)[keyof typeof BEFORE]

/** A set of places where the next character is expected, before what takes none is passed. */
export interface Places {
  readonly places: Uint16Array
  readonly before: Before
}

export class RegexSteps {
  readonly #program: RegexProgram
  readonly #open: Uint16Array
  readonly #next: Uint16Array
  /** In which pass a place was met, and was taken over. */
  readonly #met: Uint32Array
  readonly #taken: Uint32Array
  #pass = 0
  /** Places that were looked at, of all characters together. */
  work = 0

  constructor(program: RegexProgram) {
    this.#program = program
    this.#open = new Uint16Array(2 * program.size + 2)
    this.#next = new Uint16Array(program.size + 1)
    this.#met = new Uint32Array(program.size)
    this.#taken = new Uint32Array(program.size)
  }

  begin(): Places {
    return { places: Uint16Array.of(this.#program.start), before: this.#beforeNext(BEFORE.start) }
  }

  /**
   * The places behind a character, or the end; `undefined` where the expression is found before it. They are good until
   * the next call.
   */
  follow({ places, before }: Places, rune: number): Places | undefined {
    const { kinds, outs, args, highs, start } = this.#program
    const holds = assertionsBetween(before, rune)
    const [open, met, taken, next] = [this.#open, this.#met, this.#taken, this.#next]
    this.#beginPass()
    const pass = this.#pass
    open.set(places)
    let [opened, count] = [places.length, 0]
    // Found anywhere: it may begin behind every character.
    next[count++] = start
    taken[start] = pass
    while (opened > 0) {
      const place = open[--opened] as number
      if (met[place] === pass) continue
      met[place] = pass
      this.work += 1
      const kind = kinds[place] as number
      const out = outs[place] as number
      if (kind === PLACE.found) return undefined
      if (kind === PLACE.split) {
        open[opened++] = args[place] as number
        open[opened++] = out
      } else if (kind === PLACE.pass || (kind === PLACE.assert && ((args[place] as number) & ~holds) === 0))
        open[opened++] = out
      else if (taken[out] !== pass && this.#takes(kind, place, rune, args, highs)) {
        taken[out] = pass
        next[count++] = out
      }
    }
    return { places: next.subarray(0, count), before: this.#beforeNext(beforeNext(rune)) }
  }

  #takes(kind: number, place: number, rune: number, lows: Int32Array, highs: Int32Array): boolean {
    if (kind === PLACE.range) return rune >= (lows[place] as number) && rune <= (highs[place] as number)
    return kind === PLACE.runes && rune !== END && this.#program.takes(place, rune)
  }

  /** A place is met in a pass if it bears its number; numbers come again after 4 milliards. */
  #beginPass(): void {
    this.#pass += 1
    if (this.#pass <= 0xffff_ffff) return
    this.#met.fill(0)
    this.#taken.fill(0)
    this.#pass = 1
  }

  /** Where nothing is asserted, nobody asks what stood before. */
  #beforeNext(before: Before): Before {
    return this.#program.hasAssertions ? before : BEFORE.other
  }
}

const beforeNext = (rune: number): Before =>
  rune === NEWLINE ? BEFORE.newline : isWord(rune) ? BEFORE.word : BEFORE.other

/** What is true of the place between two characters, or an end. */
const assertionsBetween = (before: Before, rune: number): number => {
  const isBoundary = (before === BEFORE.word) !== isWord(rune)
  return (
    (before === BEFORE.start ? ASSERT.beginText | ASSERT.beginLine : 0) |
    (before === BEFORE.newline ? ASSERT.beginLine : 0) |
    (rune === END ? ASSERT.endText | ASSERT.endLine : 0) |
    (rune === NEWLINE ? ASSERT.endLine : 0) |
    (isBoundary ? ASSERT.wordBoundary : ASSERT.noWordBoundary)
  )
}
