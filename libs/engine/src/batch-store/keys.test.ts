/** Puts, deletions and reads of keys, as a caller meets them (Exoware A.2, A.2.1, A.5). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

const COLLECTIVE = '00000000-0000-4000-8000-000000000001'

let engine: TestEngine

beforeEach(async () => {
  engine = await openTestEngine()
  await engine.call('collective.create', { id: COLLECTIVE, name: 'keys', dimension: 3 })
})

afterEach(() => engine.engine.close())

const text = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString()
const put = async (...entries: (readonly [string, string])[]): Promise<number> =>
  (await engine.call('keys.put', { collective: COLLECTIVE, entries })).sequence as number
const get = async (key: string): Promise<string | undefined> => {
  const { value } = await engine.call('keys.get', { collective: COLLECTIVE, key })
  return value === undefined ? undefined : text(value)
}

describe('keys', () => {
  test('E1 E2 E31 what was put is got, what was not is absent, and a newer value takes the place of an older one', async () => {
    expect(await get('a')).toBeUndefined()
    await put(['a', '1'])
    expect(await get('a')).toBe('1')
    await put(['a', '2'])
    expect(await get('a')).toBe('2')
  })
  test('range', async () => {
    await put(['a', '1'], ['', '0'], ['b', '2'], ['b', '3'])
    const { items, more } = await engine.call('keys.range', {
      collective: COLLECTIVE,
      end: 'b',
      reverse: true,
      limit: 2,
    })
    expect((items as [Uint8Array, Uint8Array][]).map((pair) => pair.map(text))).toEqual([
      ['b', '3'],
      ['a', '1'],
    ])
    expect(more).toBe(true)
    expect(await engine.call('keys.position', { collective: COLLECTIVE })).toMatchObject({
      keyCount: 3,
      current: 3,
      oldest: 3,
    })
  })
})
