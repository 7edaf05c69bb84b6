/** What the processes are told by their variables is what they take: every name exists, every value is read. */
import { optionRows, readConfiguration, type OptionTable } from '@waggle/service-host'
import { nameOf, type Container, type Variable, type Workload } from '../manifest.ts'
import { containersOf, Rendered, type Component } from './rendered.ts'

export type OptionTables = Readonly<Record<Component, OptionTable>>

/** Stands for what only a pod or a Secret knows. */
const UNKNOWN = 'known-to-the-pod'
/** Stands for what is in a file, by the ending of its name. */
const CONTENTS: Readonly<Record<string, string>> = {
  crt: '-----BEGIN CERTIFICATE-----\n',
  key: '-----BEGIN PRIVATE KEY-----\n',
}

/** Names that are Waggle's to define; others are those of libraries and of Node. */
const OURS = /^(WAGGLE|LOG|OTEL)_/

export const configurationFindings = (rendered: Rendered, tables: OptionTables): readonly string[] =>
  rendered.workloads.flatMap((workload) => {
    const component = Rendered.componentOf(workload)
    if (component === undefined) return []
    const table = tables[component]
    return containersOf(workload).flatMap((container) =>
      [...strangers(rendered, container, table), ...refusals(rendered, container, table)].map(
        (finding) => `${nameOf(workload)}: ${finding}`,
      ),
    )
  })

/** All that the process finds in its environment, later entries over earlier ones. */
export const variablesOf = (rendered: Rendered, { env = [], envFrom = [] }: Container): ReadonlyMap<string, string> => {
  const variables = new Map<string, string>()
  for (const { configMapRef, secretRef } of envFrom) {
    const [kind, name] = configMapRef === undefined ? ['Secret', secretRef?.name] : ['ConfigMap', configMapRef.name]
    const { data = {} } = rendered.keyed(kind as 'ConfigMap' | 'Secret', name ?? '') ?? {}
    for (const [key, value] of Object.entries(data)) variables.set(key, kind === 'Secret' ? UNKNOWN : value)
  }
  for (const variable of env) variables.set(variable.name, valueOf(rendered, variable))
  return variables
}

const valueOf = (rendered: Rendered, { value, valueFrom }: Variable): string => {
  const { name = '', key = '' } = valueFrom?.configMapKeyRef ?? {}
  return value ?? rendered.keyed('ConfigMap', name)?.data?.[key] ?? UNKNOWN
}

const strangers = (rendered: Rendered, container: Container, table: OptionTable): readonly string[] => {
  const rows = optionRows(table)
  const known = new Set(rows.flatMap(({ variable }) => [variable, `${variable}_FILE`]))
  return [...variablesOf(rendered, container).keys()]
    .filter((name) => OURS.test(name) && !known.has(name))
    .map((name) => `${name} is no variable of it`)
}

const readText = (file: string): string => CONTENTS[file.split('.').at(-1) ?? ''] ?? UNKNOWN

const refusals = (rendered: Rendered, container: Container, table: OptionTable): readonly string[] => {
  const variables = Object.fromEntries(variablesOf(rendered, container))
  const { refusals: refused } = readConfiguration(table, { arguments: [], variables, readText })
  return refused.map(({ message }) => message)
}

/** The number that a process is told, or `undefined`. */
export const numberTold = (rendered: Rendered, workload: Workload, name: string): number | undefined => {
  const [text] = containersOf(workload).flatMap((container) => variablesOf(rendered, container).get(name) ?? [])
  return text === undefined ? undefined : Number(text)
}
