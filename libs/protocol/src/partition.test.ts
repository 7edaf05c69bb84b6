import { AssertionError, utf8 } from '@waggle/kernel'
import { describe, expect, it } from 'vitest'
import { fnv1a32 } from './fnv1a32.ts'
import { partition } from './partition.ts'

/**
 * Collective ids with their FNV-1a 32 hash and its remainder by 1, 2, 16 and 64: what nats-server's
 * `{{partition(n,1)}}` gives. Computed with a Python transcription, and spot-checked with Go's hash/fnv, which
 * nats-server calls.
 */
const golden: [id: string, hash: number, of1: number, of2: number, of16: number, of64: number][] = [
  ['de9686d3-5b14-8740-af17-37553512a575', 1246492265, 0, 1, 9, 41],
  ['fbf9ed18-4993-7064-868e-f6d9b3557191', 1825102243, 0, 1, 3, 35],
  ['a0881618-e140-7dbb-9c0f-3d6829faee4a', 158013225, 0, 1, 9, 41],
  ['16209f32-7db1-8e82-9447-3873ffe92fc6', 1147392499, 0, 1, 3, 51],
  ['05c5fde2-510d-7ac4-b6b6-4217c2658f1d', 2857530563, 0, 1, 3, 3],
  ['ba3ec90b-7ca2-7d30-a6cb-93c5249fd4c4', 3687964869, 0, 1, 5, 5],
  ['9b1ebf38-5a4f-816f-98f7-7a665a04bed1', 1758387022, 0, 0, 14, 14],
  ['094512e6-1b74-7ed6-a405-60ef2a58d540', 1021899579, 0, 1, 11, 59],
  ['8dd64698-e637-709e-86a3-1b4f11f569cb', 536094054, 0, 0, 6, 38],
  ['c74b5183-3578-8aba-adca-a5a98306f46e', 1009964642, 0, 0, 2, 34],
  ['766900b1-5449-7657-b53a-d20f4b574b00', 3910002464, 0, 0, 0, 32],
  ['678f5266-015a-7eea-9fe8-efe40805836d', 4055583346, 0, 0, 2, 50],
  ['f58ee2df-397f-8115-9993-3062db97e10d', 4119949961, 0, 1, 9, 9],
  ['dd869aff-2684-7c30-9c2f-240bc054b43b', 866674717, 0, 1, 13, 29],
  ['93ab031e-5ec4-737c-8f90-3edb2023effb', 3962913067, 0, 1, 11, 43],
  ['0d37218c-6ae2-8698-ac55-a78d7bc1df23', 4081258636, 0, 0, 12, 12],
  ['0f310d09-7c66-7c3b-93d2-95c99f082a37', 4246162689, 0, 1, 1, 1],
  ['136fd36e-cb1e-77d6-9cb2-0bac3b975176', 3148270764, 0, 0, 12, 44],
  ['b2267084-0ab1-828a-896d-852674f237ea', 3252868690, 0, 0, 2, 18],
  ['b8e3a22c-cf90-79dd-b440-3df66859b582', 1579673053, 0, 1, 13, 29],
  ['08cc0bd6-3c85-7a8f-ae11-bd8acc6993b4', 2383534454, 0, 0, 6, 54],
  ['15952d1a-c2f1-88ec-9aee-5f9011860f61', 2970822728, 0, 0, 8, 8],
  ['0a50ada2-852f-7d9c-9655-9d50cf3b1d3b', 41674084, 0, 0, 4, 36],
  ['547c818e-884f-7db4-a925-b52f740160d2', 4008826445, 0, 1, 13, 13],
]

describe('partition', () => {
  it.each(golden)('of %s (hash %i) is the shard that nats-server maps it to', (id, hash, ...shards) => {
    expect(fnv1a32(utf8(id))).toBe(hash)
    expect([1, 2, 16, 64].map((count) => partition(id, count))).toEqual(shards)
  })

  it.each([
    ['de9686d3-5b14-8740-af17-37553512a575', 2, 5, 265, 16565],
    ['0f310d09-7c66-7c3b-93d2-95c99f082a37', 0, 9, 689, 18969],
    ['547c818e-884f-7db4-a925-b52f740160d2', 2, 5, 445, 50495],
  ])('of %s is a remainder also where the number of shards is no power of two', (id, ...shards) => {
    expect([3, 10, 1_000, 65_535].map((count) => partition(id, count))).toEqual(shards)
  })

  it('spreads ids over all shards', () => {
    const counts = new Map<number, number>()
    for (let number = 0; number < 6_400; number += 1) {
      const shard = partition(`${number.toString(16).padStart(8, '0')}-1111-7abc-8def-0123456789ab`, 64)
      counts.set(shard, (counts.get(shard) ?? 0) + 1)
    }
    expect([...counts.keys()].sort((left, right) => left - right)).toEqual(Array.from({ length: 64 }, (_, at) => at))
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(60)
  })

  it.each([0, -1, 1.5, NaN, Infinity])('has no shard among %d', (count) => {
    expect(() => partition('a', count)).toThrow(AssertionError)
  })
})

describe('fnv1a32', () => {
  // The reference vectors of the hash's authors.
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
    ['é', 0x1e9de8c1],
  ])('of %j is the published value', (text, hash) => {
    expect(fnv1a32(utf8(text))).toBe(hash)
  })

  it('differs whenever one byte of many differs', () => {
    const bytes = utf8('0190b2c0-1111-7abc-8def')
    const hash = fnv1a32(bytes)
    for (let at = 0; at < bytes.length; at += 1)
      for (let change = 1; change < 256; change += 1) {
        const changed = Uint8Array.from(bytes)
        changed[at]! ^= change
        expect(fnv1a32(changed)).not.toBe(hash)
      }
  })
})
