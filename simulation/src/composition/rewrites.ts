/**
 * Parts of production that are put together otherwise in a simulation, without a switch in production: a module is
 * rewritten when it is loaded. What is to be found and is not there is an error, never a rewrite that does nothing.
 */

export interface Rewrite {
  /** End of the module's path. */
  readonly module: string
  readonly find: RegExp
  readonly replace: string
}

/** The name under which the running simulation counts cells of state tables. */
export const CELLS = 'waggle.simulation.cells'

/** A state machine whose every step is counted. */
interface ObservedMachine {
  readonly name: string
  readonly module: string
  /** The pure function. */
  readonly step: string
  /** Its table: `state → event → …`; absent where the function has none. */
  readonly table?: string
  /** How state and event are named, as expressions of the step's arguments. */
  readonly state: string
  readonly event: string
}

const machines: readonly ObservedMachine[] = [
  {
    ...{ name: 'leadership', module: 'cluster/dist/shard/leadership.js', step: 'stepLeadership', table: 'table' },
    ...{ state: 'args[0].state.kind', event: 'args[1].kind' },
  },
  {
    ...{ name: 'resolution', module: 'cluster/dist/log/resolution.js', step: 'stepResolution', table: 'moves' },
    ...{ state: 'args[0].phase', event: 'args[1]' },
  },
  {
    ...{ name: 'lease', module: 'cluster/dist/lease/lease-state.js', step: 'stepLease' },
    ...{ state: 'args[0].kind', event: 'args[1].kind' },
  },
  {
    ...{ name: 'route', module: 'cluster/dist/router/route-state.js', step: 'stepRoute', table: 'transitions' },
    ...{ state: 'args[0].kind', event: 'args[1].kind' },
  },
]

/** What a module counts for the simulation, as text behind its own. */
const countingOf = ({ name, step, table, state, event }: ObservedMachine): string => {
  const cells = `globalThis[Symbol.for('${CELLS}')]`
  const known = table === undefined ? '' : `${cells}?.know('${name}', ${table});\n`
  return `\n${known}export const ${step} = (...args) => {
  ${cells}?.hit('${name}', ${state}, ${event});
  return ${step}$counted(...args);
};\n`
}

export const observed = (path: string, source: string): string => {
  const machine = machines.find(({ module }) => path.endsWith(module))
  if (machine === undefined) return source
  const { step } = machine
  const renamed = source.replace(`export const ${step} =`, `const ${step}$counted =`)
  return renamed === source ? source : renamed + countingOf(machine)
}

/** @throws Error where a rewrite finds nothing */
export const rewritten = (path: string, source: string, rewrites: readonly Rewrite[]): string => {
  let result = source
  for (const { module, find, replace } of rewrites) {
    if (!path.endsWith(module)) continue
    if (!find.test(result)) throw new Error(`mutant cannot be injected: ${String(find)} is not in ${module}`)
    result = result.replace(find, replace)
  }
  return result
}
