import { isFault } from '@waggle/kernel'
import { describe, expect, it } from 'vitest'
import { decodeFieldMap, LineFields } from './line-fields.ts'

const UUID = '019300aa-0000-7000-8000-00000000abcd'

const fieldsOf = (options: Partial<ConstructorParameters<typeof LineFields>[0]> = {}): LineFields =>
  new LineFields({ withMatrix: false, restore: false, ...options })

const decode = (fields: LineFields, line: unknown) => fields.decode(Buffer.from(JSON.stringify(line))).fields

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return isFault(error) ? error.code : 'no fault'
  }
}

describe('LineFields', () => {
  it('takes the fields of the interface as they are', () => {
    const line = { content: 'a', importance: 0.7, domain: ['x'], sourceTask: 't', embedding: [1, 2] }
    expect(decode(fieldsOf(), line)).toEqual(line)
  })

  it('F1: leaves out what it does not know, and keeps the names', () => {
    const fields = fieldsOf()
    expect(decode(fields, { content: 'a', session: 1, createdAt: 5 })).toEqual({ content: 'a' })
    expect(decode(fields, { content: 'b', session: 2, mood: 'good' })).toEqual({ content: 'b' })
    expect(fields.ignored).toEqual(['session', 'createdAt', 'mood'])
  })

  it('F1: keeps a bounded number of names', () => {
    const fields = fieldsOf()
    for (let index = 0; index < 1000; index += 1) decode(fields, { [`field ${index}`]: 1 })
    expect(fields.ignored.length).toBe(50)
  })

  it('F2: an id that is no UUID is not ours', () => {
    const fields = fieldsOf()
    expect(decode(fields, { id: 'D1:3', content: 'a' })).toEqual({ content: 'a' })
    expect(decode(fields, { id: 7, content: 'a' })).toEqual({ content: 'a' })
    expect(fields.ignored).toEqual(['id'])
    expect(decode(fieldsOf(), { id: UUID.toUpperCase(), content: 'a' })).toEqual({
      id: UUID.toUpperCase(),
      content: 'a',
    })
  })

  it('F3: null is absent', () => {
    const fields = fieldsOf()
    expect(decode(fields, { content: 'a', type: null, id: null })).toEqual({ content: 'a' })
    expect(fields.ignored).toEqual([])
  })

  it('renames, and says that what the map passed over is not used', () => {
    const fields = fieldsOf({ map: decodeFieldMap('content=text,sourceAgent=speaker') })
    expect(decode(fields, { text: 'hello', speaker: 'Jon', content: 'other' })).toEqual({
      content: 'hello',
      sourceAgent: 'Jon',
    })
    expect(fields.ignored).toEqual(['content'])
  })

  it('one field of the line may be two of ours', () => {
    const fields = fieldsOf({ map: decodeFieldMap('content=text,sourceTask=text') })
    expect(decode(fields, { text: 'hello' })).toEqual({ content: 'hello', sourceTask: 'hello' })
  })

  it('reads a vector from base64, exactly', () => {
    const vector = Float32Array.of(0.1, -2, 3e-9)
    const text = Buffer.from(vector.buffer).toString('base64')
    expect(decode(fieldsOf(), { content: 'a', embedding: text }).embedding).toEqual(vector)
    for (const bad of ['AAA', 'AAAA', '!!!!', `${text} `, 'AACAPw'])
      expect(codeOf(() => decode(fieldsOf(), { content: 'a', embedding: bad }))).toBe('INVALID_FIELD')
  })

  it('with a matrix the vector on the line is not used', () => {
    const fields = fieldsOf({ withMatrix: true })
    expect(decode(fields, { content: 'a', embedding: 'nonsense' })).toEqual({ content: 'a' })
    expect(fields.ignored).toEqual(['embedding'])
  })

  it('a kind alone is a type', () => {
    expect(decode(fieldsOf(), { content: 'a', type: 'generic' }).type).toEqual({ kind: 'generic' })
    expect(decode(fieldsOf(), { content: 'a', type: 'poem' }).type).toBe('poem')
  })

  it('takes the fields of the store only to restore them', () => {
    const line = { content: 'a', createdAt: 5, version: 2, archived: false, applications: 1, lastReinforced: 6 }
    expect(decode(fieldsOf({ restore: true }), line)).toEqual(line)
  })

  it('refuses what is no JSON object', () => {
    for (const text of ['', '{', '[1]', '"a"', 'null', '7', '{"a":1}}', '\u0000'])
      expect(codeOf(() => fieldsOf().decode(Buffer.from(text)))).toBe('MALFORMED_LINE')
    expect(codeOf(() => fieldsOf().decode(Uint8Array.of(0x22, 0xff, 0x22)))).toBe('MALFORMED_LINE')
  })

  it('a byte order mark in front is no part of a line', () => {
    expect(fieldsOf().decode(Buffer.from('\ufeff{"content":"a"}')).fields).toEqual({ content: 'a' })
  })

  it('__proto__ is a field like any other', () => {
    const fields = fieldsOf()
    expect(fields.decode(Buffer.from('{"__proto__":{"content":"x"},"content":"a"}')).fields).toEqual({ content: 'a' })
    expect(fields.ignored).toEqual(['__proto__'])
  })
})

describe('decodeFieldMap', () => {
  it('splits at the first equals sign', () => {
    expect([...decodeFieldMap('content=a=b, sourceAgent = who')]).toEqual([
      ['content', 'a=b'],
      ['sourceAgent', 'who'],
    ])
  })

  it.each(['content', 'content=', '=text', 'collective=x', 'content=a,content=b', ''])('refuses %j', (text) => {
    expect(() => decodeFieldMap(text)).toThrow()
  })

  it('F4: lines of an export say what they are; only a restore takes relations and insights', () => {
    const fields = fieldsOf({ restore: true, map: decodeFieldMap('sourceTask=source') })
    const line = (value: object) => fields.decode(Buffer.from(JSON.stringify(value)))
    const relation = { id: UUID, source: UUID, target: UUID, type: 'supports', strength: 1, createdAt: 5 }
    expect(line({ entity: 'relation', ...relation, colour: 'red' })).toEqual({ entity: 'relation', fields: relation })
    const insight = { content: 'a', sources: [UUID], lostSources: [], updatedAt: 5 }
    expect(line({ entity: 'insight', ...insight, embedding: 'AACAPw==' })).toEqual({
      entity: 'insight',
      fields: { ...insight, embedding: Float32Array.of(1) },
    })
    expect(fields.ignored).toEqual(['colour'])
    expect(line({ content: 'a', source: 'T' })).toEqual({
      entity: 'experience',
      fields: { content: 'a', sourceTask: 'T' },
    })
    expect(codeOf(() => decode(fieldsOf(), { entity: 'relation', ...relation }))).toBe('INVALID_FIELD')
    expect(decode(fieldsOf(), { entity: 'customer', content: 'a' })).toEqual({ content: 'a' })
  })
})
