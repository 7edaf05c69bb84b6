/** Times calls, one after the other. */
import { distributionOf, type Distribution } from './statistics.ts'
import { inWindows } from './write-modes.ts'

/** Calls of one way before it is the next way's turn: short enough that all ways meet the same neighbours. */
const TURN_CALLS = 10

export type Ways<Item, Name extends string> = Readonly<Record<Name, (item: Item) => unknown>>

/** Over all rounds. */
export interface Timing<Name extends string> {
  /** Microseconds of a call. */
  readonly us: Readonly<Record<Name, Distribution>>
  /** How many times as long as the named way, by medians, the first one takes. */
  readonly firstOver: Readonly<Record<Name, number>>
}

/** Gives every item to every way, in turns, as many rounds as asked for. */
export const timeWays = async <Item, Name extends string>(
  items: readonly Item[],
  ways: Ways<Item, Name>,
  rounds: number,
): Promise<Timing<Name>> => {
  const names = Object.keys(ways) as Name[]
  const latenciesUs = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round += 1)
    for (const turn of inWindows(items, TURN_CALLS))
      for (const [name, latencies] of latenciesUs)
        for (const item of turn) latencies.push(await timeCall(() => ways[name](item)))
  const us = recordOf(names, (name) => distributionOf(latenciesUs.get(name) ?? []))
  const [first] = names
  return { us, firstOver: recordOf(names, (name) => us[first as Name].p50 / us[name].p50) }
}

const timeCall = async (call: () => unknown): Promise<number> => {
  const start = performance.now()
  const result = call()
  // Awaiting what is no promise would add a turn of the event loop's queue to what it took.
  if (result instanceof Promise) await result
  return (performance.now() - start) * 1_000
}

const recordOf = <Name extends string, Value>(
  names: readonly Name[],
  value: (name: Name) => Value,
): Readonly<Record<Name, Value>> => Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, Value>
