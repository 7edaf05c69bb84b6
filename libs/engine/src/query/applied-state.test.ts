import type { CollectiveId, ExperienceId, Sequence } from '@waggle/protocol'
import { decodeToken } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import type { BatchLog } from '../log/batch-log.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { openTestEngine } from '../testing/test-engine.ts'
import { AppliedState } from './applied-state.ts'

const write = async (store: MemoryStore, value: number): Promise<void> =>
  store.write([{ key: Uint8Array.of(1), value: Uint8Array.of(value) }], { sync: true })

const valueIn = (state: { get(key: Uint8Array): Uint8Array | undefined }) => state.get(Uint8Array.of(1))?.[0]

/** A log whose appends reach the store at once, and are answered when the test says so. */
const slowToAnswer = (log: BatchLog, answer: () => Promise<void>): BatchLog => ({
  generation: log.generation,
  bounds: () => log.bounds(),
  read: (from) => log.read(from),
  readAgain: (sequence) => log.readAgain(sequence),
  async append(append) {
    const outcome = await log.append(append)
    await answer()
    return outcome
  },
})

describe('AppliedState', () => {
  test('R1 a reading sees one moment from beginning to end, and the newest when it asks for it', async () => {
    const store = new MemoryStore()
    await write(store, 1)
    const applied = new AppliedState(store, 1 as Sequence)
    await write(store, 2)
    await applied.read(async (reading) => {
      expect([valueIn(reading.state), reading.sequence]).toEqual([1, 1])
      applied.advance(2 as Sequence)
      expect([valueIn(reading.state), reading.sequence]).toEqual([1, 1])
      reading.renew()
      expect([valueIn(reading.state), reading.sequence]).toEqual([2, 2])
    })
    expect(applied.read(({ sequence }) => sequence)).toBe(2)
  })

  test('R3 closing waits for the readings that were begun', async () => {
    const applied = new AppliedState(new MemoryStore(), 0 as Sequence)
    const order: string[] = []
    const reading = applied.read(async ({ state }) => {
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      order.push(`read ${String(valueIn(state))}`)
    })
    const closing = applied.close().then(() => order.push('closed'))
    await Promise.all([reading, closing])
    expect(order).toEqual(['read undefined', 'closed'])
  })

  test('R1 R3 a reading ends with what it returns, at once or late, and with a fault', async () => {
    const store = new MemoryStore()
    const open = new Set<object>()
    const snapshot = store.snapshot.bind(store)
    store.snapshot = () => {
      const made = snapshot()
      open.add(made)
      const close = made.close.bind(made)
      made.close = async () => {
        open.delete(made)
        return close()
      }
      return made
    }
    const applied = new AppliedState(store, 1 as Sequence)
    expect(applied.read(({ sequence }) => sequence)).toBe(1)
    const refuse = (): never => {
      throw new Error('refused')
    }
    expect(() => applied.read(refuse)).toThrow('refused')
    await expect(applied.read(async () => refuse())).rejects.toThrow('refused')
    let goOn = (): void => undefined
    const late = applied.read(async ({ sequence }) => {
      await new Promise<void>((resolve) => (goOn = resolve))
      return sequence
    })
    applied.advance(2 as Sequence)
    expect(open.size).toBe(2)
    goOn()
    expect(await late).toBe(1)
    await applied.close()
    expect(open.size).toBe(0)
  })

  test('P3 R2 a batch that the store has, and nobody was told of yet, is not read, whole or half', async () => {
    let answer = (): void => undefined
    const engine = await openTestEngine({
      wrapLog: (log) => slowToAnswer(log, () => new Promise((resolve) => (answer = resolve))),
    })
    const settled = async <Result>(call: Promise<Result>): Promise<Result> => {
      const progress = { done: false }
      const watched = call.finally(() => (progress.done = true))
      while (!progress.done) {
        answer()
        await new Promise((resolve) => setImmediate(resolve))
      }
      return watched
    }
    const { collective } = await settled(engine.call('collective.create', { name: 'bees', dimension: 1 }))
    const { id } = collective as { id: CollectiveId }
    const inCollective = { collective: id }
    const recording = engine.call('experience.record', { ...inCollective, content: 'x', embedding: [1] })
    while (engine.stream.bounds().last < 3) await new Promise((resolve) => setImmediate(resolve))
    const early = await engine.call('experience.list', inCollective)
    expect([early.items, decodeToken(early.token).sequence]).toEqual([[], 2])
    const recorded = await settled(recording)
    const late = await engine.call('experience.list', inCollective)
    expect((late.items as { id: ExperienceId }[]).map((item) => item.id)).toEqual([recorded.id])
    expect(late.token).toBe(recorded.token)
  })
})
