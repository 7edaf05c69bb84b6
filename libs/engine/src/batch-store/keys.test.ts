/** Puts, deletions and reads of keys, as a caller meets them (Exoware A.2, A.2.1, A.3, A.5). */
import type { Fault } from '@waggle/kernel'
import type { BuiltName, KeyEntry } from '@waggle/protocol'
import { limits } from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

const COLLECTIVE = '00000000-0000-4000-8000-000000000001'
const OTHER = '00000000-0000-4000-8000-000000000002'

let engine: TestEngine

const call = (operation: BuiltName, fields: object = {}) =>
  engine.call(operation, { collective: COLLECTIVE, ...fields })
const refused = async (operation: BuiltName, fields: object): Promise<Fault> =>
  call(operation, fields).then(
    () => expect.unreachable('it was not refused'),
    (fault: unknown) => fault as Fault,
  )

const put = async (...entries: readonly (readonly [unknown, unknown])[]): Promise<number> =>
  (await call('keys.put', { entries })).sequence as number
const remove = async (...keys: readonly unknown[]): Promise<number> =>
  (await call('keys.delete', { keys })).sequence as number

const text = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString()
const get = async (key: unknown): Promise<string | undefined> => {
  const { value } = await call('keys.get', { key })
  return value === undefined ? undefined : text(value)
}
const texts = (items: unknown): string[] => (items as KeyEntry[]).map(([key, value]) => `${text(key)}=${text(value)}`)
const range = async (fields: object = {}): Promise<string[]> => texts((await call('keys.range', fields)).items)

beforeEach(async () => {
  engine = await openTestEngine()
  await engine.call('collective.create', { id: COLLECTIVE, name: 'keys', dimension: 3 })
})

afterEach(() => engine.engine.close())

describe('put, get and delete', () => {
  test('E1 E2 E31 an unknown key is absent, a known one has its value, a newer one takes its place', async () => {
    expect(await get('a')).toBeUndefined()
    await put(['a', '1'])
    expect(await get('a')).toBe('1')
    await put(['a', '2'])
    expect(await get('a')).toBe('2')
  })

  test('E3 E10 E16 what the store keeps of itself is no key', async () => {
    await put(['a', '1'], ['__simulator_seq__', 'mine'])
    expect(await get('__simulator_seq__')).toBe('mine')
    await put(['b', '2'])
    expect(await get('__simulator_seq__')).toBe('mine')
    expect(await range()).toEqual(['__simulator_seq__=mine', 'a=1', 'b=2'])
  })

  test('E4 P4 each batch has a higher sequence, and the newest one is the position', async () => {
    expect(await call('keys.position')).toMatchObject({ current: 0, keyCount: 0 })
    const first = await put(['a', '1'])
    const second = await put(['b', '2'])
    expect(second).toBeGreaterThan(first)
    const position = await call('keys.position')
    expect(position).toMatchObject({ current: second, oldest: first, keyCount: 2, sequence: second })
    expect(position).not.toHaveProperty('rule')
  })

  test('W1 of a key that comes twice the last value stays', async () => {
    await put(['a', '1'], ['b', '2'], ['a', '3'], ['a', ''])
    expect(await range()).toEqual(['a=', 'b=2'])
    expect(await call('keys.position')).toMatchObject({ keyCount: 2 })
  })

  test('E17 E18 a deletion takes the named keys alone, and a sequence, also where it finds none', async () => {
    await put(['a', '1'], ['b', '2'], ['c', '3'])
    const first = await remove('a', 'c', 'a')
    expect(await range()).toEqual(['b=2'])
    const second = await remove('nowhere')
    expect(second).toBeGreaterThan(first)
    expect(await call('keys.position')).toMatchObject({ current: second, keyCount: 1 })
    await put(['a', '4'])
    expect(await range()).toEqual(['a=4', 'b=2'])
  })

  test('E66 E73 an empty batch is refused and takes no sequence', async () => {
    const before = await call('keys.position')
    for (const fields of [{}, { entries: [] }, { entries: null }])
      expect(await refused('keys.put', fields)).toMatchObject({ code: 'REQUIRED_FIELD', details: { field: 'entries' } })
    expect(await refused('keys.delete', { keys: [] })).toMatchObject({ code: 'REQUIRED_FIELD' })
    expect(await call('keys.position')).toEqual(before)
  })

  test('E66 P10 keys of 0 and of 254 bytes are keys, one of 255 is refused by name and limit', async () => {
    const longest = Buffer.alloc(254, 0xff)
    await put(['', 'empty'], [longest, 'longest'])
    expect(await get('')).toBe('empty')
    expect(await get(longest)).toBe('longest')
    const tooLong = Buffer.alloc(255)
    const fault = { code: 'CONTENT_TOO_LARGE', kind: 'invalid', details: { size: 255, limit: 254 } }
    expect(
      await refused('keys.put', {
        entries: [
          ['a', ''],
          [tooLong, ''],
        ],
      }),
    ).toMatchObject({
      ...fault,
      details: { field: 'entries[1][0]', ...fault.details },
    })
    expect(await refused('keys.get', { key: tooLong })).toMatchObject(fault)
    expect(await refused('keys.delete', { keys: [tooLong] })).toMatchObject(fault)
    expect(await refused('keys.range', { start: tooLong })).toMatchObject(fault)
    expect(await refused('keys.range', { end: tooLong })).toMatchObject(fault)
    expect(await refused('keys.getMany', { keys: [tooLong] })).toMatchObject(fault)
    expect(await get('a')).toBeUndefined()
  })

  test('P10 a value beyond 10 MiB is refused by name and limit', async () => {
    const fault = await refused('keys.put', { entries: [['a', Buffer.alloc(limits.VALUE_BYTES_MAX + 1)]] })
    expect(fault).toMatchObject({
      code: 'CONTENT_TOO_LARGE',
      details: { field: 'entries[0][1]', limit: limits.VALUE_BYTES_MAX },
    })
  })

  test('P10 a batch of the most keys is taken whole, one more is refused', async () => {
    const entries = Array.from({ length: limits.KEYS_PER_BATCH_MAX }, (_, index) => [`k${index}`, ''])
    await call('keys.put', { entries })
    expect(await call('keys.position')).toMatchObject({ keyCount: limits.KEYS_PER_BATCH_MAX })
    expect(await refused('keys.put', { entries: [...entries, ['a', '']] })).toMatchObject({
      code: 'TOO_MANY_ITEMS',
      details: { field: 'entries', limit: limits.KEYS_PER_BATCH_MAX },
    })
    await call('keys.delete', { keys: entries.map(([key]) => key) })
    expect(await call('keys.position')).toMatchObject({ keyCount: 0 })
  })

  test('bytes, text and base64 name the same key', async () => {
    await put(['⚘', '1'])
    expect(await get(Buffer.from('⚘'))).toBe('1')
    expect(await get({ base64: Buffer.from('⚘').toString('base64') })).toBe('1')
  })

  test('P2 a repeated key of a write is the first write, and another write is refused', async () => {
    const entries = [['a', '1']]
    const first = await call('keys.put', { entries, idempotencyKey: 'once' })
    await put(['a', '2'])
    expect(await call('keys.put', { entries, idempotencyKey: 'once' })).toEqual(first)
    expect(await get('a')).toBe('2')
    expect(await refused('keys.put', { entries: [['a', '3']], idempotencyKey: 'once' })).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
  })

  test('E74 puts of one moment share a sequence, all of them take effect, in their order', async () => {
    const sequences = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => put(['last', `${index}`], [`key ${index}`, ''])),
    )
    expect(new Set(sequences).size).toBeLessThan(20)
    expect(sequences).toEqual(sequences.toSorted((left, right) => left - right))
    expect(await get('last')).toBe('19')
    expect(await call('keys.position')).toMatchObject({ keyCount: 21, current: sequences.at(-1) })
  })

  test('P3 a batch of several stores puts and deletes keys, all or none', async () => {
    await put(['a', '1'], ['b', '2'])
    const commands = [
      {
        operation: 'keys.put',
        entries: [
          ['c', '3'],
          ['d', '4'],
        ],
      },
      { operation: 'keys.delete', keys: ['a', 'c'] },
      { operation: 'keys.put', entries: [['a', '5']] },
    ]
    const { sequence } = await call('batch.commit', { commands })
    expect(await range()).toEqual(['a=5', 'b=2', 'd=4'])
    expect(await call('keys.position')).toMatchObject({ current: sequence, keyCount: 3 })
    const wrong = [...commands, { operation: 'keys.put', entries: [] }]
    expect(await refused('batch.commit', { commands: wrong })).toMatchObject({
      code: 'REQUIRED_FIELD',
      details: { field: 'commands[3].entries' },
    })
    expect(await range()).toEqual(['a=5', 'b=2', 'd=4'])
  })

  test('P12 keys of another collective, and of another life of it, are others', async () => {
    await engine.call('collective.create', { id: OTHER, name: 'other', dimension: 3 })
    await put(['a', '1'])
    await engine.call('keys.put', { collective: OTHER, entries: [['a', 'other']] })
    await remove('a')
    const { value } = await engine.call('keys.get', { collective: OTHER, key: 'a' })
    expect(text(value)).toBe('other')
    await engine.call('collective.delete', { collective: OTHER })
    const gone = { code: 'NOT_FOUND', details: { entity: 'collective' } }
    for (const [operation, fields] of [
      ['keys.put', { entries: [['a', '']] }],
      ['keys.delete', { keys: ['a'] }],
      ['keys.get', { key: 'a' }],
      ['keys.getMany', { keys: ['a'] }],
      ['keys.range', {}],
      ['keys.position', {}],
    ] as const)
      expect(await refused(operation, { ...fields, collective: OTHER })).toMatchObject(gone)
    await engine.call('collective.create', { id: OTHER, name: 'again', dimension: 3 })
    expect(await engine.call('keys.position', { collective: OTHER })).toMatchObject({ keyCount: 0, current: 0 })
  })

  test('a put that shares its record with the creation of its collective is the oldest batch', async () => {
    const created = engine.call('collective.create', { id: OTHER, name: 'other', dimension: 3 })
    const { sequence } = await engine.call('keys.put', { collective: OTHER, entries: [['a', '1']] })
    await created
    expect(await engine.call('keys.position', { collective: OTHER })).toMatchObject({
      current: sequence,
      oldest: sequence,
    })
  })
})

describe('getMany', () => {
  beforeEach(async () => {
    await put(['a', '1'], ['b', '2'], ['c', '3'])
  })

  const many = async (fields: object): Promise<readonly [string[], unknown]> => {
    const { items, next } = await call('keys.getMany', fields)
    const found = (items as (readonly [unknown, unknown])[]).map(
      ([key, value]) => `${text(key)}=${value === null ? '-' : text(value)}`,
    )
    return [found, next]
  }

  test('E15 E32 E82 answers each key in the order asked, repeats kept, absent ones among them', async () => {
    expect(await many({ keys: ['c', 'x', 'a', 'c'] })).toEqual([['c=3', 'x=-', 'a=1', 'c=3'], undefined])
  })

  test('E67 Q1 ends at the batch size, and says where to go on', async () => {
    const keys = ['c', 'x', 'a', 'c', 'b']
    expect(await many({ keys, batchSize: 2 })).toEqual([['c=3', 'x=-'], 2])
    expect(await many({ keys, batchSize: 2, from: 2 })).toEqual([['a=1', 'c=3'], 4])
    expect(await many({ keys, batchSize: 2, from: 4 })).toEqual([['b=2'], undefined])
    expect(await many({ keys, from: 5 })).toEqual([[], undefined])
    expect(await refused('keys.getMany', { keys, from: 6 })).toMatchObject({ code: 'INVALID_FIELD' })
    expect(await refused('keys.getMany', { keys, batchSize: 0 })).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'batchSize' },
    })
    expect(await refused('keys.getMany', { keys: [] })).toMatchObject({ code: 'REQUIRED_FIELD' })
  })
})

describe('range', () => {
  beforeEach(async () => {
    await put(['a', '1'], ['b', '2'], ['c', '3'], ['d', '4'])
  })

  test.each([
    ['E6 E32 everything', {}, ['a=1', 'b=2', 'c=3', 'd=4']],
    ['E5 both bounds inclusive', { start: 'b', end: 'c' }, ['b=2', 'c=3']],
    ['E6 an empty end bounds nothing', { start: 'c', end: '' }, ['c=3', 'd=4']],
    ['an empty start bounds nothing', { start: '', end: 'b' }, ['a=1', 'b=2']],
    ['E7 the first of a limit', { limit: 2 }, ['a=1', 'b=2']],
    ['E8 E32 nothing between the bounds', { start: 'bb', end: 'bz' }, []],
    ['nothing behind the last key', { start: 'e' }, []],
    ['a start above the end', { start: 'c', end: 'b' }, []],
    ['E9 a limit of 0', { limit: 0 }, []],
    ['E9 a limit of 0, backwards', { limit: 0, reverse: true }, []],
    ['E11 backwards', { reverse: true }, ['d=4', 'c=3', 'b=2', 'a=1']],
    ['E12 E82 backwards, the last of a limit', { reverse: true, limit: 2 }, ['d=4', 'c=3']],
    ['E13 backwards from the highest key', { start: 'b', end: '', reverse: true, limit: 1 }, ['d=4']],
    ['backwards between bounds', { start: 'a', end: 'c', reverse: true, limit: 2 }, ['c=3', 'b=2']],
    ['E14 one key', { start: 'b', end: 'b' }, ['b=2']],
    ['E14 one key, backwards', { start: 'b', end: 'b', reverse: true }, ['b=2']],
    ['one key that is not there', { start: 'bb', end: 'bb' }, []],
    ['behind a key', { after: 'b' }, ['c=3', 'd=4']],
    ['behind a key that is not there', { after: 'bb' }, ['c=3', 'd=4']],
    ['behind a key, backwards', { after: 'c', reverse: true }, ['b=2', 'a=1']],
    ['behind a key below the start', { start: 'c', after: 'a' }, ['c=3', 'd=4']],
    ['behind a key above the end, backwards', { end: 'b', after: 'd', reverse: true }, ['b=2', 'a=1']],
    ['behind the end', { end: 'c', after: 'c' }, []],
    ['behind the end, backwards', { start: 'b', after: 'b', reverse: true }, []],
    ['behind the empty key, backwards', { after: '', reverse: true }, []],
  ])('%s', async (_title, fields, expected) => {
    expect(await range(fields)).toEqual(expected)
  })

  test('the empty key is the lowest, and those that only begin alike stay outside', async () => {
    await put(['', '0'], ['b\u0000', 'b0'], ['ba', 'ba'])
    expect(await range({ end: 'b' })).toEqual(['=0', 'a=1', 'b=2'])
    expect(await range({ end: '' })).toHaveLength(7)
    expect(await range({ start: 'b', end: 'b\u0000' })).toEqual(['b=2', 'b\u0000=b0'])
    expect(await range({ after: '', end: 'a' })).toEqual(['a=1'])
  })

  test('Q1 says whether more of the range is left, and goes on behind the last row', async () => {
    const first = await call('keys.range', { batchSize: 3 })
    expect([texts(first.items), first.more]).toEqual([['a=1', 'b=2', 'c=3'], true])
    const second = await call('keys.range', { batchSize: 3, after: 'c' })
    expect([texts(second.items), second.more]).toEqual([['d=4'], false])
    expect((await call('keys.range', { batchSize: 4 })).more).toBe(false)
    expect((await call('keys.range', { limit: 2 })).more).toBe(true)
    expect((await call('keys.range', { limit: 0 })).more).toBe(false)
  })

  test('E67 a batch size of 0 and one beyond the largest are refused', async () => {
    for (const batchSize of [0, limits.BATCH_SCAN_ROWS_MAX + 1])
      expect(await refused('keys.range', { batchSize })).toMatchObject({
        code: 'INVALID_FIELD',
        details: { field: 'batchSize', max: limits.BATCH_SCAN_ROWS_MAX },
      })
  })

  test('Q1 P11 a reply ends at its bytes, before its rows', async () => {
    const value = Buffer.alloc(500_000, 'x')
    for (let nth = 0; nth < 10; nth += 1) await put([`large ${nth}`, value])
    const { items, more } = await call('keys.range', { start: 'large', end: 'large~' })
    expect([(items as KeyEntry[]).length, more]).toEqual([7, true])
    const keys = Array.from({ length: 10 }, (_, nth) => `large ${nth}`)
    expect(await call('keys.getMany', { keys })).toMatchObject({ next: 7 })
  })
})

describe('the sequence that a read must have reached', () => {
  test('E35 A.5 is there or the read says what it needs and what there is', async () => {
    const sequence = await put(['a', '1'])
    expect(await call('keys.get', { key: 'a', minSequence: sequence })).toMatchObject({ sequence })
    for (const [operation, fields] of [
      ['keys.get', { key: 'a' }],
      ['keys.getMany', { keys: ['a'] }],
      ['keys.range', {}],
      ['keys.position', {}],
    ] as const) {
      expect(await call(operation, { ...fields, minSequence: 0 })).toMatchObject({ sequence })
      expect(await refused(operation, { ...fields, minSequence: sequence + 1 })).toMatchObject({
        code: 'CONSISTENCY_NOT_READY',
        kind: 'notReady',
        details: { required: sequence + 1, current: sequence },
        retryAfterMs: 1_000,
      })
    }
  })
})

describe('where the journal begins', () => {
  const oldest = async (): Promise<unknown> => (await call('keys.position')).oldest
  const pruneAll = async (prefix: string): Promise<void> => {
    const policies = [{ keys: { selector: { prefix } }, retain: { dropAll: {} } }]
    const { job } = await call('keys.prune', { policies })
    await expect.poll(() => call('keys.job', { job })).toMatchObject({ job: { isDone: true } })
  }

  test('E20 E26 a row that only tells of a prune of keys is no batch', async () => {
    const first = await put(['a1', ''], ['a2', ''], ['b1', ''])
    await pruneAll('a')
    expect(await call('keys.position')).toMatchObject({ keyCount: 1, current: first, oldest: first })
    await call('keys.setRetention', { rule: { dropAll: {} } })
    await expect.poll(oldest).toBeUndefined()
    expect(await call('keys.position')).toMatchObject({ keyCount: 1, current: first, rule: { dropAll: {} } })
    await call('keys.setRetention')
    const second = await put(['c', ''])
    expect(await call('keys.position')).toMatchObject({ keyCount: 2, current: second, oldest: second })
  })
})
