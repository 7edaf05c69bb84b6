/** VelesDB's cases of storing vectors and payloads: modes, batches, replacing, values of every shape. */
import { vectorDurabilities, vectorMetrics, type Json } from '@waggle/protocol'
import { expect } from 'vitest'
import { expectRefusal, refusal } from '../samples.ts'
import type { Cases } from './parity-store.ts'
import { asStored, float32, idsUpTo, storedVectors, storeVectors, vectorOf } from './points.ts'

export const pointStoringParity = (it: Cases): void => {
  modes(it)
  batches(it)
  points(it)
  values(it)
}

const modes = (it: Cases): void => {
  it('velesdb test_default_durability_is_fsync: unless another was chosen', async ({ hive }) => {
    expect(await hive.vectors.durability()).toBe('fsync')
    await storeVectors(hive, 1, 1)
    expect((await hive.vectors.status()).durability).toBe('fsync')
  })

  it('velesdb test_set_durability_mode_runtime_switch: and what is stored under each is there', async ({ hive }) => {
    for (const [n, mode] of vectorDurabilities.entries()) {
      await hive.vectors.setDurability(mode)
      expect(await hive.vectors.durability()).toBe(mode)
      await hive.vectors.store(n, vectorOf(n))
    }
    expect(await storedVectors(hive)).toEqual(asStored([0, 1, 2]))
    expect((await refusal(hive.vectors.setDurability('sometimes' as never))).code).toBe('INVALID_FIELD')
    expect(await hive.vectors.durability()).toBe('none')
  })
}

const batches = (it: Cases): void => {
  it('velesdb wal_batcher_tests: an empty flush does nothing, a fault is told to its own writer alone', async ({
    hive,
  }) => {
    await hive.vectors.flush()
    await hive.payloads.flush()
    expect([await hive.vectors.count(), await hive.payloads.count()]).toEqual([0, 0])
    const writes = idsUpTo(20).map((n) => hive.vectors.store(n, n === 13 ? [1, 2, 3] : vectorOf(n)))
    const outcomes = await Promise.allSettled(writes)
    expect(outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index + 1] : []))).toEqual([13])
    // Answered behind all that was written before.
    await hive.vectors.flush()
    expect(await hive.vectors.count()).toBe(19)
  })

  it('velesdb unnamed_wrong_dimension: the whole batch is refused, and nothing of it is written', async ({ hive }) => {
    await storeVectors(hive, 1, 1)
    const fault = await expectRefusal(
      hive.vectors.storeMany([
        [1, vectorOf(9)],
        [2, vectorOf(2)],
        [3, [1, 2, 3]],
      ]),
      'DIMENSION_MISMATCH',
      'items[2].vector',
    )
    expect(fault.details).toMatchObject({ expected: 4, got: 3 })
    expect(await storedVectors(hive)).toEqual(asStored([1]))
    await expectRefusal(hive.vectors.search({ vector: [1, 2] }), 'DIMENSION_MISMATCH', 'vector')
  })

  it('velesdb test_replace_all_*: while all vectors are replaced, a search sees one generation of them', async ({
    hive,
  }) => {
    const generation = async (round: number) =>
      hive.vectors.storeMany(idsUpTo(20).map((id) => [id, [round, 0, 0, 0]] as const))
    await generation(1)
    let round = 1
    const searches: Promise<readonly number[]>[] = []
    for (; round < 20; round += 1) {
      const found = hive.vectors.search({ vector: [1, 0, 0, 0], k: 20, metric: 'dot' }, { consistency: 'any' })
      searches.push(found.then(({ results }) => results.map(({ score }) => score)))
      await generation(round + 1)
    }
    for (const scores of await Promise.all(searches)) {
      expect(scores).toHaveLength(20)
      expect(new Set(scores).size, String(scores)).toBe(1)
    }
    const { results } = await hive.vectors.search({ vector: [1, 0, 0, 0], k: 20, metric: 'dot' })
    expect(results.map(({ score }) => score)).toEqual(Array.from({ length: 20 }, () => 20))
  })
}

const points = (it: Cases): void => {
  it('velesdb unnamed_upsert_updates_storage_and_index: what is found is what is stored', async ({ hive }) => {
    for (const metric of vectorMetrics) await hive.vectors.search({ vector: [1, 0, 0, 0], metric })
    await hive.vectors.store(1, [1, 0, 0, 0])
    await hive.vectors.store(2, [0, 1, 0, 0])
    const nearest = async (vector: number[]) => (await hive.vectors.search({ vector, k: 1 })).results[0]?.id
    expect(await nearest([1, 0, 0, 0])).toBe(1n)
    await hive.vectors.store(1, [0, 0, 1, 0])
    await hive.vectors.store(2, [1, 0, 0, 0])
    expect([await nearest([1, 0, 0, 0]), await nearest([0, 0, 1, 0])]).toEqual([2n, 1n])
    expect(await hive.vectors.get(1)).toEqual(float32([0, 0, 1, 0]))
    await hive.vectors.delete(2)
    expect((await hive.vectors.search({ vector: [1, 0, 0, 0], k: 10 })).results.map(({ id }) => id)).toEqual([1n])
  })

  it('velesdb unnamed_update_delete_unknown: an unknown id is absent, deleting one does nothing', async ({ hive }) => {
    expect([await hive.vectors.get(7), await hive.payloads.get(7)]).toEqual([undefined, undefined])
    await hive.vectors.delete(7)
    await hive.payloads.delete(7)
    await hive.vectors.store(7, vectorOf(1))
    await hive.vectors.store(7, vectorOf(2))
    await hive.payloads.store(7, 'first')
    await hive.payloads.store(7, 'second')
    expect(await hive.vectors.get(7)).toEqual(float32(vectorOf(2)))
    expect(await hive.payloads.get(7)).toBe('second')
    expect([await hive.vectors.count(), await hive.payloads.count()]).toEqual([1, 1])
    await hive.vectors.delete(7)
    await hive.payloads.delete(7)
    expect([await hive.vectors.ids(), await hive.payloads.ids()]).toEqual([[], []])
    expect([await hive.vectors.get(7), await hive.payloads.get(7)]).toEqual([undefined, undefined])
  })

  it('velesdb compaction_tests: what is deleted takes no room, all deleted leaves 0, reads go on meanwhile', async ({
    hive,
  }) => {
    expect(await hive.vectors.status()).toMatchObject({ count: 0, bytes: 0 })
    await storeVectors(hive, 1, 100)
    const whole = (await hive.vectors.status()).bytes
    const reads = idsUpTo(50, 51).map((n) => hive.vectors.get(n))
    await hive.vectors.deleteMany(idsUpTo(50))
    expect((await Promise.all(reads)).map((found) => found?.[0])).toEqual(idsUpTo(50, 51))
    expect((await hive.vectors.status()).bytes).toBe(whole / 2)
    await hive.vectors.deleteMany(idsUpTo(50))
    expect((await hive.vectors.status()).bytes).toBe(whole / 2)
    expect(await storedVectors(hive)).toEqual(asStored(idsUpTo(50, 51)))
    await hive.vectors.deleteMany(idsUpTo(100))
    expect(await hive.vectors.status()).toMatchObject({ count: 0, bytes: 0 })
  })

  it('velesdb guard_tests: what a reader holds is its own, whatever happens to the store or to it', async ({
    hive,
  }) => {
    const given = float32(vectorOf(1))
    await hive.vectors.store(1, given)
    given.fill(9)
    const held = (await hive.vectors.get(1))!
    await hive.vectors.store(1, vectorOf(2))
    await hive.vectors.delete(1)
    expect(held).toEqual(float32(vectorOf(1)))
    await hive.vectors.store(2, vectorOf(2))
    const { results } = await hive.vectors.search({ vector: vectorOf(2), include: ['vector'] })
    results[0]!.vector!.fill(9)
    expect(await hive.vectors.get(2)).toEqual(float32(vectorOf(2)))
  })

  it('velesdb test_concurrent_retrieve_reads_correct_payloads: each its own, also while others are stored', async ({
    hive,
  }) => {
    const payload = (n: number): Json => ({ n, text: 'x'.repeat(n) })
    await hive.payloads.storeMany(idsUpTo(100).map((n) => [n, payload(n)] as const))
    const reads = idsUpTo(300).map((n) => hive.payloads.get(1 + (n % 100)))
    const writes = idsUpTo(20, 1_000).map((n) => hive.payloads.store(n, payload(n)))
    const found = await Promise.all(reads)
    await Promise.all(writes)
    expect(found).toEqual(idsUpTo(300).map((n) => payload(1 + (n % 100))))
  })
}

const values = (it: Cases): void => {
  it('velesdb vector_bytes_tests: the least, the largest and signed zeros come back; sources at any offset', async ({
    hive,
  }) => {
    const special = float32([1.401298464324817e-45, 3.4028234663852886e38, -0, -3.4028234663852886e38])
    await hive.vectors.store(1, special)
    const found = (await hive.vectors.get(1))!
    expect(new Uint8Array(found.buffer, found.byteOffset, found.byteLength)).toEqual(new Uint8Array(special.buffer))
    // A view that begins inside of its memory.
    const memory = float32([7, ...vectorOf(5), 7])
    await hive.vectors.store(2, memory.subarray(1, 5))
    expect(await hive.vectors.get(2)).toEqual(float32(vectorOf(5)))
    await hive.vectors.store(3, [0, 0, 0, 0])
    expect(await hive.vectors.get(3)).toEqual(new Float32Array(4))
    // A deviation: theirs takes them, and no distance to them means anything.
    for (const bad of [NaN, Infinity, -Infinity, 1e39])
      await expectRefusal(hive.vectors.store(4, [bad, 0, 0, 0]), 'INVALID_FIELD', 'items[0].vector[0]')
    expect(await hive.vectors.ids()).toEqual([1n, 2n, 3n])
  })

  it('velesdb log_payload_tests: JSON of any shape comes back, under ids up to 2^64 - 1, all of them listed', async ({
    hive,
  }) => {
    const shapes: readonly Json[] = [
      null,
      true,
      0,
      -1.5e-300,
      '',
      'ünï — \u0000\ud83d\udc1d',
      [],
      {},
      { a: { b: [1, { c: null }] }, '': 'empty name', 'with.dot': 1 },
      JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":2}') as Json,
    ]
    await hive.payloads.storeMany(shapes.map((shape, n) => [n, shape] as const))
    expect(await hive.payloads.getMany(shapes.map((_, n) => n))).toEqual(shapes)
    const exact = '{"big":12345678901234567890,"digits":0.1000}'
    const last = 2n ** 64n - 1n
    await hive.payloads.storeJson(last, exact)
    await hive.payloads.store('9007199254740993', 'beyond 2^53')
    expect(await hive.payloads.getJson(last)).toBe(exact)
    expect(await hive.payloads.ids()).toEqual([...shapes.map((_, n) => BigInt(n)), 9_007_199_254_740_993n, last])
    await expectRefusal(hive.payloads.store(2n ** 64n, 1), 'INVALID_FIELD', 'items[0].id')
    await expectRefusal(hive.payloads.storeJson(1, '{"cut'), 'INVALID_FIELD', 'items[0].json')
  })

  it('velesdb test_wal_recovery_zero_length_payload: the shortest payloads there are', async ({ hive }) => {
    await hive.payloads.storeMany([
      [1, ''],
      [2, {}],
      [3, []],
      [4, null],
    ])
    expect(await hive.payloads.getMany([1, 2, 3, 4, 5])).toEqual(['', {}, [], null, undefined])
    expect(await hive.payloads.get(4)).toBeNull()
    await expectRefusal(hive.payloads.storeJson(1, ''), 'INVALID_FIELD', 'items[0].json')
  })
}
