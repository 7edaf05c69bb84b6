/** Chance, all of it from one seed: xoshiro128** seeded by splitmix32, the same numbers on every machine. */
import type { Random } from '@waggle/kernel'

export class Dice implements Random {
  readonly #state = new Uint32Array(4)

  constructor(seed: number) {
    let mix = seed >>> 0
    for (let index = 0; index < 4; index += 1) {
      mix = (mix + 0x9e3779b9) >>> 0
      let word = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad)
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
      this.#state[index] = (word ^ (word >>> 15)) >>> 0
    }
  }

  uint32(): number {
    const [a, b, c, d] = this.#state as unknown as [number, number, number, number]
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    this.#state.set([a ^ d ^ b, b ^ c ^ a, c ^ a ^ (b << 9), rotate(d ^ b, 11)])
    return result
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

const rotate = (word: number, bits: number): number => ((word << bits) | (word >>> (32 - bits))) >>> 0
