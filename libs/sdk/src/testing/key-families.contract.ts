/** Families of keys, sessions of reads, batches of writes, and what is pruned of them. */
import { limits } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { PrunePolicyInput } from '../keys/key-inputs.ts'
import { allRows, rowsOf, textOf, textsOf } from './key-samples.ts'
import { expectRefusal } from './samples.ts'
import { sharedStore, type OpenStore } from './store-under-test.ts'

export const keyFamiliesContract = (open: OpenStore): void => {
  describe('keys under a prefix', () => {
    const store = sharedStore(open)
    const keysOf = async () => (await store.collective()).keys

    it('V1 are a store of their own: reads, ranges and deletions stay under it', async () => {
      const keys = await keysOf()
      const [a, b] = [keys.prefixed('a/'), keys.prefixed('b/')]
      await keys.put([
        ['a', 'before'],
        ['a0', 'behind'],
      ])
      await a.put([
        ['', 'empty'],
        ['k', '1'],
        [new Uint8Array(252).fill(255), 'last'],
      ])
      await b.put([['k', '2']])
      expect([textOf((await a.get('k'))!), textOf((await b.get('k'))!)]).toEqual(['1', '2'])
      expect((await rowsOf(a.range())).map(([, value]) => textOf(value))).toEqual(['empty', '1', 'last'])
      expect(textsOf(await rowsOf(a.range({ start: 'k', end: 'k' })))).toEqual([['k', '1']])
      expect(textsOf(await rowsOf(a.range({ start: '', end: 'z', reverse: true })))).toEqual([
        ['k', '1'],
        ['', 'empty'],
      ])
      expect((await a.getMany(['k', 'x'])).map(([key, value]) => [textOf(key), value && textOf(value)])).toEqual([
        ['k', '1'],
        ['x', undefined],
      ])
      await a.delete(['k'])
      expect(textOf((await b.get('k'))!)).toBe('2')
      expect((await keys.status()).keyCount).toBe(5)
    })

    it('V1 prefixes that end in the highest byte, and nested ones, have their own bounds', async () => {
      const keys = await keysOf()
      const high = keys.prefixed(Uint8Array.of(255, 255))
      const nested = keys.prefixed('a/').prefixed('b/')
      await high.put([[Uint8Array.of(255), 'h']])
      await nested.put([['c', 'n']])
      expect(textsOf(await rowsOf(nested.range()))).toEqual([['c', 'n']])
      expect((await rowsOf(high.range())).map(([key]) => [...key])).toEqual([[255]])
      expect(textOf((await keys.get('a/b/c'))!)).toBe('n')
    })

    it('V1 a reduction counts only what is under it, and fields of keys begin behind it', async () => {
      const keys = await keysOf()
      const family = keys.prefixed('sales/')
      const day = (n: number) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, n)
      await family.put([1, 2, 3].map((n) => [day(n), 'x'] as const))
      await keys.put([['sales', 'x']])
      const expr = { field: { key: { byteOffset: 0, kind: 'uint64' } } }
      const { results } = await family.reduce({ reducers: [{ op: 'countAll' }, { op: 'sumField', expr }] })
      expect(results).toEqual([3n, 6n])
    })

    it('P10 its keys are as much shorter, and what concerns the whole store is refused', async () => {
      const family = (await keysOf()).prefixed('family/')
      const limit = limits.KEY_BYTES_MAX - 7
      await family.put([[new Uint8Array(limit), 'v']])
      const fault = await expectRefusal(
        family.put([[new Uint8Array(limit + 1), 'v']]),
        ...(['CONTENT_TOO_LARGE', 'entries[0][0]'] as const),
      )
      expect(fault.details.limit).toBe(limit)
      await expectRefusal(family.setRetention(), 'INVALID_FIELD', 'setRetention')
      await expectRefusal(family.pruneBatchLog(1), 'INVALID_FIELD', 'pruneBatchLog')
      const policy: PrunePolicyInput = { sequence: {}, retain: { dropAll: {} } }
      await expectRefusal(family.prune([policy]), 'INVALID_FIELD', 'policies[0].sequence')
      const prefixed = (prefix: unknown) => () => family.prefixed(prefix as never)
      expect(prefixed(5)).toThrow(expect.objectContaining({ code: 'INVALID_FIELD' }))
      expect(prefixed(new Uint8Array(limit + 1))).toThrow(expect.objectContaining({ code: 'CONTENT_TOO_LARGE' }))
    })
  })

  describe('a batch of writes', () => {
    const store = sharedStore(open)

    it('P3 under several prefixes is one batch; committing it again is the same', async () => {
      const { keys } = await store.collective()
      const [a, b] = [keys.prefixed('a/'), keys.prefixed('b/')]
      await a.put([['old', '0']])
      const batch = a
        .writeBatch()
        .put([['k', '1']])
        .put([['k', '2']], b)
        .delete(['old'])
      const first = await batch.commit()
      expect(await batch.commit()).toEqual(first)
      expect(await allRows(keys)).toEqual([
        ['a/k', '1'],
        ['b/k', '2'],
      ])
      expect(await keys.currentSequence()).toBe(first.sequence)
      expect(() => batch.put([['k', '3']])).toThrow(expect.objectContaining({ code: 'INVALID_FIELD' }))
    })

    it('of puts alone may be as large as a put, and entries of families may stand in one', async () => {
      const { keys } = await store.collective()
      const family = keys.prefixed('f/')
      const { sequence } = await keys
        .writeBatch()
        .put([['k', new Uint8Array(6_000_000)]], family)
        .put([['k', 'v']])
        .commit()
      expect(await keys.currentSequence()).toBe(sequence)
      expect((await family.get('k'))!.length).toBe(6_000_000)
      await keys.put([...family.entries([['l', '1']]), ['l', '2']])
      expect([textOf((await family.get('l'))!), textOf((await keys.get('l'))!)]).toEqual(['1', '2'])
    })

    it('P10 of nothing, of keys of another collective, of what are no entries, is refused', async () => {
      const [{ keys }, other] = [await store.collective(), await store.collective()]
      await expectRefusal(keys.writeBatch().commit(), 'REQUIRED_FIELD', 'entries')
      const put = (entries: unknown, under?: unknown) => () => keys.writeBatch().put(entries as never, under as never)
      for (const write of [put([['k', 'v']], other.keys), put([['k', 'v']], {}), put('x'), put({})])
        expect(write).toThrow(expect.objectContaining({ code: 'INVALID_FIELD' }))
      await expectRefusal(
        keys
          .writeBatch()
          .put([5 as never])
          .commit(),
        'INVALID_FIELD',
        'entries[0]',
      )
    })
  })

  describe('a session of reads', () => {
    const store = sharedStore(open)

    it('asks for what its first read had seen, and the floor does not rise', async () => {
      const { keys } = await store.collective()
      const { sequence } = await keys.put([['k', '1']])
      const session = keys.session()
      expect(session.sequence).toBeUndefined()
      expect(textOf((await session.get('k'))!)).toBe('1')
      const floor = session.sequence!
      expect(floor).toBeGreaterThanOrEqual(sequence)
      await keys.put([['k', '2']])
      expect(textsOf(await rowsOf(session.range()))).toEqual([['k', '2']])
      expect((await session.getMany(['k'])).map(([, value]) => textOf(value!))).toEqual(['2'])
      expect((await session.reduce({ reducers: [{ op: 'countAll' }] })).results).toEqual([1n])
      expect(session.sequence).toBe(floor)
    })

    it('may begin with a floor, which is waited for', async () => {
      const { keys } = await store.collective()
      const { sequence } = await keys.put([['k', '1']])
      const session = keys.prefixed('k').session({ sequence })
      expect(textOf((await session.get(''))!)).toBe('1')
      expect(session.sequence).toBe(sequence)
      const ahead = keys.session({ sequence: sequence + 1_000_000 })
      await expectRefusal(ahead.get('k', { timeoutMs: 30 }), 'CONSISTENCY_NOT_READY', 'minSequence')
      const session2 = (options: unknown) => () => keys.session(options as never)
      for (const options of [{ sequence: 0.5 }, { sequence: '1' }, 5])
        expect(session2(options)).toThrow(expect.objectContaining({ code: 'INVALID_FIELD' }))
    })
  })

  describe('pruning keys', () => {
    const store = sharedStore(open)

    it('says how many keys went, stays under its prefix, and again finds nothing', async () => {
      const { keys } = await store.collective()
      const family = keys.prefixed('log/')
      await family.put([1, 2, 3, 4, 5].map((n) => [`a${n}`, 'x'] as const))
      await keys.put([['a1', 'x']])
      const policy: PrunePolicyInput = {
        keys: {
          selector: { prefix: 'a', regex: '^(?<n>[0-9])$' },
          orderBy: { captureGroup: 'n', encoding: 'bytesAsc' },
        },
        retain: { keepLatest: { count: 2 } },
      }
      expect(await family.prune([policy])).toMatchObject({ isDone: true, keys: 3, batches: 0 })
      expect((await allRows(keys)).map(([key]) => key)).toEqual(['a1', 'log/a4', 'log/a5'])
      expect(await family.prune([policy])).toMatchObject({ keys: 0 })
    })

    it('P2 with the key of the first prunes nothing anew', async () => {
      const { keys } = await store.collective()
      const options = { idempotencyKey: 'prune' }
      const policies: PrunePolicyInput[] = [{ keys: { selector: { prefix: 'a' } }, retain: { dropAll: {} } }]
      await keys.put([['a1', 'x']])
      const { job } = await keys.prune(policies, options)
      await keys.put([['a2', 'x']])
      expect(await keys.prune(policies, options)).toMatchObject({ job, isDone: true, keys: 1 })
      expect(await allRows(keys)).toEqual([['a2', 'x']])
    })

    it('need not be waited for', async () => {
      const { keys } = await store.collective()
      await keys.put([['a', 'x']])
      const policies: PrunePolicyInput[] = [{ keys: { selector: { prefix: 'a' } }, retain: { dropAll: {} } }]
      expect(await keys.prune(policies, { waitMs: 0 })).toMatchObject({ job: expect.any(String) as string })
      await expectRefusal(keys.prune(policies, { waitMs: -1 }), 'INVALID_FIELD', 'options.waitMs')
      await expectRefusal(keys.prune([]), 'REQUIRED_FIELD', 'policies')
    })

    it('of batches, and a rule that keeps the newest: keys stay', async () => {
      const { keys } = await store.collective()
      const sequences: number[] = []
      for (let n = 0; n < 6; n += 1) sequences.push((await keys.put([[`k${n}`, 'x']])).sequence)
      expect(await keys.pruneBatchLog(sequences[2]!)).toMatchObject({ isDone: true, batches: 2, keys: 0 })
      expect(await keys.oldestRetained()).toBe(sequences[2])
      expect(await keys.pruneBatchLog(BigInt(sequences[1]!))).toMatchObject({ batches: 0 })
      expect(await keys.setRetention({ keepLatest: { count: 2 } })).toMatchObject({ oldest: sequences[4] })
      expect((await keys.status()).rule).toEqual({ keepLatest: { count: 2 } })
      expect([await keys.batch(sequences[3]!), (await keys.batch(sequences[4]!))!.length]).toEqual([undefined, 1])
      await keys.setRetention()
      expect(await keys.status()).not.toHaveProperty('rule')
      expect((await allRows(keys)).length).toBe(6)
    })
  })
}
