import { recordedMetrics } from '@waggle/kernel/testing'
import { metricTable } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { gateLog, type GatedLog } from './testing/gated-log.ts'
import { openHive } from './testing/watched-hive.ts'

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('what an engine tells in numbers', () => {
  test('P2 a write that is answered from what is remembered is counted', async () => {
    const recorded = recordedMetrics()
    const hive = await openHive({ metrics: recorded.metrics })
    await hive.record({ idempotencyKey: 'one' })
    expect(recorded.value(metricTable.dedupHits)).toBeUndefined()
    await hive.record({ idempotencyKey: 'one' })
    expect(recorded.value(metricTable.dedupHits)).toBe(1)
  })

  test('a search tells among how many vectors it looked, and they are counted while they are in memory', async () => {
    const recorded = recordedMetrics()
    const hive = await openHive({ metrics: recorded.metrics })
    await hive.recordMany(7)
    expect(hive.engine.engine.figures().vectors).toBe(0)
    await hive.call('experience.search', { embedding: [1, 0], k: 2 })
    expect(recorded.values(metricTable.searchCandidates)).toEqual([7])
    expect(hive.engine.engine.figures()).toMatchObject({ vectors: 7, recall: undefined })
  })

  test('a watcher tells how far it is behind, and is counted while it waits', async () => {
    const recorded = recordedMetrics()
    const hive = await openHive({ metrics: recorded.metrics })
    const { next } = await hive.next()
    for (let n = 0; n < 3; n += 1) await hive.record()
    await hive.next({ from: next })
    expect(recorded.values(metricTable.watchLag)).toEqual([3])
    const waiting = hive.next({ waitMs: 20_000 })
    await settle()
    expect(hive.engine.engine.figures().watchers).toBe(1)
    await hive.record()
    await waiting
    expect(hive.engine.engine.figures().watchers).toBe(0)
  })

  test('P11 writes that wait behind an append are counted', async () => {
    let gate: GatedLog | undefined
    const opening = openHive({ wrapLog: (log) => (gate = gateLog(log)).log })
    await settle()
    for (let appends = 0; appends < 2; appends += 1) await gate?.release()
    const hive = await opening
    // The first is under way, 64 are decided behind it.
    const first = hive.record()
    await settle()
    const writes = Array.from({ length: 70 }, () => hive.record())
    await settle()
    expect(hive.engine.engine.figures().writes).toBe(6)
    for (let appends = 0; appends < 3; appends += 1) await gate?.release()
    await Promise.all([first, ...writes])
    expect(hive.engine.engine.figures().writes).toBe(0)
  })
})
