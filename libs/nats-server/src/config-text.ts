/**
 * The language of a nats-server's configuration, as far as it is written here.
 *
 * G1  Every text of ours stands in double quotes, escaped: unquoted, the server takes `$NAME` for a variable and a
 *     space for an end.
 * G4  A variable's value is read as configuration, too. From an included file it comes in quotes; from the server's
 *     environment it must be a word that begins with a letter and holds letters and digits only, and is none of the
 *     server's words for true and false.
 */
import { assert } from '@waggle/kernel'

/** Stands where a value would: the server finds it among the keys that were set before, else in its environment. */
export interface ConfigVariable {
  readonly variable: string
}

/** A value with lines above it that the server does not read. */
export interface Commented {
  readonly comment: readonly string[]
  readonly value: ConfigValue
}

export type ConfigBlock = { readonly [key: string]: ConfigValue | undefined }
export type ConfigValue = string | number | boolean | ConfigVariable | Commented | readonly ConfigValue[] | ConfigBlock

const escapes: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** G1: the text as a quoted value of the server's configuration language. */
export const quoted = (text: string): string => {
  // eslint-disable-next-line no-control-regex -- A control character is exactly what is looked for.
  const escaped = text.replace(/["\\\u0000-\u001f]/g, (character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(2, '0')
    return escapes[character] ?? `\\x${hex}`
  })
  return `"${escaped}"`
}

export const isVariable = (value: unknown): value is ConfigVariable =>
  typeof value === 'object' && value !== null && 'variable' in value

const isCommented = (value: object): value is Commented => 'comment' in value
const isList = (value: ConfigValue): value is readonly ConfigValue[] => Array.isArray(value)

/** Texts get quotes, numbers and variables do not. */
const write = (value: ConfigValue, indent: string): string => {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object') return String(value)
  if (isVariable(value)) return `$${value.variable}`
  const deeper = `${indent}  `
  if (isList(value)) {
    const items = value.map((item) => `${commentLines(item, deeper)}${deeper}${write(item, deeper)}\n`)
    return items.length === 0 ? '[]' : `[\n${items.join('')}${indent}]`
  }
  if (isCommented(value)) return write(value.value, indent)
  return `{\n${writeEntries(value, deeper)}${indent}}`
}

const commentLines = (value: ConfigValue, indent: string): string => {
  if (typeof value !== 'object' || isList(value) || !isCommented(value)) return ''
  assert(
    value.comment.every((line) => !line.includes('\n')),
    'a comment has lines',
  )
  return value.comment.map((line) => `${indent}# ${line}\n`).join('')
}

/** The entries of a block, what is `undefined` left out. */
export const writeEntries = (block: ConfigBlock, indent = ''): string =>
  Object.entries(block)
    .filter((entry): entry is [string, ConfigValue] => entry[1] !== undefined)
    .map(([key, value]) => `${commentLines(value, indent)}${indent}${key}: ${write(value, indent)}\n`)
    .join('')
