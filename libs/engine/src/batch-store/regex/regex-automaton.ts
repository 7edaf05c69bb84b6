/**
 * Whether an expression is found in bytes, asked piece by piece: a value may be 10 MiB, and whoever looks through it
 * must be able to stop and let others have their turn.
 *
 * A1  The program is run as a set of places, one character after the other: time is linear in the bytes, whatever the
 *     expression. Sets that were met are kept, with where each class of characters leads: then a byte costs some 8 ns.
 * A2  What is kept is bounded. An expression that leads to ever new sets is followed from then on without keeping any,
 *     for keeping a set takes several times as long as making it.
 * A3  Work is counted: 1 for a byte whose step was known, else as many as places were looked at.
 */
import { END, RegexSteps, type Places } from './regex-places.ts'
import type { RegexProgram } from './regex-program.ts'
import type { ReadCharacter } from './text-of-bytes.ts'

/** A2: of one expression, 4 bytes each, and places of sets, 2 bytes each. */
const STEPS_MAX = 65_536
const PLACES_MAX = 65_536
/** A2: a set that is kept is worth it if so many bytes are read meanwhile. */
const BYTES_PER_SET_MIN = 16
const UNKNOWN = -1
const FOUND = -2

/** How far somebody is in some bytes. */
interface Search {
  readonly subject: Uint8Array
  at: number
  places: Places
  /** A2: how many bytes it had read when all sets were forgotten last. */
  forgotAt: number
  keepsSets: boolean
}

export class RegexAutomaton {
  readonly #classes: RegexProgram['classes']
  readonly #read: ReadCharacter
  readonly #steps: RegexSteps
  /** One class more: the end. */
  readonly #width: number
  readonly #sets: Places[] = []
  readonly #numbers = new Map<string, number>()
  #leads = new Int32Array(0)
  #kept = 0

  constructor(program: RegexProgram, read: ReadCharacter) {
    this.#classes = program.classes
    this.#read = read
    this.#steps = new RegexSteps(program)
    this.#width = program.classes.count + 1
  }

  search(subject: Uint8Array): { run(workMax: number): boolean | undefined; readonly steps: number } {
    const search: Search = { subject, at: 0, places: this.#steps.begin(), forgotAt: 0, keepsSets: true }
    let steps = 0
    return {
      run: (workMax) => {
        const before = this.#steps.work
        const outcome = this.#run(search, before + workMax)
        steps += this.#steps.work - before
        return outcome
      },
      get steps() {
        return steps
      },
    }
  }

  /** Looks on until it knows, or has worked so much: then `undefined`, and `search` says where to go on (A3). */
  #run(search: Search, workMax: number): boolean | undefined {
    const outcome = search.keepsSets ? this.#runKeeping(search, workMax) : undefined
    return outcome === undefined && !search.keepsSets ? this.#runFreely(search, workMax) : outcome
  }

  /** A1. */
  #runKeeping(search: Search, workMax: number): boolean | undefined {
    const steps = this.#steps
    const { subject } = search
    let number = this.#numberOf(search.places)
    while (search.at < subject.length) {
      // The low bits are the width, as `text-of-bytes.ts` says.
      const character = this.#read(subject, search.at)
      const rune = character >>> 3
      const characterClass = this.#classes.of(rune)
      let next = this.#leads[number * this.#width + characterClass] as number
      if (next === UNKNOWN) next = this.#learn({ number, characterClass, rune })
      else steps.work += 1
      if (next === FOUND) return true
      search.at += character & 7
      number = this.#isFull ? this.#forgetAllBut(next, search) : next
      if (!search.keepsSets || steps.work >= workMax) {
        search.places = this.#setAt(number)
        return undefined
      }
    }
    const characterClass = this.#width - 1
    const known = this.#leads[number * this.#width + characterClass]
    return (known === UNKNOWN ? this.#learn({ number, characterClass, rune: END }) : known) === FOUND
  }

  /** A2. */
  #runFreely(search: Search, workMax: number): boolean | undefined {
    const steps = this.#steps
    const { subject } = search
    let { places } = search
    while (search.at < subject.length) {
      const character = this.#read(subject, search.at)
      const next = steps.follow(places, character >>> 3)
      if (next === undefined) return true
      search.at += character & 7
      places = next
      if (steps.work < workMax) continue
      search.places = copyOf(places)
      return undefined
    }
    return steps.follow(places, END) === undefined
  }

  #setAt(number: number): Places {
    return this.#sets[number] as Places
  }

  #learn(step: { readonly number: number; readonly characterClass: number; readonly rune: number }): number {
    const places = this.#steps.follow(this.#setAt(step.number), step.rune)
    const next = places === undefined ? FOUND : this.#numberOf(places)
    this.#leads[step.number * this.#width + step.characterClass] = next
    return next
  }

  get #isFull(): boolean {
    return this.#sets.length > 1 && (this.#sets.length * this.#width > STEPS_MAX || this.#kept > PLACES_MAX)
  }

  /** A2. */
  #forgetAllBut(number: number, search: Search): number {
    const set = this.#setAt(number)
    search.keepsSets = search.at - search.forgotAt > this.#sets.length * BYTES_PER_SET_MIN
    search.forgotAt = search.at
    this.forget()
    return this.#numberOf(set)
  }

  #numberOf({ places, before }: Places): number {
    const sorted = places.slice().sort()
    const key = String.fromCharCode(before, ...sorted)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#sets.push({ places: sorted, before }) - 1
    this.#numbers.set(key, number)
    this.#kept += sorted.length
    if (this.#sets.length * this.#width > this.#leads.length) this.#grow()
    return number
  }

  #grow(): void {
    const leads = new Int32Array(Math.max(2 * this.#leads.length, 4 * this.#width)).fill(UNKNOWN)
    leads.set(this.#leads)
    this.#leads = leads
  }

  /** Nothing of what was learnt stays in memory. A search that is under way goes on. */
  forget(): void {
    this.#sets.length = 0
    this.#numbers.clear()
    this.#leads = new Int32Array(0)
    this.#kept = 0
  }
}

const copyOf = ({ places, before }: Places): Places => ({ places: places.slice(), before })
