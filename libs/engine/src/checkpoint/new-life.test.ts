/** A state that goes on in another generation: what of it stays the same, and where its log begins. */
import { SYSTEM_TENANT, type Generation, type Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import type { Reply } from '../engine.ts'
import { readPosition } from '../recovery/position.ts'
import type { KeyValueStore } from '../store/key-value-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { openTestEngine } from '../testing/test-engine.ts'
import { dumpState } from './state-dump.ts'
import { unpaced } from './state-frames.ts'
import { holdsCollectives } from './holds-collectives.ts'
import { inspectDump } from './inspect-dump.ts'
import { restoreState, type NewLife } from './state-restore.ts'

type Created = Reply & { readonly collective: { readonly id: string } }

const NEXT = '00112233aabbccdd' as Generation

const filled = async () => {
  const opened = await openTestEngine()
  for (let n = 0; n < 20; n += 1) await opened.call('collective.create', { name: `n ${n}`, dimension: 2 })
  return opened
}

const bytesOf = async (store: KeyValueStore): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = []
  for await (const piece of dumpState(store.snapshot(), unpaced).pieces) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function* cut(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 333) yield bytes.subarray(at, at + 333)
}

const inspected = async (store: KeyValueStore) => inspectDump(cut(await bytesOf(store)), unpaced)

describe('a state in a new life of its log', () => {
  test('E4 K4 P8 is what it was but for generation and sequence: equal content, another digest', async () => {
    const { store, engine } = await filled()
    const before = await inspected(store)
    expect(before).toMatchObject({ ...(await engine.digest()), generation: engine.generation })
    expect(before.contentRows).toBeGreaterThan(20)
    const restored = new MemoryStore()
    const applied = (before.sequence + 1_000) as Sequence
    const judged: string[] = []
    await restoreState(restored, cut(await bytesOf(store)), {
      pace: unpaced,
      judge: ({ digest }): NewLife => {
        judged.push(digest)
        return { generation: NEXT, applied }
      },
    })
    expect(judged).toEqual([before.digest])
    const after = await inspected(restored)
    expect(after).toMatchObject({ generation: NEXT, sequence: applied, content: before.content })
    expect(after.digest).not.toBe(before.digest)
    // Its predecessor is the last record that took effect, in whatever life.
    expect(readPosition(restored)?.tip).toEqual(readPosition(store)?.tip)
    await engine.close()
  })

  test('E4 E1 what is judged to be another one leaves no state', async () => {
    const { store, engine } = await filled()
    const restored = new MemoryStore()
    const judge = (): never => {
      throw new Error('another one')
    }
    await expect(restoreState(restored, cut(await bytesOf(store)), { pace: unpaced, judge })).rejects.toThrow(
      'another one',
    )
    expect(readPosition(restored)).toBeUndefined()
    await engine.close()
  })

  test('P8 the content changes as soon as a tenant writes, and not for a record of the cluster’s own', async () => {
    const opened = await filled()
    const { store, engine } = opened
    const before = await inspected(store)
    await engine.submit({ name: 'maintenance.requestDigest', tenant: SYSTEM_TENANT, fields: { writer: 'a' } })
    const own = await inspected(store)
    expect([own.content, own.digest === before.digest]).toEqual([before.content, false])
    const { collective } = (await opened.call('collective.create', { name: 'one more', dimension: 2 })) as Created
    expect((await inspected(store)).content).not.toBe(before.content)
    // What a deleted collective has left is nobody's, before it is swept and after.
    const created = await inspected(store)
    await opened.call('experience.record', { collective: collective.id, content: 'x', embedding: [1, 0] })
    await opened.call('collective.delete', { collective: collective.id })
    const deleted = await inspected(store)
    expect(deleted.contentRows).toBeLessThan(created.contentRows)
    await engine.close()
  })
})

test('K4 a state is empty as long as no tenant has a collective, whatever deleted ones have left', async () => {
  const opened = await openTestEngine()
  const { store, engine } = opened
  expect(await holdsCollectives(store)).toBe(false)
  const { collective } = (await opened.call('collective.create', { name: 'one', dimension: 2 })) as Created
  expect(await holdsCollectives(store)).toBe(true)
  await opened.call('collective.delete', { collective: collective.id })
  expect(await holdsCollectives(store)).toBe(false)
  await engine.close()
})
