/**
 * The options of a service as one table, from which everything else about them follows: names, values, what is refused,
 * what is printed, what the guide says.
 *
 * An option's path is where it stands in the table, `nats.logUser`. In a configuration file it stands there as well;
 * its variable is `WAGGLE_NATS__LOG_USER`, its flag `--nats.logUser`.
 */
import type { Given, Option } from './option.ts'

export interface OptionTable {
  readonly [name: string]: Option<unknown> | OptionTable
}

/** What is known once a table has been read. */
export type ValuesOf<Table extends OptionTable> = {
  readonly [Name in keyof Table as Table[Name] extends Given<unknown> | OptionTable ? Name : never]: ValueOf<
    Table[Name]
  >
} & {
  readonly [Name in keyof Table as Table[Name] extends Given<unknown> | OptionTable ? never : Name]?: ValueOf<
    Table[Name]
  >
}

type ValueOf<Entry> = Entry extends Option<infer Value> ? Value : Entry extends OptionTable ? ValuesOf<Entry> : never

export interface NamedOption {
  /** `nats.logUser` */
  readonly path: string
  /** `WAGGLE_NATS__LOG_USER` */
  readonly variable: string
  readonly option: Option<unknown>
}

const isOption = (entry: Option<unknown> | OptionTable): entry is Option<unknown> => typeof entry.read === 'function'

const variableOf = (path: string): string =>
  `WAGGLE_${path
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll('.', '__')
    .toUpperCase()}`

/** In the order of the table. */
export const listOptions = (table: OptionTable, under = ''): readonly NamedOption[] =>
  Object.entries(table).flatMap(([name, entry]) => {
    const path = under === '' ? name : `${under}.${name}`
    if (!isOption(entry)) return listOptions(entry, path)
    return [{ path, variable: entry.variable ?? variableOf(path), option: entry }]
  })

/** `undefined` where nothing is at that path. */
export const valueAt = (tree: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Readonly<Record<string, unknown>>)[name]
          : undefined,
      tree,
    )

export interface TreeNode {
  [name: string]: unknown
}

/** Values by path, as the tree that the paths describe; every section of the table is there. */
export const treeOf = (values: Iterable<readonly [path: string, value: unknown]>): TreeNode => {
  const tree: TreeNode = {}
  for (const [path, value] of values) {
    const names = path.split('.')
    const last = names.pop() as string
    let section = tree
    for (const name of names) section = (section[name] ??= {}) as TreeNode
    if (value !== undefined) section[last] = value
  }
  return tree
}
