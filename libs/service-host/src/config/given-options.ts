/**
 * What an operator gave, and where. A flag counts more than a variable, a variable more than the file, the file more
 * than the default.
 *
 * G1  A value that is empty counts as absent: manifests set variables to nothing.
 * G2  A secret is no flag, which every user of the machine can read; it may stand in a file of its own, named by the
 *     variable with `_FILE` behind, as secrets are mounted. What is behind the last line of that file is no part of it.
 * G3  A flag or a key of the file that is no option is refused: it would be missed in silence.
 */
import { isFault, type Fault } from '@waggle/kernel'
import { fault, invalidField } from '@waggle/protocol'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { listOptions, valueAt, type NamedOption, type OptionTable } from './option-table.ts'

export type Variables = Readonly<Record<string, string | undefined>>

/** What a process was started with. */
export interface Start {
  /** Behind the name of the program. */
  readonly arguments: readonly string[]
  readonly variables: Variables
  /** @throws Error where it cannot be read */
  readText(path: string): string
}

export interface GivenOption extends NamedOption {
  /** `undefined` where nobody gave one. */
  readonly value: unknown
  /** What the operator wrote it with: `--nats.url`, `WAGGLE_NATS__URL`, `nats.url` of the file; `default`. */
  readonly origin: string
}

export interface GivenOptions {
  readonly options: readonly GivenOption[]
  /** What was refused before any value was looked at. */
  readonly refusals: readonly Fault[]
  readonly flags: ReadonlySet<CommandFlag>
}

/** Flags that are no options. */
export const commandFlags = ['help', 'version', 'print-config'] as const
export type CommandFlag = (typeof commandFlags)[number]

/** The file's own flag and variable. */
const FILE = { flag: 'config', variable: 'WAGGLE_CONFIG' } as const

export const readGivenOptions = (table: OptionTable, start: Start): GivenOptions => {
  const refusals: Fault[] = []
  const attempt = <Value>(read: () => Value): Value | undefined => {
    try {
      return read()
    } catch (error) {
      if (!isFault(error)) throw error
      refusals.push(error)
      return undefined
    }
  }
  const named = listOptions(table)
  const { flags, texts } = readArguments(named, start.arguments, (refusal) => refusals.push(refusal))
  const path = texts.get(FILE.flag) ?? nonEmpty(start.variables[FILE.variable])
  const file = path === undefined ? {} : attempt(() => readFile(path, start))
  for (const key of strangers(file, named)) refusals.push(unknownField(`${key} of ${path}`))
  const options = named.map((option) => {
    const sources = [
      { origin: `--${option.path}`, value: texts.get(option.path) },
      { origin: option.variable, value: nonEmpty(start.variables[option.variable]) },
      { origin: `${option.variable}_FILE`, value: attempt(() => readSecret(option, start)) },
      { origin: `${option.path} of ${path}`, value: valueAt(file, option.path) ?? undefined },
    ]
    return {
      ...option,
      ...(sources.find(({ value }) => value !== undefined) ?? { origin: 'default', value: undefined }),
    }
  })
  return { options, refusals, flags }
}

/** G1. */
const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

interface Arguments {
  readonly flags: ReadonlySet<CommandFlag>
  readonly texts: ReadonlyMap<string, string>
}

const readArguments = (
  named: readonly NamedOption[],
  given: readonly string[],
  refuse: (refusal: Fault) => void,
): Arguments => {
  const byPath = new Map(named.map(({ path, option }) => [path, option]))
  const flags = new Set<CommandFlag>()
  const texts = new Map<string, string>()
  const { tokens } = parseArgs({
    args: [...given],
    options: Object.fromEntries([FILE.flag, ...byPath.keys()].map((path) => [path, { type: 'string' }])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind !== 'option') {
      if (token.kind === 'positional') refuse(unknownField(token.value))
      continue
    }
    const command = commandFlags.find((flag) => flag === token.name)
    // G2, G3.
    if (command !== undefined) flags.add(command)
    else if (token.name !== FILE.flag && !byPath.has(token.name)) refuse(unknownField(token.rawName))
    else if (byPath.get(token.name)?.isSecret === true)
      refuse(invalidField(token.rawName, 'a variable: flags are seen'))
    else if (token.value === undefined || token.value === '') refuse(invalidField(token.rawName, 'a flag with a value'))
    else texts.set(token.name, token.value)
  }
  return { flags, texts }
}

const readFile = (path: string, start: Start): unknown => {
  let value: unknown
  try {
    value = parse(start.readText(path), { prettyErrors: false })
  } catch (cause) {
    throw fault('INVALID_FIELD', `the configuration cannot be read file=${path} reason=${reasonOf(cause)}`, {
      field: FILE.variable,
    })
  }
  if (value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw invalidField(path, 'a map of options')
  return value
}

/** G2. */
const readSecret = ({ option, variable }: NamedOption, start: Start): string | undefined => {
  const path = option.isSecret === true ? nonEmpty(start.variables[`${variable}_FILE`]) : undefined
  if (path === undefined) return undefined
  try {
    return nonEmpty(start.readText(path).replace(/\r?\n$/, ''))
  } catch (cause) {
    throw invalidField(`${variable}_FILE`, 'a file that can be read', { reason: reasonOf(cause) })
  }
}

/** G3: the keys of the file that lead to no option. */
const strangers = (file: unknown, named: readonly NamedOption[]): readonly string[] => {
  const paths = named.map(({ path }) => path)
  const within = (value: unknown, under: string): readonly string[] => {
    if (paths.includes(under)) return []
    const isSection = under === '' || paths.some((path) => path.startsWith(`${under}.`))
    if (!isSection || typeof value !== 'object' || value === null) return [under]
    return Object.entries(value).flatMap(([name, inner]) => within(inner, under === '' ? name : `${under}.${name}`))
  }
  return file === undefined ? [] : within(file, '')
}

const unknownField = (field: string): Fault =>
  fault('UNKNOWN_FIELD', `there is no such option field=${field}`, { field })

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
