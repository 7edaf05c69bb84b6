/**
 * Decoders of what stands on the command line. They check form alone; whether a value is in its range is the engine's
 * to say, with a fault that names the limit.
 */
import {
  experienceKinds,
  TEXT_LANGUAGE_DEFAULT,
  TEXT_LANGUAGES,
  type ExperienceKind,
  type ExperienceType,
} from '@waggle/protocol'
import type { CollectiveUpdateInput, FilterInput, SearchWeights } from '@waggle/sdk'
import { InvalidArgumentError } from 'commander'

/** @throws InvalidArgumentError, which commander reports with the option's name; exit code 2 */
export const decodeNumber = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is not a number.')
  return value
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A lifetime as `30s`, `5m`, `12h` or `7d`, or as milliseconds: `1500ms`, `1500`. */
export const decodeLifetime = (text: string): number => {
  const [, count, unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? []
  if (count === undefined) throw new InvalidArgumentError('It is not a time such as 30s, 5m, 12h or 7d.')
  return Math.round(Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS])
}

/** What `--ttl` says. */
export const TTL_TEXT = 'how long it is to be seen, such as 30s, 5m, 12h or 7d; for ever when absent'

/** What `--language` says. */
export const LANGUAGE_TEXT = `of its texts, to search words (${TEXT_LANGUAGE_DEFAULT}): ${TEXT_LANGUAGES.join(', ')}`

/** A number that only the command itself uses, so nobody else checks its range. */
export const decodeInteger =
  ({ min, max }: { readonly min: number; readonly max: number }) =>
  (text: string): number => {
    const value = decodeNumber(text)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`It is not a whole number ${min}..${max}.`)
  }

/** `a,b` → `['a', 'b']`; white space around a tag is not part of it. */
export const decodeTags = (text: string): readonly string[] =>
  text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')

/** An experience's type: JSON, or the kind alone. */
export const decodeType = (text: string): ExperienceType => {
  if (text.trimStart().startsWith('{')) return decodeJson(text) as ExperienceType
  const kind = experienceKinds.find((known) => known === text)
  if (kind === undefined) throw new InvalidArgumentError(`It is neither JSON nor one of ${experienceKinds.join(', ')}.`)
  return typeOfKind(kind)
}

/** The kind without its fields; the engine names the one that is missing. */
export const typeOfKind = (kind: ExperienceKind): ExperienceType => ({ kind }) as ExperienceType

/** A filter as JSON; times may be ISO 8601 texts beside epoch milliseconds. */
export const decodeFilter = (text: string): FilterInput => {
  const filter = decodeJson(text)
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter))
    throw new InvalidArgumentError('It is not a JSON object.')
  const times = Object.entries(filter).map(([name, value]: [string, unknown]) => [name, timeOf(name, value)])
  return Object.fromEntries(times) as FilterInput
}

/** Weights of a search: of relevance and energy, or of similarity, words and energy, or JSON. */
export const decodeWeights = (text: string): SearchWeights => {
  if (text.trimStart().startsWith('{')) return decodeJson(text) as SearchWeights
  const [similarity, second, third, ...others] = text.split(',').map(decodeNumber)
  if (similarity === undefined || second === undefined || others.length > 0)
    throw new InvalidArgumentError('It is neither similarity,energy nor similarity,text,energy.')
  return third === undefined ? { similarity, energy: second } : { similarity, text: second, energy: third }
}

/** How energy fades, as JSON. */
export const decodeDecay = (text: string): CollectiveUpdateInput['decay'] =>
  decodeJson(text) as CollectiveUpdateInput['decay']

/** A choice of words: `a,b`. */
export const decodeWords =
  <const Words extends readonly string[]>(words: Words) =>
  (text: string): readonly Words[number][] =>
    decodeTags(text).map((word) => decodeWord(words)(word))

/** One of these words; the decoder tells them, so that a shell can complete them. */
export const decodeWord = <const Words extends readonly string[]>(words: Words) => {
  const decode = (text: string): Words[number] => {
    const word = words.find((known) => known === text)
    if (word === undefined) throw new InvalidArgumentError(`It is none of ${words.join(', ')}.`)
    return word
  }
  return Object.assign(decode, { words })
}

const timeOf = (name: string, value: unknown): unknown => {
  if ((name !== 'since' && name !== 'until') || typeof value !== 'string') return value
  const time = new Date(value)
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError(`${name} is not a date.`)
  return time
}

const decodeJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('It is not JSON.')
  }
}
