import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { decodeBody, encodeBody } from '../codec/body.ts'
import { sampleRequests, type SampleBody } from '../testing/sample-requests.ts'
import { decodeRequest } from './request.ts'
import { operations, type BuiltName } from './table.ts'

/** Where a value stands inside a body: names of fields and indexes of items. */
type Path = readonly (string | number)[]

/** As a fault names it: `experiences[3].domain[0]`. */
const written = (path: Path): string =>
  path.map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`)).join('')

/** Every value inside a body, the maps and lists too, with its path. */
const valuesOf = (value: unknown): readonly (readonly [Path, unknown])[] => [...walk(value, [])]

function* walk(value: unknown, path: Path): Generator<readonly [Path, unknown]> {
  if (path.length > 0) yield [path, value]
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value))
    yield* walk(inner, [...path, Array.isArray(value) ? Number(name) : name])
}

/** A copy of the body with another value at the path. */
const replaced = (value: unknown, [step, ...rest]: Path, other: unknown): unknown => {
  if (step === undefined) return other
  if (Array.isArray(value))
    return value.map((item, at) => (at === step ? replaced(item, rest, other) : (item as unknown)))
  return { ...(value as object), [step]: replaced((value as SampleBody)[step], rest, other) }
}

/** Bytes in JSON: a text in their place is bytes too. */
const isBytes = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).join() === 'base64'

/** Neighbours at their default shares. */
const takesTrue = (path: Path): boolean => path.join() === 'neighbours'

/** Below these names stands what the user likes. */
const FREE_NAMES: ReadonlySet<unknown> = new Set(['payload', 'attributes'])
const isFree = (path: Path): boolean => path.some((step) => FREE_NAMES.has(step))

const sortOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value)

/** One of each sort that JSON knows. A list of a map fits no field of ours but one of maps, whose names it misses. */
const others: readonly unknown[] = ['no', 5.5, true, [{ no: 1 }], { no: 1 }]

const names = Object.keys(sampleRequests) as BuiltName[]
const refusal = (name: string, body: unknown) => faultOf(() => decodeRequest(name, body)).toJSON()

/** Where `null` is a value of its own: the lifetime of an experience ends. */
const takesNull = (name: string, field: string): boolean => name === 'experience.update' && field === 'ttlMs'

describe.each(names)('%s', (name) => {
  const { minimal, whole } = sampleRequests[name]
  const { fields } = operations[name]

  it('takes a body without what may be left out', () => {
    expect(decodeRequest(name, minimal)).toMatchObject({ operation: name, options: {} })
    for (const field of Object.keys(minimal)) {
      const { [field]: _, ...rest } = minimal
      expect(refusal(name, rest)).toMatchObject({ code: 'REQUIRED_FIELD', kind: 'invalid', details: { field } })
    }
  })

  it('takes a body with every field that it has, and gives all of them', () => {
    expect(Object.keys(whole).sort()).toEqual([...fields].sort())
    const decoded = decodeRequest(name, whole).fields
    expect(Object.keys(decoded).sort()).toEqual([...fields].sort())
    expect(JSON.parse(Buffer.from(encodeBody(decoded, 'json')).toString())).toMatchObject(
      name === 'experience.recordMany' ? { collective: whole.collective } : whole,
    )
  })

  it('takes the same from JSON, MessagePack and the process itself', () => {
    const expected = decodeRequest(name, whole)
    for (const encoding of ['json', 'messagePack'] as const)
      expect(decodeRequest(name, decodeBody(encodeBody(whole, encoding)).value)).toEqual(expected)
  })

  it('takes null and undefined for absent in every field that may be left out', () => {
    const required = Object.keys(minimal)
    for (const field of fields.filter((one) => !required.includes(one)))
      for (const absent of takesNull(name, field) ? [undefined] : [null, undefined]) {
        const { [field]: _, ...rest } = whole
        expect(decodeRequest(name, { ...whole, [field]: absent })).toEqual(decodeRequest(name, rest))
      }
  })

  it('P10 refuses another sort of value anywhere inside, and names the place', () => {
    for (const [path, value] of valuesOf(whole).filter(([at]) => !isFree(at)))
      for (const other of others.filter((one) => sortOf(one) !== sortOf(value))) {
        if ((isBytes(value) && typeof other === 'string') || (takesTrue(path) && other === true)) continue
        const { code, kind, details } = refusal(name, replaced(whole, path, other))
        expect({ kind, code }).toEqual({ kind: 'invalid', code: 'INVALID_FIELD' })
        // A list of something else is a list of numbers as far as an embedding can tell.
        const inEmbedding = ['embedding', 'vector'].includes(String(path.at(-1))) && Array.isArray(other)
        expect(details.field).toBe(inEmbedding ? `${written(path)}[0]` : written(path))
      }
  })

  it('P10 refuses items of another sort in each list, and null among them', () => {
    for (const [path, value] of valuesOf(whole)) {
      if (!Array.isArray(value) || isFree(path)) continue
      for (const other of [null, undefined, [value[0]]]) {
        const fault = refusal(name, replaced(whole, path, [other]))
        const first = `${written(path)}[0]`
        expect(fault.code).toBe('INVALID_FIELD')
        // A list in place of a pair is told of its first item.
        expect([first, `${first}[0]`]).toContain(fault.details.field)
      }
    }
  })

  it('P10 refuses an unknown field in every map inside, and names the place', () => {
    const maps = [[[], whole] as const, ...valuesOf(whole)].filter(
      ([path, value]) => sortOf(value) === 'object' && !isFree(path),
    )
    for (const [path] of maps)
      for (const unknown of ['unknown', 'constructor', 'toString']) {
        const fault = refusal(name, replaced(whole, [...path, unknown], 1))
        const expected = { code: 'UNKNOWN_FIELD', kind: 'invalid', details: { field: written([...path, unknown]) } }
        expect(fault).toMatchObject(expected)
      }
  })
})
