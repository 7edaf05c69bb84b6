import { readFileSync } from 'node:fs'
import { SYSTEM_TENANT } from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestSnapshot, digestState } from '../digest.ts'
import type { CommandName } from '../command/decide.ts'
import { readPosition } from '../recovery/position.ts'
import { appliedKey, pieceKey } from '../state/keyspace.ts'
import { openLevelStore } from '../store/level-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { readCheckpoint } from './checkpoint-row.ts'
import { dumpState } from './state-dump.ts'
import { unpaced } from './state-frames.ts'
import { restoreState } from './state-restore.ts'

const golden = readFileSync(new URL('../../golden/checkpoint-1.bin', import.meta.url))
const GOLDEN_DIGEST = '3439ad40d6c0615c58212a21330ca04f73fe6291774ecd1acfcf27f55a0992bc'

let engine: TestEngine
beforeEach(async () => {
  engine = await openTestEngine()
  for (let n = 0; n < 20; n += 1) await engine.call('collective.create', { name: `n ${n}`, dimension: 2 })
})
afterEach(() => engine.engine.close())

const submit = async (name: CommandName, fields: object): Promise<unknown> =>
  (await engine.engine.submit({ name, tenant: SYSTEM_TENANT, fields })).result

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const dumped = async (store = engine.store): Promise<Buffer> => {
  const snapshot = store.snapshot()
  const pieces: Uint8Array[] = []
  for await (const piece of dumpState(snapshot, unpaced).pieces) pieces.push(piece)
  await snapshot.close()
  return Buffer.concat(pieces)
}

const restoring = async (bytes: Uint8Array, size = 1_000) => {
  const store = new MemoryStore()
  const code = await restoreState(store, cut(bytes, size), { pace: unpaced }).then(
    () => 'restored',
    (error: unknown) => (error as { code: string }).code,
  )
  return { store, code }
}

describe('a checkpoint’s bytes', () => {
  test.each([1, 7, 100, 10_000])('P8 U1 come in pieces of any size, here %d', async (size) => {
    const { store, code } = await restoring(await dumped(), size)
    expect(code).toBe('restored')
    expect(await digestState(store)).toEqual(await engine.engine.digest())
  })

  test('U2 those of version 1 are readable for ever', async () => {
    const store = new MemoryStore()
    const restored = await restoreState(store, cut(golden, 64), { pace: unpaced })
    expect(restored).toMatchObject({ sequence: 3, digest: GOLDEN_DIGEST })
    expect(await dumped(store)).toEqual(golden)
  })

  test('U2 another version is refused', async () => {
    const bytes = await dumped()
    bytes[11] = 9
    expect((await restoring(bytes)).code).toBe('FORMAT_UNSUPPORTED')
  })

  test('E1 K3 damage anywhere is found, and leaves nothing that passes for a state', async () => {
    const bytes = await dumped()
    for (let at = 0; at < bytes.length; at += 101) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] as number) ^ 0x10
      const { store, code } = await restoring(damaged)
      expect([at, ['CORRUPT', 'FORMAT_UNSUPPORTED'].includes(code)]).toEqual([at, true])
      expect(readPosition(store)).toBeUndefined()
    }
  })

  test('E1 what was cut short, or has more behind it, is none', async () => {
    const bytes = await dumped()
    for (const length of [0, 5, 12, 500, bytes.length - 41, bytes.length - 1])
      expect((await restoring(bytes.subarray(0, length))).code).toBe('CORRUPT')
    expect((await restoring(Buffer.concat([bytes, Buffer.alloc(1)]))).code).toBe('CORRUPT')
    expect((await restoring(Buffer.concat([bytes, Buffer.alloc(9_000)]))).code).toBe('CORRUPT')
  })

  test('E2 E3 K2 P8 it is restored into LevelDB, opens there, and follows the log', async () => {
    const bytes = await dumped()
    const folder = await temporaryFolder()
    const store = await openLevelStore(folder.path)
    await restoreState(store, cut(bytes, 4_096), { pace: unpaced })
    const { applied } = readPosition(store)!
    expect(store.get(appliedKey(applied))).toBeDefined()
    await engine.call('collective.create', { name: 'later', dimension: 2 })
    const follower = await openTestEngine({ store, stream: engine.stream, fence: 'log', lead: false })
    expect(await follower.engine.digest()).toEqual(await engine.engine.digest())
    await follower.engine.close()
    await store.close()
    await folder.remove()
  })
})

describe('a digest', () => {
  test('P8 F1 covers pieces, and the position but for where its run begins', async () => {
    const snapshot = engine.store.snapshot()
    const before = await digestSnapshot(snapshot, unpaced)
    await engine.store.write([{ key: appliedKey(1), value: Uint8Array.of(1) }], { sync: false })
    expect(await digestState(engine.store)).toEqual(before)
    const piece = pieceKey('11111111-1111-7111-8111-111111111111' as never, 0)
    await engine.store.write([{ key: piece, value: Uint8Array.of(1) }], { sync: false })
    expect((await digestState(engine.store)).digest).not.toBe(before.digest)
    expect(await digestSnapshot(snapshot, unpaced)).toEqual(before)
  })

  test('P11 F2 it rests after every piece', async () => {
    let rests = 0
    let largest = 0
    await engine.call('collective.create', {
      id: '11111111-1111-7111-8111-111111111111',
      name: 'big',
      dimension: 4_000,
    })
    for (let n = 0; n < 20; n += 1)
      await engine.call('experience.record', {
        ...{ collective: '11111111-1111-7111-8111-111111111111', content: 'x'.repeat(50_000) },
        embedding: Array.from({ length: 4_000 }, () => n + 1),
      })
    await digestState(engine.store, (bytes) => {
      rests += 1
      largest = Math.max(largest, bytes)
      return Promise.resolve()
    })
    expect(rests).toBeGreaterThan(5)
    expect(largest).toBeLessThan(256 * 1024)
  })
})

describe('decisions about checkpoints', () => {
  test('K3 V1 the newest that was verified counts, and never one above what is applied', async () => {
    const digest = 'ab'.repeat(32)
    expect(engine.engine.checkpoint()).toBeUndefined()
    expect(await submit('maintenance.verifyCheckpoint', { sequence: 5, digest })).toEqual({ sequence: 5 })
    const before = engine.stream.bounds().last
    for (const sequence of [5, 4])
      expect(await submit('maintenance.verifyCheckpoint', { sequence, digest: 'cd'.repeat(32) })).toEqual({
        sequence: 5,
      })
    expect(engine.stream.bounds().last).toBe(before)
    expect(readCheckpoint(engine.store)).toEqual({ sequence: 5, digest })
    for (const fields of [
      { sequence: before + 1, digest },
      { sequence: 0, digest },
      { sequence: 1.5, digest },
      { sequence: 6, digest: 'AB' },
    ])
      await expect(submit('maintenance.verifyCheckpoint', fields)).rejects.toMatchObject({ code: 'INVALID_FIELD' })
    await expect(submit('maintenance.requestDigest', { writer: 'a b' })).rejects.toMatchObject({
      code: 'INVALID_FIELD',
    })
  })

  test('K3 P8 every replica takes the very state of the record that asks, also in a batch with others', async () => {
    const taken: (readonly [string, number, string])[] = []
    const stores = [new MemoryStore(), new MemoryStore()] as const
    const pending: Promise<unknown>[] = []
    const opening = (store: MemoryStore, name: string) => ({
      ...{ store, fence: 'log' as const },
      onCheckpointing: (said: { readonly kind: string; readonly sequence: number }) => {
        const snapshot = store.snapshot()
        pending.push(
          digestSnapshot(snapshot, unpaced).then(({ sequence, digest }) => {
            expect(sequence).toBe(said.sequence)
            taken.push([name, sequence, digest])
          }),
        )
      },
    })
    const leader = await openTestEngine(opening(stores[0], 'leader'))
    const ask = () =>
      leader.engine.submit({ name: 'maintenance.requestDigest', tenant: SYSTEM_TENANT, fields: { writer: 'b' } })
    for (let n = 0; n < 5; n += 1)
      await Promise.all([
        leader.call('collective.create', { name: `before ${n}`, dimension: 2 }),
        ask(),
        leader.call('collective.create', { name: `after ${n}`, dimension: 2 }),
      ])
    const follower = await openTestEngine({ ...opening(stores[1], 'follower'), stream: leader.stream, lead: false })
    await Promise.all(pending)
    const of = (name: string) => taken.filter(([who]) => who === name).map(([, ...rest]) => rest)
    expect(of('leader')).toHaveLength(5)
    expect(of('follower')).toEqual(of('leader'))
    await Promise.all([leader.engine.close(), follower.engine.close()])
  })
})
