/**
 * The configuration of a service: every option with its value and where that came from.
 *
 * C1  Everything that is wrong is said at once, each by the name with which it was given.
 * C2  An option that says nothing without another one is refused where that other one is not given.
 */
import { isFault, type Fault } from '@waggle/kernel'
import { requiredField } from '@waggle/protocol'
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
      return { ...option, inForce: valueOf(option, isGiven) }
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

const valueOf = ({ option, value, variable, origin }: GivenOption, isGiven: ReadonlySet<string>): unknown => {
  if (value === undefined) return readAbsent(option, variable)
  const read = option.read(value, origin)
  // C2.
  if (option.needs !== undefined && !isGiven.has(option.needs)) throw requiredField(option.needs)
  return read
}
