/**
 * Yields `items` in order, best first, by a binary heap in place: taking the first k of n costs n + k log n, so a
 * search pays for no more of the order than its filter makes it look at.
 * @param better a strict total order: true when the left one comes first
 */
export function* bestFirst<Item>(items: Item[], better: (left: Item, right: Item) => boolean): Generator<Item> {
  for (let parent = (items.length >> 1) - 1; parent >= 0; parent -= 1) sink(items, parent, items.length, better)
  for (let length = items.length; length > 0; length -= 1) {
    const best = items[0] as Item
    items[0] = items[length - 1] as Item
    sink(items, 0, length - 1, better)
    yield best
  }
}

const sink = <Item>(
  items: Item[],
  start: number,
  length: number,
  better: (left: Item, right: Item) => boolean,
): void => {
  const item = items[start] as Item
  let hole = start
  for (;;) {
    let child = 2 * hole + 1
    if (child >= length) break
    if (child + 1 < length && better(items[child + 1] as Item, items[child] as Item)) child += 1
    if (!better(items[child] as Item, item)) break
    items[hole] = items[child] as Item
    hole = child
  }
  items[hole] = item
}
