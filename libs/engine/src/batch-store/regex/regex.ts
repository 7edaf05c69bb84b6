/**
 * Expressions over bytes, in RE2's syntax and in time linear in the bytes.
 *
 * X1  An expression is found anywhere, unless it says `^` or `$`. It knows neither back references nor looking around.
 * X2  It speaks of characters, as `text-of-bytes.ts` reads them. One that begins with flags that switch `u` off, such
 *     as `(?s-u)`, speaks of bytes instead, and is ASCII itself: other bytes are written `\xNN`.
 * X3  What it costs is bounded before it is compiled: by its text, which requests bound, by its size, and by its
 *     groups, all of which are carried along while it is matched.
 * X4  Many bytes are looked through in turns (`search`). `found` and `captures` are for keys: some ms at the very most.
 */
import { fault, limits } from '@waggle/protocol'
import { RE2JS, RE2JSException } from 're2js'
import { RegexAutomaton } from './regex-automaton.ts'
import { RegexProgram } from './regex-program.ts'
import { estimateRegexSize } from './regex-size.ts'
import { readByte, readText, textOfBytes, type ReadCharacter } from './text-of-bytes.ts'

export interface Regex {
  /** Its groups that have names, in their order. */
  readonly groups: readonly string[]
  /** Steps that a byte may cost at the most. */
  readonly size: number
  /** X1. */
  found(subject: Uint8Array): boolean
  /** What its named groups took where it is found first, without those that took no part; else `undefined`. */
  captures(subject: Uint8Array): ReadonlyMap<string, Uint8Array> | undefined
  /** X4. */
  search(subject: Uint8Array): RegexSearch
  /** What matching has learnt so far, up to 1 MB, is forgotten. */
  forget(): void
}

/** An expression on its way through some bytes. */
export interface RegexSearch {
  /** Goes on for about so many steps. @returns whether it is found, once that is known */
  run(stepsMax: number): boolean | undefined
  /** What it has taken so far: some 10 ns each. */
  readonly steps: number
}

/** Flags that Rust's syntax has, at the beginning: RE2 has no `u`. */
const FLAGS = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?\)/

/** X2. */
interface Spoken {
  readonly pattern: string
  readonly read: ReadCharacter
}

/** @throws Fault `INVALID_FIELD` with what is wrong with it */
export const compileRegex = (pattern: string, field: string): Regex => {
  if (pattern.trim() === '') throw refused(field, 'must not be blank')
  const spoken = spokenOf(pattern, field)
  // X3.
  const size = estimateRegexSize(spoken.pattern)
  if (size > limits.REGEX_SIZE_MAX) throw tooLarge(field, size)
  const compiled = compile(spoken.pattern, field)
  const groupCount = compiled.groupCount()
  if (groupCount > limits.REGEX_GROUPS_MAX)
    throw refused(field, `must have at most ${limits.REGEX_GROUPS_MAX} groups; (?:…) groups without capturing`, {
      ...{ count: groupCount, limit: limits.REGEX_GROUPS_MAX },
    })
  return new CompiledRegex(compiled, spoken.read)
}

const spokenOf = (pattern: string, field: string): Spoken => {
  const [head = '', on = '', off = ''] = FLAGS.exec(pattern) ?? []
  const rest = pattern.slice(head.length)
  const isOfBytes = off.includes('u')
  if (!isOfBytes && !on.includes('u')) return { pattern, read: readText }
  const [set, unset] = [on.replaceAll('u', ''), off.replaceAll('u', '')]
  const flags = set + unset === '' ? '' : `(?${set}${unset === '' ? '' : '-'}${unset})`
  if (!isOfBytes) return { pattern: flags + rest, read: readText }
  if (/[^\0-\x7f]/.test(rest) || /\\[pP]/.test(rest))
    throw refused(field, 'must be ASCII and have no classes of Unicode where it speaks of bytes: write \\xNN')
  return { pattern: flags + rest, read: readByte }
}

const compile = (pattern: string, field: string): RE2JS => {
  try {
    const compiled = RE2JS.compile(pattern)
    if (compiled.programSize() > limits.REGEX_SIZE_MAX) throw tooLarge(field, compiled.programSize())
    return compiled
  } catch (cause) {
    if (cause instanceof RE2JSException) throw refused(field, `must be an expression of RE2: ${cause.message}`)
    throw cause
  }
}

const tooLarge = (field: string, size: number) =>
  refused(field, `must not be compiled to more than ${limits.REGEX_SIZE_MAX} steps: repeat less`, {
    ...{ size, limit: limits.REGEX_SIZE_MAX },
  })

const refused = (field: string, reason: string, details: Readonly<Record<string, number>> = {}) =>
  fault('INVALID_FIELD', `invalid field field=${field}: the regular expression ${reason}`, { field, ...details })

class CompiledRegex implements Regex {
  readonly groups: readonly string[]
  readonly size: number
  readonly #compiled: RE2JS
  readonly #read: ReadCharacter
  readonly #automaton: RegexAutomaton

  constructor(compiled: RE2JS, read: ReadCharacter) {
    this.#compiled = compiled
    this.#read = read
    this.#automaton = new RegexAutomaton(new RegexProgram(compiled), read)
    this.groups = Object.keys(compiled.namedGroups())
    this.size = compiled.programSize()
  }

  found(subject: Uint8Array): boolean {
    return this.search(subject).run(Infinity) === true
  }

  captures(subject: Uint8Array): ReadonlyMap<string, Uint8Array> | undefined {
    const { text, byteAt } = textOfBytes(subject, this.#read)
    const match = this.#compiled.matcher(text)
    if (!match.find()) return undefined
    const taken = this.groups.flatMap((name) => {
      const [start, end] = [match.start(name), match.end(name)]
      return start < 0 ? [] : [[name, subject.subarray(byteAt(start), byteAt(end))] as const]
    })
    return new Map(taken)
  }

  search(subject: Uint8Array): RegexSearch {
    return this.#automaton.search(subject)
  }

  forget(): void {
    this.#automaton.forget()
    this.#compiled.reset()
  }
}
