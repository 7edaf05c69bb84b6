/** Exoware's cases of several stores in one, of its TypeScript client, and of what a restart leaves. */
import { encodeStoredRow, limits } from '@waggle/protocol'
import { expect } from 'vitest'
import { expectRefusal } from '../samples.ts'
import { reading } from './frame-reader.ts'
import type { Cases } from './parity-store.ts'
import { all, batchOf, keysOf, putEach, putMany, rows, textEntries, textOf, textsOf, valueOf } from './keys.ts'

export const keyPrefixParity = (it: Cases): void => {
  prefixes(it)
  client(it)
  afterRestart(it)
}

const prefixes = (it: Cases): void => {
  it('exoware E77: two stores under prefixes: a joint batch is one, reads and subscriptions stay apart', async ({
    hive,
  }) => {
    const [left, right] = [hive.keys.prefixed('left/'), hive.keys.prefixed('right/')]
    const ofLeft = left.subscribe()
    await ofLeft.ready
    const joint = await hive.keys.put([...left.entries([['k', '1']]), ...right.entries([['k', '2']])])
    expect([textOf((await left.get('k'))!), textOf((await right.get('k'))!)]).toEqual(['1', '2'])
    expect(textEntries(await all(left.range()))).toEqual([['k', '1']])
    expect(textEntries(await all(right.range({ reverse: true })))).toEqual([['k', '2']])
    const { value } = await ofLeft.next()
    expect([value!.sequence, textEntries(value!.entries)]).toEqual([joint.sequence, [['k', '1']]])
    await right.delete(['k'])
    await left.put([['l', '3']])
    const { value: next } = await ofLeft.next()
    expect([textEntries(next!.entries), next!.deleted]).toEqual([[['l', '3']], []])
    await ofLeft.return()
    expect(await keysOf(hive)).toEqual(['left/k', 'left/l'])
  })

  it('exoware E78: what two layers prepared is put as one sequence, and each sees its own', async ({ hive }) => {
    const [sql, qmdb] = [hive.keys.prefixed(Uint8Array.of(1)), hive.keys.prefixed(Uint8Array.of(2))]
    const { sequence } = await hive.keys
      .writeBatch()
      .put([['row', 'r']], sql)
      .put([['node', 'n']], qmdb)
      .put([['row', 'x']], qmdb)
      .commit()
    expect(textEntries((await sql.batch(sequence))!)).toEqual([['row', 'r']])
    expect(textEntries((await qmdb.batch(sequence))!)).toEqual([
      ['node', 'n'],
      ['row', 'x'],
    ])
    expect(await hive.keys.batch(sequence)).toHaveLength(3)
    // A read under one prefix cannot leave it.
    expect(textEntries(await all(sql.range({ start: '', end: new Uint8Array(250).fill(0xff) })))).toEqual([
      ['row', 'r'],
    ])
  })

  it('exoware E79: a prune under a prefix stays under it', async ({ hive }) => {
    const [left, right] = [hive.keys.prefixed('left/'), hive.keys.prefixed('right/')]
    await left.put([
      ['a1', 'x'],
      ['b1', 'x'],
    ])
    await right.put([['a1', 'x']])
    const policy = { keys: { selector: { prefix: 'a' } }, retain: { dropAll: {} } }
    expect(await left.prune([policy])).toMatchObject({ keys: 1 })
    expect(await keysOf(hive)).toEqual(['left/b1', 'right/a1'])
    await expectRefusal(
      left.prune([{ sequence: {}, retain: { dropAll: {} } }]),
      'INVALID_FIELD',
      'policies[0].sequence',
    )
  })

  it('exoware E81: prefixes are isolated, a batch crosses them, expressions are judged behind', async (given) => {
    const { hive } = given
    const nested = hive.keys.prefixed('a/').prefixed('b/')
    await reading(hive, { selectors: [{ prefix: 'a/b/', regex: '^x' }] }, async (reader) => {
      await nested.put([['y', '1']])
      const { sequence } = await hive.keys.put([...nested.entries([['x', '2']]), ['x', '3'], ['a/x', '4']])
      expect(await reader.next()).toEqual({ sequence, entries: [['a/b/x', '2']], deleted: [] })
    })
    const behind = nested.subscribe({ selectors: [{ prefix: '', regex: '^x$' }], since: 1 })
    const { value } = await behind.next()
    await behind.return()
    expect(textEntries(value!.entries)).toEqual([['x', '2']])
    expect(textEntries(await all(nested.range()))).toEqual([
      ['x', '2'],
      ['y', '1'],
    ])
  })
}

const client = (it: Cases): void => {
  it('exoware E80: get, put, a missing key, a range, a batch by its sequence, a missing batch, a replay', async ({
    hive,
  }) => {
    const { keys } = hive
    expect(await keys.get('k')).toBeUndefined()
    const [first, second] = await putEach(hive, [
      [['k', '1']],
      [
        ['l', '2'],
        ['m', '3'],
      ],
    ])
    expect(await valueOf(hive, 'k')).toBe('1')
    expect(await keysOf(hive, { start: 'l' })).toEqual(['l', 'm'])
    expect(await batchOf(hive, second!)).toEqual([
      ['l', '2'],
      ['m', '3'],
    ])
    expect(await keys.batch(second! + 1_000_000)).toBeUndefined()
    await reading(hive, { since: first }, async (reader) => {
      expect((await reader.take(2)).map(({ sequence }) => sequence)).toEqual([first, second])
    })
  })

  it('exoware E82: getMany, backwards, COUNT_ALL, SUM, keepLatest, floor, longest key, large values', async (given) => {
    const { keys } = given.hive
    const counted = (n: number) => encodeStoredRow([{ int64: n }])
    const { sequence } = await keys.put([1, 2, 3].map((n) => [`n${n}`, counted(n)]))
    expect((await keys.getMany(['n3', 'x', 'n1'], { minSequence: sequence })).map(([, value]) => value)).toEqual([
      counted(3),
      undefined,
      counted(1),
    ])
    expect(textsOf((await all(keys.range({ reverse: true, limit: 2 }))).map(([key]) => key))).toEqual(['n3', 'n2'])
    const session = keys.session()
    expect(await session.get('n1')).toEqual(counted(1))
    const floor = session.sequence!
    expect(floor).toBeGreaterThanOrEqual(sequence)
    await keys.put([['n4', counted(4)]])
    expect(await all(session.range({ start: 'n4' }))).toHaveLength(1)
    expect(session.sequence).toBe(floor)
    await keys.delete(['n4'])
    const sum = { op: 'sumField', expr: { field: { value: { index: 0, kind: 'int64' } } } } as const
    const { results } = await keys.reduce({ reducers: [{ op: 'countAll' }, sum] })
    expect(results).toEqual([3n, 6n])
    const policy = {
      keys: {
        selector: { prefix: 'n', regex: '^(?P<order>[0-9])$' },
        orderBy: { captureGroup: 'order', encoding: 'bytesAsc' },
      },
      retain: { keepLatest: { count: 1 } },
    } as const
    expect(await keys.prune([policy])).toMatchObject({ keys: 2 })
    expect(textsOf((await all(keys.range())).map(([key]) => key))).toEqual(['n3'])
    const large = largeValue(limits.VALUE_BYTES_MAX)
    const put = await keys.put([
      [new Uint8Array(limits.KEY_BYTES_MAX).fill(1), 'longest key'],
      ['large', large],
    ])
    expect(Buffer.compare((await keys.get('large'))!, large)).toBe(0)
    const batch = (await keys.batch(put.sequence))!
    expect([batch.length, Buffer.compare(batch[1]![1], large)]).toEqual([2, 0])
    for await (const [key, value] of keys.range({ start: 'l', end: 'm' }))
      expect([textOf(key), value.length]).toEqual(['large', large.length])
  })
}

/** No byte repeats what stands before it by a power of two. */
const largeValue = (size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  for (let n = 0, state = 1; n < size; n += 1) {
    state = (state * 48_271) % 0x7fff_ffff
    bytes[n] = state
  }
  return bytes
}

const afterRestart = (it: Cases): void => {
  it.restarted(
    'exoware E72: the newest batch is there after a restart, its last value stands, another look changes nothing',
    async ({ hive }) => {
      await putMany(hive, 2)
      const { sequence } = await hive.keys.put([
        ['k001', 'first'],
        ['k001', 'last'],
      ])
      return sequence
    },
    async ({ hive }, sequence) => {
      for (let look = 0; look < 2; look += 1) {
        expect(await rows(hive)).toEqual([
          ['k001', 'last'],
          ['k002', 'v002'],
        ])
        expect(await batchOf(hive, sequence)).toEqual([
          ['k001', 'first'],
          ['k001', 'last'],
        ])
        expect(await hive.keys.currentSequence()).toBe(sequence)
      }
    },
  )
}
