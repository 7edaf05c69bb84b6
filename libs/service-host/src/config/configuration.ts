/**
 * The configuration of a service: every option with its value and where that came from.
 *
 * C1  Everything that is wrong is said at once, each by the name with which it was given.
 * C2  An option that says nothing without another one is refused where that other one is not given.
 * C3  An option that names a file is refused where that cannot be read, or holds something else.
 */
import { isFault, type Fault } from '@waggle/kernel'
import { invalidField, requiredField } from '@waggle/protocol'
import { readGivenOptions, type CommandFlag, type GivenOption, type Start } from './given-options.ts'
import { readAbsent } from './option.ts'
import { treeOf, type OptionTable, type ValuesOf } from './option-table.ts'

export interface Configuration<Table extends OptionTable> {
  readonly values: ValuesOf<Table>
  readonly settings: readonly Setting[]
}

/** An option with the value that is in force. */
export interface Setting extends GivenOption {
  /** `undefined` where nothing was given and there is no default. */
  readonly inForce: unknown
}

export interface ReadConfiguration<Table extends OptionTable> {
  readonly flags: ReadonlySet<CommandFlag>
  /** C1: none where the configuration can be used. */
  readonly refusals: readonly Fault[]
  /** `undefined` where something was refused. */
  readonly configuration: Configuration<Table> | undefined
}

export const readConfiguration = <const Table extends OptionTable>(
  table: Table,
  start: Start,
): ReadConfiguration<Table> => {
  const given = readGivenOptions(table, start)
  const refusals: Fault[] = [...given.refusals]
  const isGiven = new Set(given.options.filter(({ value }) => value !== undefined).map(({ path }) => path))
  const settings = given.options.map((option): Setting => {
    try {
      const inForce = valueOf(option, isGiven)
      checkFile(option, inForce, start)
      return { ...option, inForce }
    } catch (error) {
      if (!isFault(error)) throw error
      refusals.push(error)
      return { ...option, inForce: undefined }
    }
  })
  if (refusals.length > 0) return { flags: given.flags, refusals, configuration: undefined }
  const values = treeOf(settings.map(({ path, inForce }) => [path, inForce])) as ValuesOf<Table>
  return { flags: given.flags, refusals, configuration: { values, settings } }
}

/** C3. */
const checkFile = ({ option: { file }, origin }: GivenOption, path: unknown, start: Start): void => {
  if (file === undefined || typeof path !== 'string') return
  let text: string
  try {
    text = start.readText(path)
  } catch (cause) {
    throw invalidField(origin, 'a file that can be read', {
      reason: cause instanceof Error ? cause.message : String(cause),
    })
  }
  if (!file.pattern.test(text)) throw invalidField(origin, file.range, { path })
}

const valueOf = ({ option, value, variable, origin }: GivenOption, isGiven: ReadonlySet<string>): unknown => {
  if (value === undefined) return readAbsent(option, variable)
  const read = option.read(value, origin)
  // C2.
  if (option.needs !== undefined && !isGiven.has(option.needs)) throw requiredField(option.needs)
  return read
}
