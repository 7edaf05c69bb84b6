import { isFault } from '@waggle/kernel'
import { decodeBody, encodeBody, type BuiltName } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { resultOf } from './results.ts'

const vector = Float32Array.of(0.1, -2, 3e30)
const experience = { id: 'x', content: 'c', importance: Math.fround(0.9), embedding: vector }
const insight = { ...experience, id: 'i', sources: ['x'], stale: false, lostSources: [] }
const relation = { id: 'r', source: 'x', target: 'y', type: 'supports', strength: 1 }
const change = { cursor: 'c', kind: 'created', entity: 'experience', id: 'x', time: 5 }

const key = Uint8Array.of(0, 255, 107)
const counts = { rows: 3, skipped: { malformedRow: 1 }, sequence: 7 }
const place = { next: 'c', sequence: 7 }

const overWire = (operation: BuiltName, result: object, encoding: 'messagePack' | 'json' = 'messagePack'): unknown =>
  resultOf(operation, decodeBody(encodeBody(result, encoding)).value as never)

describe('results', () => {
  it.each<[BuiltName, object]>([
    ['experience.get', { experience, token: 't' }],
    ['experience.get', { token: 't' }],
    ['experience.getMany', { items: [experience, null, { id: 'y' }] }],
    ['experience.list', { items: [experience], cursor: 'c' }],
    ['experience.list', { items: [] }],
    ['experience.recent', { items: [experience] }],
    ['experience.search', { results: [{ experience, similarity: 1, score: 1 }] }],
    ['collective.create', { collective: { id: 'x' } }],
    ['collective.get', {}],
    ['experience.delete', { token: 't' }],
    ['experience.recordMany', { ids: ['a', 'b'] }],
    ['experience.reinforce', { applications: 1, version: 2 }],
    ['experience.search', { results: [{ experience, similarity: 1, score: 0.5, energy: 0 }] }],
    ['experience.search', { results: [{ experience, score: 1, bm25: 3, parts: { text: 1 } }] }],
    ['experience.cold', { items: [{ id: 'x', energy: 0.04 }] }],
    ['collective.update', { collective: { id: 'x', decay: { halfLifeMs: 1, freqWeight: 0, floor: 0 } } }],
    ['relation.get', { relation }],
    ['relation.get', {}],
    ['relation.list', { items: [relation], cursor: 'c' }],
    ['relation.related', { items: [{ experience, relation }] }],
    ['relation.paths', { paths: [{ experiences: ['x', 'y'], relations: [relation] }], truncated: false }],
    ['insight.store', { id: 'i', token: 't' }],
    ['insight.get', { insight }],
    ['insight.list', { items: [insight, { id: 'j' }] }],
    ['insight.search', { results: [{ insight, similarity: -1 }] }],
    ['activity.active', { items: [{ agent: 'a', lastHeartbeat: 5 }] }],
    [
      'context.get',
      {
        similar: [{ experience, similarity: 1, score: 1 }],
        recent: [experience],
        insights: [insight],
        relations: [relation],
        activeAgents: [{ agent: 'a' }],
      },
    ],
    ['watch.next', { changes: [{ ...change, experience }, change], next: 'c', partial: true, more: true }],
    ['watch.next', { changes: [], next: 'c', lost: true }],
    ['batch.commit', { results: [{ id: 'x' }, { version: 2 }, {}], sequence: 7 }],
    ['cursor.list', { items: [{ name: 'mirror', cursor: 'c', savedAt: 5 }] }],
    ['tenant.usage', { usage: { collectiveCount: 1 } }],
    ['keys.get', { value: key, sequence: 7 }],
    ['keys.get', { value: key, size: 5_000_000, version: '7:0', sequence: 7 }],
    [
      'keys.getMany',
      {
        items: [
          [key, key],
          [key, null],
          [key, { size: 5_000_000 }],
        ],
        next: 3,
        sequence: 7,
      },
    ],
    ['keys.range', { items: [[key, key]], more: true, sequence: 7 }],
    ['keys.reduce', { results: [{ uint64: '18446744073709551615' }, null], groups: [], ...counts }],
    [
      'keys.reduce',
      {
        results: [],
        groups: [
          { values: [null, { utf8: 'west' }], results: [{ decimal128: key }, { float64: 'NaN' }] },
          { values: [{ fixedSizeBinary: key }, { date32: -1 }], results: [{ decimal256: key }, { timestamp: '-1' }] },
        ],
        ...counts,
      },
    ],
    ['keys.batch', { entries: [[key, { size: 5 }]], deleted: [key], next: 1, sequence: 7 }],
    ['keys.batch', { missing: 'pruned', oldest: 5, sequence: 7 }],
    ['keys.batch', { piece: key, sequence: 7 }],
    ['keys.position', { current: 3, oldest: 2, rule: { keepLatest: { count: 2 } }, keyCount: 1, sequence: 7 }],
    ['keys.subscribe', { frames: [{ sequence: 3, time: 5, entries: [[key, key]], deleted: [key] }], ...place }],
    ['keys.subscribe', { frames: [], ...place, lost: true, oldest: 3, partial: true, more: true }],
    ['keys.job', { job: { id: 'x', isDone: true, keys: 1, batches: 0 } }],
    ['vectors.get', { items: [vector, null] }],
    ['vectors.ids', { ids: ['18446744073709551615'], more: false }],
    [
      'vectors.search',
      {
        results: [
          { id: '1', score: 0.5, vector, json: '{"a":1}' },
          { id: '2', score: 0 },
        ],
      },
    ],
    ['payloads.get', { items: [{ json: 'null' }, null] }],
    ['pages.read', { kind: 'data', bytes: key }],
    ['pages.load', { memory: { id: 'x', embedding: vector, attributes: { a: 1, b: key } }, page: 5 }],
    ['pages.scan', { items: [{ id: 'x', page: 5 }], damaged: [6], next: 7 }],
  ])('%s: what the engine gives in this process comes over the wire as it was', (operation, result) => {
    for (const encoding of ['messagePack', 'json'] as const)
      expect(overWire(operation, result, encoding)).toStrictEqual(result)
  })

  it('what is undefined, or null, is absent afterwards', () => {
    expect(overWire('experience.get', { experience: undefined })).toStrictEqual({})
    expect(overWire('experience.get', { experience: null, token: null })).toStrictEqual({})
    expect(overWire('experience.list', { items: [], cursor: undefined })).toStrictEqual({ items: [] })
  })

  it('a vector is one of its own, whatever the reply’s bytes are used for afterwards', () => {
    const bytes = encodeBody({ experience }, 'messagePack')
    const result = resultOf('experience.get', decodeBody(bytes).value as never)
    bytes.fill(0)
    expect(result.experience).toMatchObject({ embedding: vector })
  })

  it('bytes are a plain array of their own, however they were received', () => {
    const value = Uint8Array.of(1, 2, 3)
    const received = Buffer.from(encodeBody({ items: [[value, value]], more: false, sequence: 1 }, 'messagePack'))
    const { items } = resultOf('keys.range', decodeBody(received).value as never)
    received.fill(0)
    expect(items).toStrictEqual([[value, value]])
  })

  it('a field that this version does not know is passed on', () => {
    expect(overWire('experience.delete', { newer: 5 })).toStrictEqual({ newer: 5 })
  })

  it.each<[BuiltName, object, string]>([
    ['experience.get', { experience: [] }, 'experience'],
    ['experience.get', { experience: { embedding: new Uint8Array(3) } }, 'experience'],
    ['experience.get', { experience: { embedding: ['x'] } }, 'experience'],
    ['experience.get', { token: 5 }, 'token'],
    ['experience.getMany', {}, 'items'],
    ['experience.getMany', { items: [5] }, 'items'],
    ['experience.list', { items: [null] }, 'items'],
    ['experience.list', { items: [], cursor: 5 }, 'cursor'],
    ['experience.search', { results: [{ experience: null, similarity: 1, score: 1 }] }, 'results'],
    ['experience.search', { results: [{ experience, similarity: 1 }] }, 'results'],
    ['experience.search', { results: [{ experience, score: 1, bm25: 'x' }] }, 'results'],
    ['experience.record', {}, 'id'],
    ['keys.reduce', { results: [{ int64: '1x' }], groups: [], ...counts }, 'results'],
    ['keys.reduce', { results: [{ uint64: 5 }], groups: [], ...counts }, 'results'],
    ['keys.reduce', { results: [], groups: [{ values: [5], results: [] }], ...counts }, 'groups'],
    ['keys.reduce', { results: [], groups: [], ...counts, rows: '1' }, 'rows'],
    ['experience.recordMany', { ids: [5] }, 'ids'],
    ['experience.update', { version: '1' }, 'version'],
    ['collective.create', {}, 'collective'],
    ['collective.getOrCreate', { collective: {}, created: 1 }, 'created'],
    ['collective.list', { items: {} }, 'items'],
    ['collective.stats', { stats: [] }, 'stats'],
    ['experience.search', { results: [{ experience, similarity: 1, score: 1, energy: 'x' }] }, 'results'],
    ['experience.energy', {}, 'energy'],
    ['experience.cold', { items: [{ energy: 1 }] }, 'items'],
    ['relation.create', { id: 7 }, 'id'],
    ['relation.list', { items: [7] }, 'items'],
    ['relation.related', { items: [{ relation }] }, 'items'],
    ['relation.related', { items: [{ experience: { embedding: 'x' }, relation }] }, 'items'],
    ['relation.paths', { paths: [{ experiences: ['x'], relations: ['y'] }], truncated: false }, 'paths'],
    ['relation.paths', { paths: [] }, 'truncated'],
    ['insight.get', { insight: { embedding: new Uint8Array(5) } }, 'insight'],
    ['insight.search', { results: [{ insight }] }, 'results'],
    ['activity.active', {}, 'items'],
    ['context.get', { similar: [], recent: [], insights: [], relations: [] }, 'activeAgents'],
    ['watch.next', { changes: [] }, 'next'],
    ['watch.next', { changes: [{ ...change, cursor: 5 }], next: 'c' }, 'changes'],
    ['watch.next', { changes: [{ ...change, experience: { embedding: [null] } }], next: 'c' }, 'changes'],
    ['watch.next', { changes: [], next: 'c', lost: 'yes' }, 'lost'],
    ['batch.commit', { results: [null] }, 'results'],
    ['cursor.list', { items: [{ name: 'mirror', cursor: 'c' }] }, 'items'],
    ['tenant.usage', { usage: 5 }, 'usage'],
  ])('P10 %s: %j is no result of it', (operation, reply, field) => {
    try {
      overWire(operation, reply)
      expect.unreachable()
    } catch (error) {
      if (!isFault(error)) throw error
      expect(error).toMatchObject({ code: 'INTERNAL', details: { operation, field } })
    }
  })
})
