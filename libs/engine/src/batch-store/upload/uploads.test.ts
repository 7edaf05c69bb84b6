/** Puts that come in parts, and values that are read in pieces (DESIGN F3, K8). */
import { sha256, type Fault, type Uuid } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import { encodeMessagePack, limits, type BuiltName, type KeyEntry } from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestEngine, type TestEngine } from '../../testing/test-engine.ts'

const COLLECTIVE = '00000000-0000-4000-8000-000000000001'
const uploadId = (n: number): Uuid => `00000000-0000-4000-a000-${n.toString(16).padStart(12, '0')}` as Uuid
const UPLOAD = uploadId(1)

let engine: TestEngine

const call = (operation: BuiltName, fields: object = {}) =>
  engine.call(operation, { collective: COLLECTIVE, ...fields })
const refused = async (operation: BuiltName, fields: object): Promise<Fault> =>
  call(operation, fields).then(
    () => expect.unreachable('it was not refused'),
    (fault: unknown) => fault as Fault,
  )
const stage = (index: number, bytes: Uint8Array, upload = UPLOAD) => call('keys.stage', { upload, index, bytes })
const uploaded = (content: Uint8Array, parts: number, id = UPLOAD) => ({
  upload: { id, parts, sha256: sha256(content) },
})
const text = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString()
const keys = async (): Promise<string[]> => ((await call('keys.range')).items as KeyEntry[]).map(([key]) => text(key))
/** Rows that the store has, by the name of each. */
const rowCount = async (): Promise<number> => {
  let count = 0
  for await (const _ of engine.store.scanKeys({ gte: Uint8Array.of(0x20) })) count += 1
  return count
}

const CONTENT = encodeMessagePack([
  [Buffer.from('a'), Buffer.from('1')],
  ['b', 'text'],
  [Buffer.from('a'), Buffer.from('2')],
])

beforeEach(async () => {
  engine = await openTestEngine()
  await engine.call('collective.create', { id: COLLECTIVE, name: 'keys', dimension: 3 })
})

afterEach(() => engine.engine.close())

describe('a put in parts', () => {
  test('F3 changes nothing until it is put, and is then one batch', async () => {
    await stage(0, CONTENT.subarray(0, 5))
    await stage(1, CONTENT.subarray(5))
    expect(await keys()).toEqual([])
    expect(await call('keys.position')).toMatchObject({ current: 0 })
    const { sequence } = await call('keys.put', uploaded(CONTENT, 2))
    expect(await keys()).toEqual(['a', 'b'])
    expect(text((await call('keys.get', { key: 'a' })).value)).toBe('2')
    expect(await call('keys.position')).toMatchObject({ current: sequence, oldest: sequence, keyCount: 2 })
  })

  test('F3 leaves no row of its parts', async () => {
    await call('keys.put', {
      entries: [
        ['a', ''],
        ['b', ''],
      ],
      idempotencyKey: 'first',
    })
    const before = await rowCount()
    await stage(0, CONTENT)
    await call('keys.put', uploaded(CONTENT, 1))
    // A row of the journal, and the outcomes of two writes.
    expect(await rowCount()).toBe(before + 3)
  })

  test('U1 takes its parts in any order, and each of them again', async () => {
    await stage(1, CONTENT.subarray(5))
    await stage(0, CONTENT.subarray(0, 5))
    await stage(1, CONTENT.subarray(5))
    await call('keys.put', uploaded(CONTENT, 2))
    expect(await keys()).toEqual(['a', 'b'])
  })

  test('U1 of two parts with one index the last one counts', async () => {
    await stage(0, Buffer.from('something else'))
    await stage(0, CONTENT)
    await stage(1, Buffer.from('too much'))
    await call('keys.put', uploaded(CONTENT, 1))
    expect(await keys()).toEqual(['a', 'b'])
    // Nothing of it is left, also not the part that the put did not name.
    expect(await refused('keys.put', uploaded(CONTENT, 1))).toMatchObject({ details: { field: 'upload', missing: 0 } })
    await stage(0, CONTENT)
    expect(await refused('keys.put', uploaded(CONTENT, 2))).toMatchObject({ details: { missing: 1 } })
  })

  test('U1 of two that race under one id the one whose parts are there wins, and the other is refused', async () => {
    const other = encodeMessagePack([['other', '']])
    await Promise.all([stage(0, CONTENT), stage(0, other)])
    const [first, second] = await Promise.allSettled([
      call('keys.put', uploaded(CONTENT, 1)),
      call('keys.put', uploaded(other, 1)),
    ])
    expect(first).toMatchObject({ reason: { code: 'INVALID_FIELD', details: { field: 'upload.sha256' } } })
    expect(second).toMatchObject({ status: 'fulfilled' })
    expect(await keys()).toEqual(['other'])
  })

  test('U3 P2 that was refused succeeds under the same key once all of it is staged, and then once only', async () => {
    const put = { ...uploaded(CONTENT, 2), idempotencyKey: 'once' }
    await stage(1, CONTENT.subarray(5))
    expect(await refused('keys.put', put)).toMatchObject({
      code: 'INVALID_FIELD',
      kind: 'invalid',
      details: { field: 'upload', missing: 0 },
    })
    await stage(0, CONTENT.subarray(0, 4))
    expect(await refused('keys.put', put)).toMatchObject({ details: { field: 'upload.sha256' } })
    await stage(0, CONTENT.subarray(0, 5))
    const first = await call('keys.put', put)
    await call('keys.delete', { keys: ['a'] })
    expect(await call('keys.put', put)).toEqual(first)
    expect(await keys()).toEqual(['b'])
  })

  test('P10 is refused by name where its fields are wrong', async () => {
    await stage(0, CONTENT)
    const { upload } = uploaded(CONTENT, 1)
    const wrong = async (fields: object) => {
      const { code, details } = await refused('keys.put', fields)
      return [code, details.field]
    }
    expect(await wrong({ upload, entries: [['a', '']] })).toEqual(['INVALID_FIELD', 'upload'])
    expect(await wrong({ upload, entries: [] })).toEqual(['INVALID_FIELD', 'upload'])
    expect(await wrong({ upload: { ...upload, sha256: upload.sha256.subarray(1) } })).toEqual([
      'INVALID_FIELD',
      'upload.sha256',
    ])
    expect(await wrong({ upload: { ...upload, sha256: new Uint8Array(33) } })).toEqual([
      'CONTENT_TOO_LARGE',
      'upload.sha256',
    ])
    expect(await wrong({ upload: { ...upload, parts: 0 } })).toEqual(['INVALID_FIELD', 'upload.parts'])
    expect(await wrong({ upload: { ...upload, parts: 6 } })).toEqual(['INVALID_FIELD', 'upload.parts'])
    expect(await wrong({ upload: { ...upload, id: 'x' } })).toEqual(['INVALID_FIELD', 'upload.id'])
    expect((await refused('keys.stage', { upload: UPLOAD, index: 0, bytes: '' })).code).toBe('REQUIRED_FIELD')
    expect((await refused('keys.stage', { upload: UPLOAD, index: 5, bytes: 'x' })).code).toBe('INVALID_FIELD')
    expect(await keys()).toEqual([])
  })

  test('P10 U2 is checked like a request: every kind of wrong content is refused and changes nothing', async () => {
    const long = (size: number) => Buffer.alloc(size, 'k')
    const huge = Array.from({ length: limits.KEYS_PER_BATCH_MAX + 1 }, () => ['', ''])
    const list = (...bytes: readonly number[]) => Uint8Array.from(bytes)
    const cases: readonly (readonly [Uint8Array, string, string])[] = [
      [encodeMessagePack([]), 'REQUIRED_FIELD', 'upload'],
      [encodeMessagePack({ a: 1 }), 'INVALID_FIELD', 'upload'],
      [encodeMessagePack('text'), 'INVALID_FIELD', 'upload'],
      [encodeMessagePack([['a', 'b'], 'c']), 'INVALID_FIELD', 'upload[1]'],
      [encodeMessagePack([['a', 'b', 'c']]), 'INVALID_FIELD', 'upload[0]'],
      [encodeMessagePack([['a', 1]]), 'INVALID_FIELD', 'upload[0]'],
      [encodeMessagePack([['a', null]]), 'INVALID_FIELD', 'upload[0]'],
      [encodeMessagePack([[{ base64: 'YQ==' }, 'b']]), 'INVALID_FIELD', 'upload[0]'],
      [encodeMessagePack([['a', [['a', 'b']]]]), 'INVALID_FIELD', 'upload[0]'],
      [encodeMessagePack([['a', long(limits.VALUE_BYTES_MAX + 1)]]), 'CONTENT_TOO_LARGE', 'upload[0][1]'],
      [
        encodeMessagePack([
          ['a', ''],
          [long(255), ''],
        ]),
        'CONTENT_TOO_LARGE',
        'upload[1][0]',
      ],
      [encodeMessagePack(huge), 'INVALID_FIELD', 'upload'],
      [Buffer.concat([CONTENT, list(0xc0)]), 'INVALID_FIELD', 'upload'],
      [CONTENT.subarray(0, -1), 'INVALID_FIELD', 'upload[2]'],
      [list(0x91, 0x92, 0xa1, 0xff, 0xa0), 'INVALID_FIELD', 'upload[0]'],
      // A list of four milliards, and binaries that are longer than all there is.
      [list(0xdd, 0xff, 0xff, 0xff, 0xff), 'INVALID_FIELD', 'upload'],
      [list(0xdd, 0, 0, 0x40, 0, 0x92), 'INVALID_FIELD', 'upload[0]'],
      [list(0x91, 0x92, 0xc6, 0xff, 0xff, 0xff, 0xff, 0), 'INVALID_FIELD', 'upload[0]'],
      [list(0x91, 0x92, 0xdb, 0x7f, 0xff, 0xff, 0xff, 0), 'INVALID_FIELD', 'upload[0]'],
      [list(0x91, 0x92, 0xc5), 'INVALID_FIELD', 'upload[0]'],
      [list(0xdc), 'INVALID_FIELD', 'upload'],
      [list(0xc1), 'INVALID_FIELD', 'upload'],
      [new Uint8Array(1_000_000).fill(0x91), 'INVALID_FIELD', 'upload[0]'],
    ]
    for (const [content, code, field] of cases) {
      const size = limits.UPLOAD_PART_BYTES_MAX
      const parts = Math.ceil(content.length / size)
      for (let index = 0; index < parts; index += 1)
        await stage(index, content.subarray(index * size, (index + 1) * size))
      const fault = await refused('keys.put', uploaded(content, parts))
      expect([fault.code, fault.details.field], Buffer.from(content.subarray(0, 16)).toString('hex')).toEqual([
        code,
        field,
      ])
    }
    expect(await keys()).toEqual([])
    expect(await call('keys.position')).toMatchObject({ current: 0 })
  })

  test('P10 U2 noise for a content is refused or put, and never stops the shard', async () => {
    const random = seededRandom(7)
    const heads = [
      0x90, 0x91, 0x92, 0x93, 0xa0, 0xa1, 0xbf, 0xc4, 0xc5, 0xc6, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0x80, 0xc0, 0, 1,
    ]
    let taken = 0
    for (let round = 0; round < 200; round += 1) {
      const content =
        round % 2 === 0
          ? Uint8Array.from({ length: 1 + (random.uint32() % 12) }, () => heads[random.uint32() % heads.length]!)
          : CONTENT.map((byte) => (random.uint32() % 16 === 0 ? random.uint32() % 256 : byte))
      await stage(0, content)
      const outcome = await call('keys.put', uploaded(content, 1)).catch((fault: unknown) => fault as Fault)
      if ('sequence' in outcome) taken += 1
      else expect(['INVALID_FIELD', 'REQUIRED_FIELD', 'CONTENT_TOO_LARGE']).toContain((outcome as Fault).code)
    }
    expect(taken).toBeGreaterThan(5)
    expect(taken).toBeLessThan(150)
  })

  test('P11 U4 is bounded in its bytes, each part that is replaced not counted', async () => {
    const part = new Uint8Array(limits.UPLOAD_PART_BYTES_MAX)
    for (let index = 0; index < 4; index += 1) await stage(index, part)
    await stage(3, part.fill(1))
    const left = limits.UPLOAD_BYTES_MAX - 4 * part.length
    expect(await refused('keys.stage', { upload: UPLOAD, index: 4, bytes: part.subarray(0, left + 1) })).toMatchObject({
      code: 'CONTENT_TOO_LARGE',
      details: { field: 'bytes', limit: limits.UPLOAD_BYTES_MAX },
    })
    await stage(4, part.subarray(0, left))
  })

  test('P11 U4 waits where as many are on their way as a collective may have', async () => {
    for (let n = 1; n <= limits.UPLOADS_MAX; n += 1) await stage(0, CONTENT, uploadId(n))
    expect(await refused('keys.stage', { upload: uploadId(99), index: 0, bytes: 'x' })).toMatchObject({
      code: 'BUSY',
      details: { field: 'upload', limit: limits.UPLOADS_MAX },
      retryAfterMs: limits.BUSY_RETRY_AFTER_MS,
    })
    // Those that are there go on.
    await stage(1, CONTENT, uploadId(1))
    await call('keys.put', uploaded(CONTENT, 1, uploadId(7)))
    await stage(0, CONTENT, uploadId(99))
  })
})

describe('an upload that was left', () => {
  const staged = async (n: number): Promise<boolean> => {
    const fault = await refused('keys.put', { upload: { id: uploadId(n), parts: 1, sha256: new Uint8Array(32) } })
    return fault.details.missing === undefined
  }

  test('U4 makes room for another one after an hour', async () => {
    await stage(0, CONTENT, uploadId(1))
    engine.clock.advance(limits.UPLOAD_KEPT_MS / 2)
    for (let n = 2; n <= limits.UPLOADS_MAX; n += 1) await stage(0, CONTENT, uploadId(n))
    engine.clock.advance(limits.UPLOAD_KEPT_MS / 2 + 1)
    await stage(0, CONTENT, uploadId(99))
    expect(await Promise.all([1, 2, 99].map(staged))).toEqual([false, true, true])
  })

  test('U4 goes when the store is opened; one that was staged again since does not', async () => {
    await stage(0, CONTENT, uploadId(1))
    await stage(0, CONTENT, uploadId(2))
    engine.clock.advance(limits.UPLOAD_KEPT_MS / 2)
    await stage(0, CONTENT, uploadId(2))
    engine.clock.advance(limits.UPLOAD_KEPT_MS / 2 + 1)
    await call('keys.put', { entries: [['a', '']] })
    const before = await rowCount()
    const { engine: closing, ...parts } = engine
    await closing.close()
    engine = await openTestEngine(parts)
    // The part goes; the put leaves an outcome of its own.
    await expect.poll(rowCount, { timeout: 5_000 }).toBe(before - 1)
    expect(await Promise.all([1, 2].map(staged))).toEqual([false, true])
  })
})

describe('a large value', () => {
  const size = limits.VALUE_BYTES_MAX
  const value = Buffer.alloc(size, 'abcdefghijk')

  const putLarge = async (key: string, large: Uint8Array): Promise<void> => {
    const content = encodeMessagePack([[key, large]])
    const part = limits.UPLOAD_PART_BYTES_MAX
    const parts = Math.ceil(content.length / part)
    for (let index = 0; index < parts; index += 1)
      await stage(index, content.subarray(index * part, (index + 1) * part))
    await call('keys.put', uploaded(content, parts))
  }

  test('F3 Q2 E82 of 10 MiB is put in parts and read in pieces of one write', async () => {
    await putLarge('large', value)
    const pieces: Uint8Array[] = []
    const first = await call('keys.get', { key: 'large' })
    expect(first).toMatchObject({ size })
    const { version } = first
    for (let piece = first; (piece.value as Uint8Array).length > 0;) {
      pieces.push(piece.value as Uint8Array)
      const offset = pieces.reduce((sum, { length }) => sum + length, 0)
      piece = await call('keys.get', { key: 'large', offset, version })
    }
    expect(Buffer.concat(pieces).equals(value)).toBe(true)
    expect(pieces.map(({ length }) => length)).toEqual([4_000_000, 4_000_000, size - 8_000_000])
    expect(await refused('keys.get', { key: 'large', offset: size + 1, version })).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'offset', limit: size },
    })
  })

  test('Q2 that was overwritten or deleted meanwhile is told so', async () => {
    await putLarge('large', value)
    const { version } = await call('keys.get', { key: 'large' })
    const next = { key: 'large', offset: 4_000_000, version }
    await call('keys.put', { entries: [['other', '']] })
    expect((await call('keys.get', next)).size).toBe(size)
    await putLarge('large', value)
    const changed = { code: 'VALUE_CHANGED', kind: 'conflict' }
    expect(await refused('keys.get', next)).toMatchObject(changed)
    await call('keys.delete', { keys: ['large'] })
    expect(await refused('keys.get', next)).toMatchObject(changed)
    expect(await refused('keys.get', { ...next, version: 'x' })).toMatchObject(changed)
  })

  test('Q1 Q2 stands in lists by its size, and beside others whole', async () => {
    await call('keys.put', {
      entries: [
        ['a', '1'],
        ['z', '2'],
      ],
    })
    await putLarge('large', value)
    await call('keys.put', { entries: [['most', value.subarray(0, limits.VALUE_PIECE_BYTES_MAX)]] })
    const keys = ['a', 'large', 'z', 'x']
    const many = (await call('keys.getMany', { keys })).items as (readonly [unknown, unknown])[]
    const told = many.map(([key, each]) => [text(key), each instanceof Uint8Array ? text(each) : each])
    expect(told).toEqual([
      ['a', '1'],
      ['large', { size }],
      ['z', '2'],
      ['x', null],
    ])
    const { items, more } = await call('keys.range')
    expect([(items as KeyEntry[]).map(([key]) => text(key)), more]).toEqual([['a', 'large'], true])
    const rest = await call('keys.range', { after: 'large' })
    expect([(rest.items as KeyEntry[]).map(([key]) => text(key)), rest.more]).toEqual([['most'], true])
  })

  test('Q3 P11 is not read without bound where only its size is told', async () => {
    await putLarge('large', value)
    const reply = await call('keys.getMany', { keys: Array.from({ length: 100 }, () => 'large') })
    expect(reply).toMatchObject({ next: 2 })
  })
})
