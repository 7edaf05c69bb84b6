import { beforeEach, describe, expect, test } from 'vitest'
import type { CommandName } from '../command/decide.ts'
import { SYSTEM_TENANT } from '@waggle/protocol'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { putHolds, readHolds, readLogHorizon } from './hold-rows.ts'
import { holdsKey } from '../state/keyspace.ts'
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
const moveHorizon = (sequence: number) => submit('maintenance.moveHorizon', { sequence })
const remove = (replica: string) => submit('maintenance.removeReplica', { replica })
const last = (): number => engine.stream.bounds().last

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
    await hold('a', 8)
    await hold('b', 5)
    await expect(moveHorizon(6)).rejects.toMatchObject({ code: 'INVALID_FIELD', details: { limit: 5 } })
    expect(await moveHorizon(5)).toEqual({ sequence: 5 })
    const before = last()
    expect(await moveHorizon(4)).toEqual({ sequence: 5 })
    expect(last()).toBe(before)
    expect(readLogHorizon(engine.store)).toBe(5)
  })

  test('K1 H2 P9 it does not move while nobody is registered', async () => {
    await expect(moveHorizon(2)).rejects.toMatchObject({ code: 'INVALID_FIELD', details: { limit: 1 } })
  })

  test('K1 H3 P9 a replica that needs what may be gone cannot register', async () => {
    await hold('a', 8)
    await moveHorizon(6)
    await expect(hold('b', 5)).rejects.toMatchObject({ code: 'INVALID_FIELD', details: { limit: 6 } })
    expect(await hold('b', 6)).toEqual({ sequence: 6 })
  })
})

test('P8 K1 holds and horizon are part of the state, and a rebuild from the log reaches the same digest', async () => {
  await hold('b', 5)
  await hold('a', 8)
  await hold('c', 3)
  await remove('c')
  await moveHorizon(4)
  const digest = await engine.engine.digest()
  await engine.engine.close()
  const rebuilt = await openTestEngine({ stream: engine.stream })
  expect(await rebuilt.engine.digest()).toEqual(digest)
  expect(readHolds(rebuilt.store)).toEqual({ a: 8, b: 5 })
  expect(readLogHorizon(rebuilt.store)).toBe(4)
})
