/** Ordered keys with values: what is written is read, in order, whole, whatever its size. */
import { limits } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { KeyEntryInput, KeyRangeInput } from '../keys/key-inputs.ts'
import { experience, expectRefusal, refusal, seeded } from './samples.ts'
import { allRows, bytesOf, largeValue, rowsOf, textOf } from './key-samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

export const keysContract = (open: OpenStore): void => {
  describe('keys', () => {
    const store = sharedStore(open)
    const keysOf = async () => (await store.collective()).keys

    it('bytes and texts, which are their UTF-8, come back as bytes; empty ones are ones, too', async () => {
      const keys = await keysOf()
      await keys.put([
        ['gruß', 'wert'],
        [Uint8Array.of(0, 255), Uint8Array.of(1, 0)],
        [Buffer.from('buffer'), Buffer.from('')],
        ['', 'of the empty key'],
      ])
      expect(textOf((await keys.get(bytesOf('gruß')))!)).toBe('wert')
      expect(await keys.get(Uint8Array.of(0, 255))).toEqual(Uint8Array.of(1, 0))
      expect(await keys.get('buffer')).toEqual(new Uint8Array())
      expect(textOf((await keys.get(''))!)).toBe('of the empty key')
      expect(await keys.get('other')).toBeUndefined()
    })

    it('what the caller does to his bytes, and to those he got, changes nothing', async () => {
      const keys = await keysOf()
      const [key, value] = [bytesOf('key'), bytesOf('value')]
      const putting = keys.put([[key, value]])
      key.fill(0)
      value.fill(0)
      await putting
      const got = (await keys.get('key'))!
      expect(textOf(got)).toBe('value')
      got.fill(0)
      expect(textOf((await keys.get('key'))!)).toBe('value')
    })

    it('of a key that one put names twice the last value stays; keys that are missing are deleted, too', async () => {
      const keys = await keysOf()
      const first = await keys.put([
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ])
      const second = await keys.delete(['b', 'never there'])
      expect(second.sequence).toBeGreaterThan(first.sequence)
      expect(await allRows(keys)).toEqual([['a', '3']])
      expect(await keys.status()).toMatchObject({ current: second.sequence, oldest: first.sequence, keyCount: 1 })
      expect([await keys.currentSequence(), await keys.oldestRetained()]).toEqual([second.sequence, first.sequence])
    })

    it('an empty store has no batch', async () => {
      const keys = await keysOf()
      expect([await keys.currentSequence(), await keys.oldestRetained()]).toEqual([0, undefined])
      expect(await allRows(keys)).toEqual([])
    })

    it('getMany answers in the order asked, repeats kept, in as many replies as it takes', async () => {
      const keys = await keysOf()
      await keys.put(Array.from({ length: 50 }, (_, n): KeyEntryInput => [`k${n}`, `v${n}`]))
      const asked = Array.from({ length: 300 }, (_, n) => `k${(n * 7) % 60}`)
      for (const batchSize of [undefined, 7, 100])
        expect(
          (await keys.getMany(asked, { batchSize })).map(([key, value]) => [textOf(key), value && textOf(value)]),
        ).toEqual(asked.map((key) => [key, Number(key.slice(1)) < 50 ? `v${key.slice(1)}` : undefined]))
    })

    it('a range is what a sorted map says, whatever its bounds, direction, limit and frames: a property', async () => {
      const keys = await keysOf()
      const random = seeded(5)
      const any = () => Uint8Array.from({ length: random.uint32() % 4 }, () => [0, 1, 97, 255][random.uint32() % 4]!)
      const entries = Array.from({ length: 200 }, (_, n): [Uint8Array, string] => [any(), `${n}`])
      await keys.put(entries)
      const sorted = [...new Map(entries.map(([key, value]) => [Buffer.from(key).toString('latin1'), value]))]
      sorted.sort(([left], [right]) => Buffer.compare(Buffer.from(left, 'latin1'), Buffer.from(right, 'latin1')))
      for (let turn = 0; turn < 150; turn += 1) {
        const query: KeyRangeInput = {
          ...(random.uint32() % 3 === 0 ? {} : { start: any() }),
          ...(random.uint32() % 3 === 0 ? {} : { end: any() }),
          ...(random.uint32() % 2 === 0 ? {} : { limit: random.uint32() % 12 }),
          ...{ reverse: random.uint32() % 2 === 0, batchSize: 1 + (random.uint32() % 9) },
        }
        const { start, end, limit = Infinity, reverse } = query
        const [low, high] = [start, end].map((bound) => Buffer.from(bound ?? '').toString('latin1')) as [string, string]
        const within = sorted.filter(
          ([key]) =>
            Buffer.compare(Buffer.from(key, 'latin1'), Buffer.from(low, 'latin1')) >= 0 &&
            (high === '' || Buffer.compare(Buffer.from(key, 'latin1'), Buffer.from(high, 'latin1')) <= 0),
        )
        const expected = (reverse ? within.toReversed() : within).slice(0, limit)
        const rows = await rowsOf(keys.range(query))
        expect(rows.map(([key, value]) => [Buffer.from(key).toString('latin1'), textOf(value)])).toEqual(expected)
      }
    })

    it('leaving a range early ends it', async () => {
      const keys = await keysOf()
      await keys.put(Array.from({ length: 30 }, (_, n): KeyEntryInput => [`k${n + 10}`, 'v']))
      const seen: string[] = []
      for await (const [key] of keys.range({ batchSize: 4 })) {
        seen.push(textOf(key))
        if (seen.length === 6) break
      }
      expect(seen).toEqual(['k10', 'k11', 'k12', 'k13', 'k14', 'k15'])
    })

    it('P2 a repeated key gives the first sequence, whatever happened since, also after a restart', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        const options = { idempotencyKey: 'once' }
        const first = await hive.keys.put([['a', '1']], options)
        await hive.keys.put([['a', '2']])
        expect(await hive.keys.put([['a', '1']], options)).toEqual(first)
        const { keys } = await (await own.reopen()).collective('kept')
        expect(await keys.put([['a', '1']], options)).toEqual(first)
        expect(await allRows(keys)).toEqual([['a', '2']])
        await expectRefusal(keys.put([['a', '3']], options), 'IDEMPOTENCY_KEY_REUSED', 'idempotencyKey')
        const gone = await keys.delete(['a'], options)
        await keys.put([['a', '4']])
        expect(await keys.delete(['a'], options)).toEqual(gone)
        expect(await allRows(keys)).toEqual([['a', '4']])
      })
    })

    it('P3 a mixed commit is one batch with the memory, and refused as a whole', async () => {
      const hive = await store.collective()
      const { results, sequence } = await hive.commit([
        { operation: 'keys.put', entries: [['a', '1']] },
        { operation: 'experience.record', ...experience() },
        { operation: 'keys.delete', keys: ['a'] },
        { operation: 'keys.put', entries: [['b', '2']] },
      ])
      expect([results[0], results[2], results[3]]).toEqual([{}, {}, {}])
      expect([await allRows(hive.keys), await hive.keys.currentSequence()]).toEqual([[['b', '2']], sequence])
      const bad = { operation: 'experience.archive', id: '019300aa-0000-7000-8000-00000000abcd' } as const
      await refusal(hive.commit([{ operation: 'keys.put', entries: [['c', '3']] }, bad]))
      expect(await allRows(hive.keys)).toEqual([['b', '2']])
    })

    it('P5 a token, and a sequence, make another client see the write', async () => {
      const hive = await store.collective()
      const other = (await store.waggle.collective(hive.id)).keys
      for (let n = 0; n < 20; n += 1) {
        const { token, sequence } = await hive.keys.put([['k', `${n}`]])
        expect(textOf((await other.get('k', { token }))!)).toBe(`${n}`)
        expect(textOf((await other.get('k', { minSequence: sequence, consistency: 'any' }))!)).toBe(`${n}`)
      }
      const minSequence = (await other.currentSequence()) + 1_000_000
      const fault = await expectRefusal(
        other.get('k', { minSequence, timeoutMs: 50 }),
        ...(['CONSISTENCY_NOT_READY', 'minSequence'] as const),
      )
      expect([fault.kind, fault.details.required]).toEqual(['notReady', minSequence])
    })

    it('P12 keys of another collective are absent, and stay', async () => {
      const [left, right] = [await keysOf(), await keysOf()]
      await left.put([['k', 'left']])
      await right.put([['k', 'right']])
      await left.delete(['k'])
      expect([await allRows(left), await allRows(right)]).toEqual([[], [['k', 'right']]])
    })

    it('of a collective that was deleted nothing is there', async () => {
      const hive = await store.collective()
      await hive.keys.put([['k', 'v']])
      await hive.deleteCollective()
      await expectRefusal(hive.keys.get('k'), 'NOT_FOUND')
      await expectRefusal(hive.keys.put([['k', 'v']]), 'NOT_FOUND')
      const anew = await store.waggle.createCollective({ id: hive.id, name: 'anew', dimension: DIMENSION })
      expect([await allRows(anew.keys), await anew.keys.currentSequence()]).toEqual([[], 0])
    })

    it('P10 limits are named, and nothing of what is refused is written', async () => {
      const keys = await keysOf()
      const longest = new Uint8Array(limits.KEY_BYTES_MAX).fill(255)
      await keys.put([[longest, 'v']])
      const tooLong = new Uint8Array(limits.KEY_BYTES_MAX + 1)
      const put = (entries: unknown) => keys.put([['fine', 'v'], ...(entries as [])])
      await expectRefusal(put([[tooLong, 'v']]), 'CONTENT_TOO_LARGE', 'entries[1][0]')
      await expectRefusal(
        put([['k', new Uint8Array(limits.VALUE_BYTES_MAX + 1)]]),
        'CONTENT_TOO_LARGE',
        'entries[1][1]',
      )
      await expectRefusal(put([['k']]), 'INVALID_FIELD', 'entries[1][1]')
      await expectRefusal(put([['k', 'v', 'w']]), 'INVALID_FIELD', 'entries[1]')
      await expectRefusal(put([['k', 5]]), 'INVALID_FIELD', 'entries[1][1]')
      await expectRefusal(keys.put([]), 'REQUIRED_FIELD', 'entries')
      await expectRefusal(keys.delete([]), 'REQUIRED_FIELD', 'keys')
      const many = Array.from({ length: limits.KEYS_PER_BATCH_MAX + 1 }, (): KeyEntryInput => ['k', 'v'])
      await expectRefusal(keys.put(many), 'TOO_MANY_ITEMS', 'entries')
      await expectRefusal(keys.get(tooLong), 'CONTENT_TOO_LARGE', 'key')
      await expectRefusal(keys.getMany(['k', tooLong]), 'CONTENT_TOO_LARGE', 'keys[1]')
      await expectRefusal(rowsOf(keys.range({ start: tooLong })), 'CONTENT_TOO_LARGE', 'start')
      await expectRefusal(rowsOf(keys.range({ limit: -1 })), 'INVALID_FIELD', 'limit')
      await expectRefusal(rowsOf(keys.range({ batchSize: 0 })), 'INVALID_FIELD', 'batchSize')
      expect(() => keys.range({ from: 'a' } as never)).toThrow(expect.objectContaining({ code: 'UNKNOWN_FIELD' }))
      expect(await rowsOf(keys.range())).toHaveLength(1)
    })
  })

  describe('large values', () => {
    const store = sharedStore(open)

    it('F3 of the largest size are put and read whole, alone, among others, in ranges and batches', async () => {
      const { keys } = await store.collective()
      const large = largeValue(limits.VALUE_BYTES_MAX)
      const { sequence } = await keys.put([
        ['a', 'small'],
        ['b', large],
        ['c', largeValue(5_000_000, 2)],
      ])
      const isLarge = (value: Uint8Array | undefined): boolean => Buffer.compare(value!, large) === 0
      expect(isLarge(await keys.get('b'))).toBe(true)
      const many = await keys.getMany(['c', 'b', 'x', 'a'])
      expect(many.map(([, value]) => value?.length)).toEqual([5_000_000, large.length, undefined, 5])
      expect(isLarge(many[1]![1])).toBe(true)
      const rows = await rowsOf(keys.range({ limit: 3 }))
      expect([rows.map(([key]) => textOf(key)), isLarge(rows[1]![1])]).toEqual([['a', 'b', 'c'], true])
      const batch = (await keys.batch(sequence))!
      expect([batch.map(([, value]) => value.length), isLarge(batch[1]![1])]).toEqual([
        [5, large.length, 5_000_000],
        true,
      ])
    })

    it('F3 all of one put may be 16 MiB, and one put of many entries is one batch', async () => {
      const { keys } = await store.collective()
      const entries = Array.from({ length: 1_500 }, (_, n): [string, Uint8Array] => [
        `k${n}`,
        largeValue(10_000, n + 1),
      ])
      const { sequence } = await keys.put(entries)
      expect(await keys.currentSequence()).toBe(sequence)
      expect(await keys.status()).toMatchObject({ keyCount: 1_500, oldest: sequence })
      for (const n of [0, 700, 1_499]) expect(Buffer.compare((await keys.get(`k${n}`))!, entries[n]![1])).toBe(0)
      const beyond = [...entries, ...entries.map(([key, value]): KeyEntryInput => [`x${key}`, value])]
      const fault = await expectRefusal(keys.put(beyond), 'CONTENT_TOO_LARGE', 'entries')
      expect(fault.details.limit).toBe(limits.UPLOAD_BYTES_MAX)
    })

    it('P2 a large put with the key of the first is the first; another one with it is refused', async () => {
      const { keys } = await store.collective()
      const options = { idempotencyKey: 'large' }
      const entries: KeyEntryInput[] = [['k', largeValue(6_000_000)]]
      const first = await keys.put(entries, options)
      await keys.delete(['k'])
      expect(await keys.put(entries, options)).toEqual(first)
      expect(await keys.get('k')).toBeUndefined()
      const other: KeyEntryInput[] = [['k', largeValue(6_000_000, 9)]]
      await expectRefusal(keys.put(other, options), 'IDEMPOTENCY_KEY_REUSED', 'idempotencyKey')
      await expectRefusal(keys.put([['k', 'small']], options), 'IDEMPOTENCY_KEY_REUSED', 'idempotencyKey')
    })

    it('R1 one that is overwritten while it is read comes whole, as it was before or after', async () => {
      const { keys } = await store.collective()
      const versions = [largeValue(9_000_000, 3), largeValue(8_500_000, 4)]
      await keys.put([['k', versions[0]!]])
      const odd: number[] = []
      const writing = { isOver: false }
      const reading = (async () => {
        while (!writing.isOver) {
          const got = (await keys.get('k'))!
          if (!versions.some((version) => Buffer.compare(version, got) === 0)) odd.push(got.length)
        }
      })()
      for (let n = 1; n <= 4; n += 1) await keys.put([['k', versions[n % 2]!]])
      writing.isOver = true
      await reading
      expect(odd).toEqual([])
    })
  })
}
