import { formatUuid } from '@waggle/kernel'
import type { ResultOf } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

const COLLECTIVE = formatUuid(new Uint8Array(16).fill(9))

let engine: TestEngine
beforeEach(async () => {
  engine = await openTestEngine()
  await engine.call('collective.create', { id: COLLECTIVE, name: 'bees', dimension: 2 })
})

const ask = async <Name extends 'keys.range' | 'vectors.get' | 'payloads.get' | 'keys.subscribe' | 'watch.next'>(
  name: Name,
  fields: object = {},
): Promise<ResultOf<Name>> =>
  (await engine.call(name, { collective: COLLECTIVE, ...fields })) as unknown as ResultOf<Name>

const commit = (commands: readonly object[]) => engine.call('batch.commit', { collective: COLLECTIVE, commands })

const everything = [
  { operation: 'experience.record', content: 'a dance', embedding: [1, 0] },
  {
    operation: 'keys.put',
    entries: [
      ['a', '1'],
      ['b', '2'],
    ],
  },
  { operation: 'keys.delete', keys: ['a'] },
  { operation: 'vectors.store', items: [{ id: '7', vector: [1, 2] }] },
  { operation: 'payloads.store', items: [{ id: '7', payload: { flower: 'clover' } }] },
]

const stored = async () => ({
  keys: (await ask('keys.range')).items.map(([key]) => Buffer.from(key).toString()),
  vectors: (await ask('vectors.get', { ids: ['7'] })).items.map((vector) => vector && [...vector]),
  payloads: (await ask('payloads.get', { ids: ['7'] })).items,
})

describe('a batch over several stores', () => {
  test('P3 takes effect whole, under one sequence, for readers, watchers and subscribers', async () => {
    const { sequence } = await commit(everything)
    expect(await stored()).toEqual({ keys: ['b'], vectors: [[1, 2]], payloads: [{ payload: { flower: 'clover' } }] })
    const { frames } = await ask('keys.subscribe', { since: 1 })
    const [frame, ...others] = frames
    expect(others).toEqual([])
    expect(frame).toMatchObject({ sequence })
    expect(frame?.entries.map(([key]) => Buffer.from(key).toString())).toEqual(['a', 'b'])
    expect(frame?.deleted.map((key) => Buffer.from(key).toString())).toEqual(['a'])
    const { changes } = await ask('watch.next', { from: 'start' })
    expect(changes.map(({ entity }) => entity)).toEqual(['collective', 'experience'])
  })

  test.each([
    [
      'a vector of another dimension',
      { operation: 'vectors.store', items: [{ id: '8', vector: [1] }] },
      'commands[5].items[0].vector',
    ],
    ['a deletion of nothing', { operation: 'keys.delete', keys: [] }, 'commands[5].keys'],
    [
      'a memory without content',
      { operation: 'experience.record', content: '', embedding: [1, 0] },
      'commands[5].content',
    ],
  ])('P3 P10 %s at its end leaves nothing of it, and is named', async (_, last, field) => {
    const before = engine.engine.position.applied
    await expect(commit([...everything, last])).rejects.toMatchObject({ kind: 'invalid', details: { field } })
    expect(await stored()).toEqual({ keys: [], vectors: [null], payloads: [null] })
    expect(engine.engine.position.applied).toBe(before)
  })

  test('P2 a repeated batch is answered with its first sequence and does nothing', async () => {
    const body = { collective: COLLECTIVE, commands: everything, idempotencyKey: 'once' }
    const first = await engine.call('batch.commit', body)
    await engine.call('keys.put', { collective: COLLECTIVE, entries: [['b', 'newer']] })
    expect(await engine.call('batch.commit', body)).toEqual(first)
    const [entry] = (await ask('keys.range')).items
    expect(Buffer.from(entry?.[1] as Uint8Array).toString()).toBe('newer')
  })

  test('P8 a rebuild from the log reaches the same digest', async () => {
    await commit(everything)
    await commit([
      { operation: 'vectors.delete', ids: ['7'] },
      { operation: 'payloads.delete', ids: ['7'] },
    ])
    const digest = await engine.engine.digest()
    await engine.engine.close()
    const rebuilt = await openTestEngine({ stream: engine.stream })
    expect(await rebuilt.engine.digest()).toEqual(digest)
  })
})
