/** Times calls, one after the other. */
import { distributionOf, median, medianDistribution, type Distribution } from './statistics.ts'
import { inWindows } from './write-modes.ts'

/** Calls of one way before it is the next way's turn: short enough that all ways meet the same neighbours. */
const TURN_CALLS = 10

export type Ways<Item, Name extends string> = Readonly<Record<Name, (item: Item) => unknown>>

/** Medians over rounds. */
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
  const timed: Record<Name, Distribution>[] = []
  for (let round = 0; round < rounds; round += 1) timed.push(await timeRound(items, ways, names))
  const perName = <Value>(value: (name: Name) => Value): Record<Name, Value> =>
    Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, Value>
  const [first] = names
  return {
    us: perName((name) => medianDistribution(timed.map((round) => round[name]))),
    firstOver: perName((name) => median(timed.map((round) => round[first as Name].p50 / round[name].p50))),
  }
}

const timeRound = async <Item, Name extends string>(
  items: readonly Item[],
  ways: Ways<Item, Name>,
  names: readonly Name[],
): Promise<Record<Name, Distribution>> => {
  const latenciesUs = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (const turn of inWindows(items, TURN_CALLS))
    for (const [name, latencies] of latenciesUs)
      for (const item of turn) {
        const start = performance.now()
        const result = ways[name](item)
        // Awaiting what is no promise would add a turn of the event loop's queue to what it took.
        if (result instanceof Promise) await result
        latencies.push((performance.now() - start) * 1_000)
      }
  return Object.fromEntries([...latenciesUs].map(([name, us]) => [name, distributionOf(us)])) as Record<
    Name,
    Distribution
  >
}
