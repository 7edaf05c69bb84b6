import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import * as limits from '../limits.ts'
import { sampleRequests } from '../testing/sample-requests.ts'
import { decodeRequest } from './request.ts'
import type { BuiltName } from './table.ts'

const collective = '0190b2c0-1111-7abc-8def-0123456789ab'
const bytes = (size: number): string => 'é'.repeat(size >> 1) + 'x'.repeat(size & 1)
const items = <Item>(count: number, item: Item): Item[] => new Array<Item>(count).fill(item)

/** A field's largest values that are taken, then values beyond them with the fault that each meets. */
interface Bound {
  readonly operation: BuiltName
  /** The field with a value in its place. */
  readonly body: (value: unknown) => Readonly<Record<string, unknown>>
  /** As a fault names it. */
  readonly field: string
  readonly taken: readonly unknown[]
  readonly refused: readonly (readonly [value: unknown, code: string, details: Readonly<Record<string, unknown>>])[]
}

const inField =
  (field: string) =>
  (value: unknown): Readonly<Record<string, unknown>> => ({ [field]: value })

const inFilter =
  (field: string) =>
  (value: unknown): Readonly<Record<string, unknown>> => ({ filter: { [field]: value } })

const text = (operation: BuiltName, field: string, limit: number, empty: 'taken' | 'refused'): Bound => ({
  operation,
  body: inField(field),
  field,
  taken: [bytes(limit), 'x', ...(empty === 'taken' ? [''] : [])],
  refused: [
    [bytes(limit + 1), 'CONTENT_TOO_LARGE', { size: limit + 1, limit }],
    ...(empty === 'taken' ? [] : ([['', 'REQUIRED_FIELD', {}]] as const)),
  ],
})

const integer = (operation: BuiltName, field: string, min: number, max: number): Bound => ({
  operation,
  body: inField(field),
  field,
  taken: [min, max],
  refused: [min - 1, max + 1, min + 0.5].map((value) => [value, 'INVALID_FIELD', { min, max }] as const),
})

const list = (operation: BuiltName, field: string, limit: number, item: unknown): Bound => ({
  operation,
  body: inField(field),
  field,
  taken: [items(limit, item), []],
  refused: [[items(limit + 1, item), 'TOO_MANY_ITEMS', { count: limit + 1, limit }]],
})

const typeText: Bound = {
  operation: 'experience.record',
  body: (source) => ({ type: { kind: 'fact', statement: 'so it is', source } }),
  field: 'type.source',
  taken: [bytes(limits.TYPE_TEXT_BYTES_MAX), ''],
  refused: [[bytes(limits.TYPE_TEXT_BYTES_MAX + 1), 'CONTENT_TOO_LARGE', { limit: limits.TYPE_TEXT_BYTES_MAX }]],
}

const filterLists: readonly Bound[] = ['domains', 'types', 'agents', 'tasks', 'files'].map((name) => ({
  ...list('experience.search', `filter.${name}`, limits.FILTER_VALUES_MAX, name === 'types' ? 'fact' : 'x'),
  body: inFilter(name),
}))

const filterThresholds: readonly Bound[] = ['minImportance', 'minConfidence'].map((name) => ({
  operation: 'experience.recent',
  body: inFilter(name),
  field: `filter.${name}`,
  taken: [0, 1, -5, Infinity],
  refused: [[NaN, 'INVALID_FIELD', {}]],
}))

const times: readonly Bound[] = ['since', 'until'].map((name) => ({
  operation: 'experience.list',
  body: inFilter(name),
  field: `filter.${name}`,
  taken: [0, limits.TIME_MS_MAX, new Date(5)],
  refused: [-1, limits.TIME_MS_MAX + 1, 0.5, new Date(NaN)].map(
    (value) => [value, 'INVALID_FIELD', { min: 0, max: limits.TIME_MS_MAX }] as const,
  ),
}))

const [restored] = sampleRequests['collective.restore'].whole.experiences as [object]
const inRestored: readonly Bound[] = [
  integer('collective.restore', 'applications', 0, 0xffff_ffff),
  integer('collective.restore', 'version', 1, 2 ** 40),
  integer('collective.restore', 'createdAt', 0, limits.TIME_MS_MAX),
  integer('collective.restore', 'lastReinforced', 0, limits.TIME_MS_MAX),
].map((bound) => ({
  ...bound,
  field: `experiences[0].${bound.field}`,
  body: (value) => ({ experiences: [{ ...restored, [bound.field]: value }] }),
}))

const name: Bound = {
  operation: 'collective.get',
  body: inField('name'),
  field: 'name',
  taken: [' ', bytes(10_000)],
  refused: [['', 'REQUIRED_FIELD', {}]],
}

const lifetime = (operation: BuiltName): Bound => integer(operation, 'ttlMs', 1, limits.TIME_MS_MAX)

const bounds: readonly Bound[] = [
  integer('collective.create', 'dimension', 1, limits.DIMENSION_MAX),
  integer('collective.getOrCreate', 'dimension', 1, limits.DIMENSION_MAX),
  integer('experience.update', 'ifVersion', 1, Number.MAX_SAFE_INTEGER),
  integer('experience.list', 'limit', 1, limits.RESULTS_MAX),
  integer('experience.recent', 'limit', 1, limits.RESULTS_MAX),
  integer('experience.search', 'k', 1, limits.RESULTS_MAX),
  ...(['experience.record', 'experience.update', 'relation.create', 'insight.store'] as const).map(lifetime),
  ...(['keys.put', 'vectors.store', 'payloads.store', 'pages.store'] as const).map(lifetime),
  text('collective.create', 'owner', limits.COLLECTIVE_OWNER_BYTES_MAX, 'refused'),
  text('collective.list', 'owner', limits.COLLECTIVE_OWNER_BYTES_MAX, 'refused'),
  text('collective.create', 'embedder', limits.COLLECTIVE_EMBEDDER_BYTES_MAX, 'refused'),
  text('experience.record', 'sourceTask', limits.SOURCE_TASK_BYTES_MAX, 'taken'),
  text('experience.list', 'cursor', 200, 'taken'),
  name,
  typeText,
  list('experience.recordMany', 'experiences', limits.BATCH_ITEMS_MAX, {}),
  list('collective.restore', 'experiences', limits.BATCH_ITEMS_MAX, restored),
  list('experience.getMany', 'ids', limits.BATCH_ITEMS_MAX, collective),
  list('experience.search', 'include', 1, 'embedding'),
  list('experience.record', 'domain', limits.BATCH_ITEMS_MAX, 'x'),
  list('experience.record', 'relatedFiles', limits.BATCH_ITEMS_MAX, 'x'),
  ...inRestored,
  ...filterLists,
  ...filterThresholds,
  ...times,
]

const titled = bounds.map((bound) => [`${bound.operation} ${bound.field}`, bound] as const)

describe('P10 the bounds of a field', () => {
  it.each(titled)('%s', (_title, { operation, body, field, taken, refused }) => {
    const request = (value: unknown) => ({ ...sampleRequests[operation].minimal, ...body(value) })
    for (const value of taken) expect(() => decodeRequest(operation, request(value))).not.toThrow()
    for (const [value, code, details] of refused)
      expect(faultOf(() => decodeRequest(operation, request(value))).toJSON()).toMatchObject({
        code,
        kind: 'invalid',
        details: { field, ...details },
      })
  })

  it('experience.record leaves to the engine what is checked behind the question for the collective', () => {
    const fields = {
      content: bytes(limits.CONTENT_BYTES_MAX + 1),
      sourceAgent: '',
      importance: 7,
      confidence: NaN,
      domain: items(limits.DOMAIN_TAGS_MAX + 1, 'x'.repeat(limits.DOMAIN_TAG_BYTES_MAX + 1)),
      embedding: [0, 0],
    }
    expect(decodeRequest('experience.record', { collective, ...fields }).fields).toMatchObject({
      ...fields,
      embedding: Float32Array.of(0, 0),
    })
  })
})

describe('what a caller leaves out', () => {
  it.each<[BuiltName, object]>([
    ['collective.create', { name: '' }],
    [
      'experience.record',
      {
        content: '',
        type: { kind: 'generic' },
        importance: 0.5,
        confidence: 0.5,
        domain: [],
        relatedFiles: [],
        sourceAgent: 'anonymous',
      },
    ],
    ['experience.list', { limit: 100, include: [] }],
    ['experience.recent', { limit: 10, include: [] }],
    ['experience.search', { k: 10, include: [] }],
    ['experience.getMany', { include: [] }],
    ['collective.get', {}],
  ])('%s fills in as documented', (operation, defaults) => {
    const { minimal } = sampleRequests[operation]
    const embedding = 'embedding' in minimal ? { embedding: Float32Array.from(minimal.embedding as number[]) } : {}
    expect(decodeRequest(operation, minimal).fields).toStrictEqual({ ...minimal, ...defaults, ...embedding })
  })
})
