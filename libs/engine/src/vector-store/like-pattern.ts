/**
 * Patterns of `like`, `ilike` and `contains`, matched in time linear in the text: its length times that of the pattern
 * in words of 32 characters, whatever both contain.
 *
 * A pattern is cut at its `%` into runs. The first one stands at the beginning of the text, the last one at its end,
 * and each between them where it first can. All places of a run are tried at once, one bit each (the shift-and method).
 */

/** A character of a run: a code point, or any. */
const ANY = -1

/** Characters that are looked at between two chances to let others have their turn: 2 ms of the longest pattern. */
const CHARACTERS_PER_STRIDE = 16_384

export class LikePattern {
  readonly #runs: readonly Run[]
  readonly #fold: boolean

  private constructor(runs: readonly (readonly number[])[], fold: boolean) {
    this.#runs = runs.map((characters) => new Run(characters))
    this.#fold = fold
  }

  /** @param fold whether letters stand for their other case too */
  static like(pattern: string, fold: boolean): LikePattern {
    const runs: number[][] = [[]]
    const characters = codePoints(pattern, fold)
    for (let at = 0; at < characters.length; at += 1) {
      const character = characters[at] as number
      if (character === PERCENT) runs.push([])
      else if (character === UNDERSCORE) runs.at(-1)?.push(ANY)
      else if (character === BACKSLASH) runs.at(-1)?.push(characters[(at += 1)] as number)
      else runs.at(-1)?.push(character)
    }
    return new LikePattern(runs, fold)
  }

  /** What stands anywhere in a text. */
  static containing(text: string): LikePattern {
    return new LikePattern([[], [...codePoints(text, false)], []], false)
  }

  /** Whether the whole text is of this pattern; yields the steps that it took so far (`turns.ts`). */
  *matches(text: string): Generator<number, boolean> {
    const characters = codePoints(text, this.#fold)
    yield text.length * STEPS_PER_CHARACTER
    const [first, ...others] = this.#runs as readonly [Run, ...Run[]]
    const last = others.pop()
    if (last === undefined) return characters.length === first.length && first.standsAt(characters, 0)
    const end = characters.length - last.length
    if (end < first.length || !first.standsAt(characters, 0) || !last.standsAt(characters, end)) return false
    let from = first.length
    for (const run of others) {
      const behind = yield* run.findEnd(characters, from, end)
      if (behind === undefined) return false
      from = behind
    }
    return true
  }
}

const PERCENT = 0x25
const UNDERSCORE = 0x5f
const BACKSLASH = 0x5c
const ASCII_MAX = 0x7f
const STEPS_PER_CHARACTER = 8
const STEPS_PER_WORD = 2

/** Characters in a row. */
class Run {
  readonly #characters: readonly number[]
  /** For each character the places at which it may stand, one bit each; those of ASCII are found fastest. */
  readonly #places = new Map<number, Uint32Array>()
  readonly #placesOfAscii: readonly Uint32Array[]
  /** Those at which any may. */
  readonly #anywhere: Uint32Array

  constructor(characters: readonly number[]) {
    this.#characters = characters
    const words = Math.ceil(characters.length / 32)
    this.#anywhere = new Uint32Array(words)
    characters.forEach((character, place) => {
      if (character === ANY) setBit(this.#anywhere, place)
    })
    for (const character of new Set(characters)) {
      const places = this.#anywhere.slice()
      characters.forEach((other, place) => {
        if (other === character) setBit(places, place)
      })
      this.#places.set(character, places)
    }
    this.#placesOfAscii = Array.from({ length: ASCII_MAX + 1 }, (_, point) => this.#places.get(point) ?? this.#anywhere)
  }

  get length(): number {
    return this.#characters.length
  }

  standsAt(text: Uint32Array, at: number): boolean {
    return this.#characters.every((character, place) => character === ANY || character === text[at + place])
  }

  /** Behind where the run first stands between two places. */
  *findEnd(text: Uint32Array, from: number, end: number): Generator<number, number | undefined> {
    if (this.length === 0) return from
    const words = this.#anywhere.length
    const state = new Uint32Array(words)
    for (let at = from; at < end; at += CHARACTERS_PER_STRIDE) {
      const stop = Math.min(end, at + CHARACTERS_PER_STRIDE)
      const behind = this.#advance(text, at, stop, state)
      yield ((behind ?? stop) - at) * (STEPS_PER_CHARACTER + words * STEPS_PER_WORD)
      if (behind !== undefined) return behind
    }
    return undefined
  }

  /** @param state which places of the run the text so far could stand at */
  #advance(text: Uint32Array, from: number, end: number, state: Uint32Array): number | undefined {
    const words = state.length
    const lastBit = 1 << ((this.length - 1) % 32)
    for (let at = from; at < end; at += 1) {
      const point = text[at] as number
      const places = point <= ASCII_MAX ? this.#placesOfAscii[point] : this.#places.get(point)
      const possible = places ?? this.#anywhere
      let carry = 1
      for (let word = 0; word < words; word += 1) {
        const before = state[word] as number
        state[word] = ((before << 1) | carry) & (possible[word] as number)
        carry = before >>> 31
      }
      if (((state[words - 1] as number) & lastBit) !== 0) return at + 1
    }
    return undefined
  }
}

const setBit = (bits: Uint32Array, place: number): void => {
  const word = place >> 5
  bits[word] = (bits[word] as number) | (1 << (place % 32))
}

/** The characters of a text, each in its folded form if asked for. */
const codePoints = (text: string, fold: boolean): Uint32Array => {
  const points = new Uint32Array(text.length)
  let length = 0
  for (let at = 0; at < text.length; at += 1) {
    const point = text.codePointAt(at) as number
    if (point > 0xffff) at += 1
    points[length] = fold ? folded(point) : point
    length += 1
  }
  return points.subarray(0, length)
}

const foldings = new Map<number, number>()
/** Letters of two cases are some thousand; what text is made of beyond them is folded again each time. */
const FOLDINGS_MAX = 16_384

/** Simple case folding: what two letters that differ in case alone have in common. */
const folded = (point: number): number => {
  if (point <= ASCII_MAX) return point >= 0x41 && point <= 0x5a ? point + 0x20 : point
  const known = foldings.get(point)
  if (known !== undefined) return known
  const fold = inCase(inCase(point, 'toUpperCase'), 'toLowerCase')
  if (foldings.size < FOLDINGS_MAX) foldings.set(point, fold)
  return fold
}

/** A letter whose other case is several characters stays as it is. */
const inCase = (point: number, change: 'toUpperCase' | 'toLowerCase'): number => {
  const changed = String.fromCodePoint(point)[change]()
  const other = changed.codePointAt(0) as number
  return changed.length === (other > 0xffff ? 2 : 1) ? other : point
}
