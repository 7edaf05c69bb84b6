import { describe, expect, it } from 'vitest'
import { Stream, WRONG_SEQUENCE } from './stream.ts'

const bytes = new Uint8Array(10)
const MINUTES = 60 * 1_000_000_000
const log = () => new Stream({ name: 'LOG', subjects: ['wal.0'], duplicate_window: 2 * MINUTES }, 'now')

describe('Stream: what nats-server 2.14 was measured to do', () => {
  it('compares the expected last sequence, and refuses what does not fit', () => {
    const stream = log()
    expect(stream.take('wal.0', bytes, { lastSequence: 0 }, 0)).toEqual({ kind: 'stored', sequence: 1 })
    expect(stream.take('wal.0', bytes, { lastSequence: 0 }, 0)).toEqual({ kind: 'refused', code: WRONG_SEQUENCE })
  })

  it('a pipelined publish behind a refused one fits behind another writer’s record (L4)', () => {
    const stream = log()
    stream.take('wal.0', bytes, { id: 'other', lastSequence: 0 }, 0)
    expect(stream.take('wal.0', bytes, { id: 'first', lastSequence: 0 }, 0).kind).toBe('refused')
    expect(stream.take('wal.0', bytes, { id: 'second', lastSequence: 1 }, 0)).toEqual({ kind: 'stored', sequence: 2 })
  })

  it('answers a known id before it compares, until the window is over', () => {
    const stream = log()
    stream.take('wal.0', bytes, { id: 'a', lastSequence: 0 }, 0)
    expect(stream.take('wal.0', bytes, { id: 'a', lastSequence: 0 }, 1)).toEqual({ kind: 'duplicate', sequence: 1 })
    expect(stream.take('wal.0', bytes, { id: 'a', lastSequence: 1 }, 120_001).kind).toBe('stored')
  })

  it('keeps its last sequence over a purge, and gives nothing below', () => {
    const stream = log()
    for (let count = 0; count < 5; count += 1) stream.take('wal.0', bytes, {}, 0)
    expect(stream.purge(4)).toBe(3)
    expect([stream.first, stream.last, stream.at(3)]).toEqual([4, 5, undefined])
    expect(stream.purge(2)).toBe(0)
  })

  it('compares a key’s own last sequence, and forgets a key that became too old', () => {
    const stream = new Stream({ name: 'KV', subjects: ['$KV.>'], max_age: 15_000 * 1_000_000 }, 'now')
    expect(stream.take('$KV.a', bytes, { lastSubjectSequence: 0 }, 0).kind).toBe('stored')
    expect(stream.take('$KV.a', bytes, { lastSubjectSequence: 0 }, 14_999).kind).toBe('refused')
    expect(stream.take('$KV.a', bytes, { lastSubjectSequence: 0 }, 15_000)).toEqual({ kind: 'stored', sequence: 2 })
  })
})
