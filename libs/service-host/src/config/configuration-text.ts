/** A configuration and its options as text: what is in force, and what could be given. */
import { Document, isPair, isScalar, visit } from 'yaml'
import type { Setting } from './configuration.ts'
import { listOptions, treeOf, type NamedOption, type OptionTable } from './option-table.ts'

/** Stands where a secret is given. */
const REDACTED = '(redacted)'

/** What is in force, as a configuration file that says of each value where it came from. No secret is in it. */
export const configurationText = (settings: readonly Setting[]): string => {
  const given = settings.filter(({ inForce }) => inForce !== undefined)
  const shown = given.map(({ path, inForce, option }) => [path, option.isSecret === true ? REDACTED : inForce] as const)
  const document = new Document(treeOf(shown))
  const origins = new Map(given.map(({ path, origin }) => [path, origin]))
  visit(document, {
    Pair(_, pair, ancestors) {
      const path = [...ancestors.filter(isPair), pair].map(({ key }) => String(key)).join('.')
      const origin = origins.get(path)
      if (origin === undefined) return undefined
      if (isScalar(pair.value)) pair.value.comment = ` ${origin}`
      else if (isScalar(pair.key)) pair.key.commentBefore = ` ${origin}`
      return visit.SKIP
    },
  })
  return document.toString({ lineWidth: 0 })
}

/** What a guide says of an option, cell by cell. */
export interface OptionRow {
  readonly path: string
  readonly variable: string
  /** With the unit. */
  readonly range: string
  /** `required` where it must be given, empty where it may be absent. */
  readonly default: string
  readonly about: string
}

export const optionRows = (table: OptionTable): readonly OptionRow[] => listOptions(table).map(optionRow)

const optionRow = ({ path, variable, option }: NamedOption): OptionRow => ({
  path,
  variable,
  range: option.unit === undefined ? option.range : `${option.range} ${option.unit}`,
  default: option.isRequired === true ? 'required' : defaultText(option.default),
  about: option.needs === undefined ? option.about : `${option.about}; needs ${option.needs}`,
})

const defaultText = (value: unknown): string => {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** For a person at a terminal. */
export const usageText = (program: string, table: OptionTable): string => {
  const options = optionRows(table).map(
    ({ path, variable, range, default: otherwise, about }) =>
      `  --${path}=…  ${variable}\n      ${about}\n      ${range}${otherwise === '' ? '' : ` (${otherwise})`}\n`,
  )
  return [
    `${program} [--config FILE] [--OPTION=VALUE…]\n`,
    `${program} --print-config | --help | --version\n\n`,
    'A flag counts more than a variable, a variable more than the file (YAML or JSON, --config or WAGGLE_CONFIG),\n',
    'the file more than the default. A secret is given by its variable, or in a file that the variable with _FILE\n',
    'behind names.\n\n',
    ...options,
  ].join('')
}
