/** Times calls one after the other. */
import { distributionOf, type Distribution } from './statistics.ts'

/** Microseconds of each call. */
export const timedUs = async <Item>(items: Iterable<Item>, call: (item: Item) => unknown): Promise<Distribution> => {
  const latenciesUs: number[] = []
  for (const item of items) {
    const start = performance.now()
    const result = call(item)
    // Awaiting what is no promise would add a turn of the event loop's queue to what it took.
    if (result instanceof Promise) await result
    latenciesUs.push((performance.now() - start) * 1_000)
  }
  return distributionOf(latenciesUs)
}
