/** What `npm test` runs of the simulation: a few seeds twice, every seed that ever failed, and the quickest mutants. */
import { readFileSync } from 'node:fs'
import { systemTimers } from '@waggle/kernel'
import { describe, expect, it } from 'vitest'
import type { FaultPlan } from '../faults/fault-plan.ts'
import { wrappingMutants } from '../mutants/wrapping-mutants.ts'
import { runSeed, type SeedRun } from './run-seed.ts'

const settle = (): Promise<void> => systemTimers.yield()

/** Seeds that failed once, one a line; what stands behind the number says what was wrong. */
const failedSeeds = readFileSync(new URL('../../seeds.txt', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => Number(line.split('#')[0]))
  .filter((seed) => seed > 0)

const sameIn = ({ trace, nextRandom, simulatedMs, events }: SeedRun) => ({ trace, nextRandom, simulatedMs, events })

describe('a simulated cluster', () => {
  it.each([1, 4])('seed %i keeps every promise (P1, P2, P4-P6, P8, P9), and is the same twice', async (seed) => {
    const run = await runSeed({ seed, settle })
    expect(run.findings).toEqual([])
    expect(run.commands).toBeGreaterThanOrEqual(500)
    expect(sameIn(await runSeed({ seed, settle }))).toEqual(sameIn(run))
  })

  it.each(failedSeeds)('seed %i, which failed once, keeps every promise', async (seed) => {
    expect((await runSeed({ seed, settle })).findings).toEqual([])
  })

  it('two seeds are two histories', async () => {
    const [one, other] = [await runSeed({ seed: 2, settle }), await runSeed({ seed: 3, settle })]
    expect(one.trace).not.toBe(other.trace)
  })
})

const SEEDS_MAX = 4

/** What these mistakes are about, often: so that a seed or two find them. */
const harsh = (plan: FaultPlan): FaultPlan => ({
  ...plan,
  gapMs: 500,
  servers: { ...plan.servers, lostAckRate: 0.05, latePublishRate: 0.05, lateMsMax: 4_000 },
  weights: { ...plan.weights, streamElection: 3, powerCut: 0.5, kill: 0.5 },
})

describe('mutants', () => {
  it.each(Object.entries(wrappingMutants))('%s is found', async (_, wrapping) => {
    for (let seed = 1; seed <= SEEDS_MAX; seed += 1)
      if ((await runSeed({ seed, settle, wrapping, change: harsh })).findings.length > 0) return
    expect.unreachable(`not found within ${SEEDS_MAX} seeds`)
  })
})
