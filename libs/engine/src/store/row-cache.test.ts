import { utf8 } from '@waggle/kernel'
import { describe, expect, test, vi } from 'vitest'
import { RowCache } from './row-cache.ts'

const key = utf8('key')
const value = utf8('value')
const found = () => vi.fn((): Uint8Array | undefined => value)
const nothing = (): undefined => undefined
const unasked = (): never => {
  throw new Error('the store was asked')
}

describe('row cache', () => {
  test('a row is read once, and so is that there is none', () => {
    const cache = new RowCache(1 << 20)
    const read = found()
    expect([cache.value(key, read), cache.value(key, read), cache.value(key, read)]).toEqual([value, value, value])
    expect(read).toHaveBeenCalledTimes(1)
    expect([cache.value(utf8('none'), nothing), cache.value(utf8('none'), unasked)]).toEqual([undefined, undefined])
  })

  test('C1 what is being written is forgotten, and not learnt before the next moment', () => {
    const cache = new RowCache(1 << 20)
    const other = utf8('other')
    cache.value(key, found())
    cache.value(other, found())
    cache.write([{ key }])
    const read = found()
    cache.value(key, read)
    cache.value(key, read)
    expect(read).toHaveBeenCalledTimes(2)
    expect(cache.value(other, unasked)).toEqual(value)
    const { moment } = cache
    cache.nextMoment(true)
    expect(cache.moment).not.toBe(moment)
    cache.value(key, nothing)
    expect(cache.value(key, unasked)).toBeUndefined()
    expect(cache.value(other, unasked)).toEqual(value)
  })

  test.each([
    ['of a full cache', true],
    ['of an empty one', false],
  ])('C1 a write that is under way at the next moment: nothing is learnt of its rows, %s', (_what, isFull) => {
    const cache = new RowCache(1 << 20)
    if (isFull) cache.value(utf8('other'), found())
    cache.write([{ key }])
    cache.nextMoment(false)
    cache.value(key, nothing)
    expect(cache.value(key, found())).toEqual(value)
    cache.nextMoment(true)
    cache.value(key, found())
    expect(cache.value(key, unasked)).toEqual(value)
  })

  test('C1 a moment before which nothing was written is the one before', () => {
    const cache = new RowCache(1 << 20)
    cache.value(key, found())
    const { moment } = cache
    cache.nextMoment(true)
    expect(cache.moment).toBe(moment)
    expect(cache.value(key, unasked)).toEqual(value)
  })

  test('C1 after more rows than it counts it begins anew with the next moment', () => {
    const cache = new RowCache(1 << 20)
    const other = utf8('other')
    cache.value(other, found())
    cache.write(Array.from({ length: 70_000 }, (_, number) => ({ key: utf8(`written ${number}`) })))
    cache.value(other, nothing)
    expect(cache.value(other, found())).toEqual(value)
    cache.nextMoment(true)
    cache.value(other, found())
    expect(cache.value(other, unasked)).toEqual(value)
  })

  test('C2 bytes are copied in and out', () => {
    const cache = new RowCache(1 << 20)
    const mine = utf8('value')
    cache.value(key, () => mine)
    mine.fill(0)
    cache.value(key, unasked)?.fill(1)
    expect(cache.value(key, unasked)).toEqual(value)
  })

  test('C3 what is asked for stays, what is not goes', () => {
    const cache = new RowCache(20_000)
    const large = new Uint8Array(1_000)
    for (let number = 0; number < 100; number += 1) {
      cache.value(key, number === 0 ? found() : unasked)
      cache.value(utf8(`large ${number}`), () => large)
    }
    const read = vi.fn(() => large)
    for (let number = 0; number < 100; number += 1) cache.value(utf8(`large ${number}`), read)
    expect(read.mock.calls.length).toBeGreaterThan(80)
  })
})
