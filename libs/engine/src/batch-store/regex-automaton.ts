/**
 * Whether an expression is found in bytes, asked piece by piece: a value may be 10 MiB, and whoever looks through it
 * must be able to stop and let others have their turn.
 *
 * A1  The program is run as a set of places, one character after the other: time is linear in the bytes, whatever the
 *     expression. Sets that were met are kept, with where each class of characters leads: then a byte costs some 5 ns.
 * A2  What is kept is bounded; where an expression leads to ever new sets, all are forgotten and made again.
 * A3  Work is counted: 1 for a byte whose step was known, else as many as places were looked at.
 */
import { ASSERT, NEWLINE, OP, isWord, type Program } from './regex-program.ts'
import type { ReadCharacter } from './text-of-bytes.ts'

/** What stood before a place. */
const BEFORE = { start: 0, newline: 1, word: 2, other: 3 } as const
type Before = (typeof BEFORE)[keyof typeof BEFORE]

/** A set of places where the next character is expected, before what has no width is passed. */
interface Places {
  readonly pcs: readonly number[]
  readonly before: Before
}

/** A2: of one expression, 4 bytes each, and the sets that they lead between. */
const STEPS_MAX = 65_536
const PLACES_MAX = 262_144
const UNKNOWN = -1
const FOUND = -2
/** In place of a character. */
const END = -1

/** How far somebody is in some bytes. */
export interface Search {
  at: number
  places: Places
}

export class RegexAutomaton {
  readonly #program: Program
  readonly #read: ReadCharacter
  /** One class more: the end. */
  readonly #width: number
  readonly #known: Places[] = []
  readonly #numbers = new Map<string, number>()
  #steps = new Int32Array(0)
  #kept = 0
  /** A3. */
  #work = 0
  /** Marks which places were met in a pass, by its number. */
  readonly #met: Uint32Array
  #pass = 0

  constructor(program: Program, read: ReadCharacter) {
    this.#program = program
    this.#read = read
    this.#width = program.classes.count + 1
    this.#met = new Uint32Array(program.instructions.length)
  }

  begin(): Search {
    return { at: 0, places: { pcs: [this.#program.start], before: BEFORE.start } }
  }

  /** Looks on until it knows, or has worked so much: then `undefined`, and `search` says where to go on (A3). */
  run(search: Search, subject: Uint8Array, workMax: number): boolean | undefined {
    const { classes } = this.#program
    let number = this.#numberOf(search.places)
    let { at } = search
    this.#work = 0
    while (at < subject.length) {
      if (this.#work >= workMax) {
        search.at = at
        search.places = this.#placesAt(number)
        return undefined
      }
      this.#work += 1
      // The low bits are the width, as `text-of-bytes.ts` says.
      const character = this.#read(subject, at)
      const rune = character >>> 3
      number = this.#step(number, classes.of(rune), rune)
      if (number === FOUND) return true
      at += character & 7
    }
    return this.#step(number, this.#width - 1, END) === FOUND
  }

  #placesAt(number: number): Places {
    return this.#known[number] as Places
  }

  #step(number: number, characterClass: number, rune: number): number {
    const known = this.#steps[number * this.#width + characterClass]
    if (known !== undefined && known !== UNKNOWN) return known
    const next = this.#follow(this.#placesAt(number), rune)
    if (next === undefined) return this.#keep(number, characterClass, FOUND)
    const kept = this.#known.length
    const nextNumber = this.#numberOf(next)
    // Where all was forgotten meanwhile, the number that the step began at means something else.
    return this.#known.length < kept ? nextNumber : this.#keep(number, characterClass, nextNumber)
  }

  #keep(number: number, characterClass: number, next: number): number {
    this.#steps[number * this.#width + characterClass] = next
    return next
  }

  /** A2. */
  #numberOf(places: Places): number {
    const key = String.fromCharCode(places.before, ...places.pcs)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const size = places.pcs.length + 1
    const isFull = (this.#known.length + 1) * this.#width > STEPS_MAX || this.#kept + size > PLACES_MAX
    if (isFull && this.#known.length > 0) this.forget()
    const number = this.#known.push(places) - 1
    this.#numbers.set(key, number)
    this.#kept += size
    if (this.#known.length * this.#width > this.#steps.length) this.#grow()
    return number
  }

  #grow(): void {
    const steps = new Int32Array(Math.max(2 * this.#steps.length, 4 * this.#width)).fill(UNKNOWN)
    steps.set(this.#steps)
    this.#steps = steps
  }

  /** Nothing of what was learnt stays in memory. A search that is under way goes on. */
  forget(): void {
    this.#known.length = 0
    this.#numbers.clear()
    this.#steps = new Int32Array(0)
    this.#kept = 0
  }

  /** The places behind a character, or the end; `undefined` where the expression is found before it. */
  #follow({ pcs, before }: Places, rune: number): Places | undefined {
    const { instructions, start } = this.#program
    const holds = assertionsBetween(before, rune)
    const next: number[] = []
    const open = [...pcs]
    this.#pass += 1
    for (let pc = open.pop(); pc !== undefined; pc = open.pop()) {
      if (this.#met[pc] === this.#pass) continue
      this.#met[pc] = this.#pass
      this.#work += 1
      const instruction = instructions[pc]
      if (instruction === undefined) continue
      const { op, out, arg } = instruction
      if (op === OP.match) return undefined
      if (op >= OP.rune) {
        if (rune !== END && instruction.matchRune(rune)) next.push(out)
      } else if (op === OP.alternate || op === OP.alternateMatch) open.push(out, arg)
      else if (op === OP.capture || op === OP.nop || (op === OP.assert && (arg & ~holds) === 0)) open.push(out)
    }
    // Found anywhere: it may begin behind every character.
    next.push(start)
    return { pcs: [...new Set(next)].sort((left, right) => left - right), before: beforeNext(rune) }
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
