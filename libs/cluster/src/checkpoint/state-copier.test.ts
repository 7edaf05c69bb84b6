import { openTestEngine } from '@waggle/engine/testing'
import { silentLogger, systemTimers } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import type { Generation, Sequence } from '@waggle/protocol'
import { expect, test } from 'vitest'
import { StateCopier } from './state-copier.ts'

const NOW_MS = 1_700_000_000_000
const DAY_MS = 24 * 60 * 60 * 1_000

test.each([
  ['one of now, by a replica that follows', 0, false, true],
  ['one out of the past, by a replica that reads its log again', DAY_MS, false, false],
  // As after its clock was set forward: the time of records follows slowly (L8), and nothing is purged without digests.
  ['its own, by a leader whose log is behind its clock', DAY_MS, true, true],
])('K3 C4 a digest is asked for: %s', async (_, behindMs, isAwaited, isTaken) => {
  const { store } = await openTestEngine()
  const copier = new StateCopier({
    ...{ shard: 0, generation: 'aaaaaaaaaaaaaaaa' as Generation, node: 'n1', store },
    shelf: { put: () => Promise.reject(new Error('no')) } as never,
    ...{ clock: manualClock(NOW_MS), timers: systemTimers, logger: silentLogger },
    timeMs: () => NOW_MS - behindMs,
    isAwaited: () => isAwaited,
    onWrong: () => undefined,
  })
  copier.said({ kind: 'digest', writer: 'n2', sequence: 7 as Sequence })
  await expect.poll(() => copier.digestAt(7) !== undefined, { timeout: isTaken ? 5_000 : 50 }).toBe(isTaken)
  await copier.close()
  expect(copier.digestAt(7) !== undefined).toBe(isTaken)
})
