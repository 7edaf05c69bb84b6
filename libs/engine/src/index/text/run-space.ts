/**
 * Hands out runs of places in arrays that its owner keeps. A run that is given back is handed out again to whoever
 * wants one of its size, so the space grows with what is held at most, not with what passes through.
 */
export class RunSpace {
  /** Starts of runs that nobody has, by their size. */
  readonly #free = new Map<number, number[]>()
  #end = 0

  /** Places behind the last run: what the arrays must have room for. */
  get end(): number {
    return this.#end
  }

  /** @returns where the run starts */
  take(size: number): number {
    const start = this.#free.get(size)?.pop()
    if (start !== undefined) return start
    this.#end += size
    return this.#end - size
  }

  giveBack(start: number, size: number): void {
    const starts = this.#free.get(size)
    if (starts === undefined) this.#free.set(size, [start])
    else starts.push(start)
  }
}

type Numbers = Uint32Array | Uint8Array

/** The same numbers with room for so many; grown by a half at least, so that growing costs little a place. */
export const withRoom = <Kind extends Numbers>(numbers: Kind, length: number): Kind => {
  if (length <= numbers.length) return numbers
  const Kind = numbers.constructor as new (length: number) => Kind
  const larger = new Kind(Math.max(length, Math.ceil(numbers.length * 1.5), 16))
  larger.set(numbers)
  return larger
}
