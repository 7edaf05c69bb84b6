import { beforeEach, describe, expect, test } from 'vitest'
import type { CommandName } from '../command/decide.ts'
import { SYSTEM_TENANT, type Sequence } from '@waggle/protocol'
import { putCheckpoint } from '../checkpoint/checkpoint-row.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { putHolds, readHolds, readLogHorizon } from './hold-rows.ts'
import { checkpointKey, holdsKey } from '../state/keyspace.ts'
import { Overlay } from '../state/overlay.ts'
import { MemoryStore } from '../store/memory-store.ts'

let engine: TestEngine

beforeEach(async () => {
  engine = await openTestEngine()
  for (let n = 0; n < 20; n += 1) await engine.call('collective.create', { name: `n ${n}`, dimension: 2 })
})

const submit = async (name: CommandName, fields: object): Promise<unknown> => {
  const { result } = await engine.engine.submit({ name, tenant: SYSTEM_TENANT, fields })
  return result
}

const hold = (replica: string, sequence: number) => submit('maintenance.hold', { replica, sequence })
const moveHorizon = () => submit('maintenance.moveHorizon', {})
const remove = (replica: string) => submit('maintenance.removeReplica', { replica })
const last = (): number => engine.stream.bounds().last

/** As if the log had said so. */
const verify = async (sequence: number): Promise<void> => {
  const state = new Overlay(engine.store)
  putCheckpoint(state, { sequence: sequence as Sequence, digest: 'd' })
  await engine.store.write(state.changes(), { sync: false })
}

describe('holds', () => {
  test('K1 H1 a hold registers the replica, moves up, and never falls', async () => {
    expect(readHolds(engine.store)).toEqual({})
    expect(await hold('b', 5)).toEqual({ sequence: 5 })
    expect(await hold('a', 0)).toEqual({ sequence: 0 })
    expect(await hold('b', 9)).toEqual({ sequence: 9 })
    const before = last()
    for (const sequence of [9, 8, 0]) expect(await hold('b', sequence)).toEqual({ sequence: 9 })
    expect(last()).toBe(before)
    expect(readHolds(engine.store)).toEqual({ a: 0, b: 9 })
  })

  test('K1 H1 a hold never stands above what the leader has applied', async () => {
    const applied = last()
    expect(await hold('a', applied + 1_000)).toEqual({ sequence: applied })
  })

  test.each(['__proto__', 'constructor', 'toString'])('K1 %s is the name of a replica like others', async (name) => {
    await hold(name, 3)
    await hold('b', 4)
    expect(Object.entries(readHolds(engine.store))).toEqual(expect.arrayContaining([[name, 3]]))
    expect(await remove(name)).toEqual({ removed: true })
    expect(readHolds(engine.store)).toEqual({ b: 4 })
  })

  test('K1 H4 the last replica is never removed, and one that is not there is gone already', async () => {
    await hold('a', 3)
    expect(await remove('a')).toEqual({ removed: false })
    await hold('b', 4)
    expect(await remove('a')).toEqual({ removed: true })
    expect(await remove('a')).toEqual({ removed: true })
    expect(readHolds(engine.store)).toEqual({ b: 4 })
  })

  test('K1 a replica that was removed may register again, lower than it stood', async () => {
    await hold('a', 9)
    await hold('b', 9)
    await remove('a')
    expect(await hold('a', 2)).toEqual({ sequence: 2 })
  })

  test.each([
    [{ replica: 'a', sequence: -1 }, 'sequence'],
    [{ replica: 'a', sequence: 0.5 }, 'sequence'],
    [{ replica: 'a', sequence: Number.NaN }, 'sequence'],
    [{ replica: '', sequence: 1 }, 'replica'],
    [{ replica: 'a.b', sequence: 1 }, 'replica'],
    [{ replica: 'a'.repeat(65), sequence: 1 }, 'replica'],
  ])('P10 %j is refused', async (fields, field) => {
    await expect(submit('maintenance.hold', fields)).rejects.toMatchObject({
      code: 'INVALID_FIELD',
      details: { field },
    })
    expect(readHolds(engine.store)).toEqual({})
  })

  test('P11 replicas are bounded in number', async () => {
    for (let n = 0; n < 64; n += 1) await hold(`replica-${n}`, 1)
    await expect(hold('one-more', 1)).rejects.toMatchObject({ details: { field: 'replica', limit: 64 } })
    expect(await hold('replica-7', 2)).toEqual({ sequence: 2 })
  })

  test('P8 K1 the row does not depend on who registered first', () => {
    const rowOf = (holds: Readonly<Record<string, number>>): Uint8Array | undefined => {
      const state = new Overlay(new MemoryStore())
      putHolds(state, holds)
      return state.get(holdsKey())
    }
    expect(rowOf({ a: 1, b: 2, 10: 3 })).toEqual(rowOf({ b: 2, 10: 3, a: 1 }))
  })
})

describe('the horizon of the log', () => {
  test('K1 H2 P9 it moves up to the lowest hold and not past it, and never back', async () => {
    expect(readLogHorizon(engine.store)).toBe(1)
    await verify(20)
    await hold('a', 8)
    await hold('b', 5)
    const atB = { horizon: 5, reason: 'lowest hold sequence=5 replica=b' }
    expect(await moveHorizon()).toEqual(atB)
    expect(await moveHorizon()).toEqual(atB)
    expect(readLogHorizon(engine.store)).toBe(5)
    await hold('b', 9)
    expect(await moveHorizon()).toEqual({ horizon: 8, reason: 'lowest hold sequence=8 replica=a' })
  })

  test('K1 H2 P9 it moves up to the newest verified checkpoint, and not at all without one', async () => {
    await hold('a', 8)
    expect(await moveHorizon()).toEqual({ horizon: 1, reason: 'no verified checkpoint' })
    await verify(4)
    expect(await moveHorizon()).toEqual({ horizon: 4, reason: 'newest verified checkpoint sequence=4' })
    await verify(3)
    expect(await moveHorizon()).toMatchObject({ horizon: 4 })
  })

  test('K1 H2 P9 it does not move while nobody is registered', async () => {
    await verify(20)
    expect(await moveHorizon()).toEqual({ horizon: 1, reason: 'no replica is registered' })
  })

  test('K1 H3 P9 a replica that needs what may be gone cannot register', async () => {
    await verify(6)
    await hold('a', 8)
    await moveHorizon()
    await expect(hold('b', 5)).rejects.toMatchObject({ code: 'INVALID_FIELD', details: { limit: 6 } })
    expect(await hold('b', 6)).toEqual({ sequence: 6 })
  })

  test('K1 H3 P9 of a registration and a move that come together, the log says which was first', async () => {
    await verify(9)
    await hold('a', 9)
    const late = hold('b', 4)
    const moved = moveHorizon()
    const later = hold('c', 3)
    expect(await late).toEqual({ sequence: 4 })
    expect(await moved).toMatchObject({ horizon: 4 })
    await expect(later).rejects.toMatchObject({ details: { field: 'sequence', limit: 4 } })
  })
})

test('P8 K1 holds and horizon are part of the state, and a rebuild from the log reaches the same digest', async () => {
  await hold('b', 5)
  await hold('a', 8)
  await hold('c', 3)
  await remove('c')
  await verify(4)
  await moveHorizon()
  await engine.store.write([{ key: checkpointKey(), value: undefined }], { sync: false })
  const digest = await engine.engine.digest()
  await engine.engine.close()
  const rebuilt = await openTestEngine({ stream: engine.stream })
  expect(await rebuilt.engine.digest()).toEqual(digest)
  expect(readHolds(rebuilt.store)).toEqual({ a: 8, b: 5 })
  expect(readLogHorizon(rebuilt.store)).toBe(4)
})
