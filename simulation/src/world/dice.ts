/** Chance, all of it from one seed: the same numbers on every machine. */
import { seededRandom, type Random } from '@waggle/kernel'

export class Dice implements Random {
  /** 0 to 2^32 - 1. */
  readonly uint32: () => number

  constructor(seed: number) {
    this.uint32 = seededRandom(seed).uint32
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let index = 0; index < length; index += 1) bytes[index] = this.uint32() >>> 24
    return bytes
  }

  /** Dice of their own, which draw nothing from these any more. */
  fork(): Dice {
    return new Dice(this.uint32())
  }

  /** From 0 up to but not including 1. */
  fraction(): number {
    return this.uint32() / 2 ** 32
  }

  /** A number with a fraction. */
  between(low: number, high: number): number {
    return low + this.fraction() * (high - low)
  }

  /** 0 up to but not including `count`. */
  below(count: number): number {
    return Math.floor(this.fraction() * count)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }

  /** Mostly short, sometimes long: exponential. */
  around(mean: number): number {
    return -mean * Math.log(1 - this.fraction())
  }
}
