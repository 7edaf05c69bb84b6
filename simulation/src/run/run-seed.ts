/** One seed: a cluster lives through its faults, is healed, and is judged. */
import { silentLogger, type Logger } from '@waggle/kernel'
import { SimulatedCluster, type PortWrapping } from '../cluster/simulated-cluster.ts'
import { FaultCounts } from '../faults/fault-counts.ts'
import { Workload } from '../workload/workload.ts'
import { World } from '../world/world.ts'
import type { Finding } from './verdict.ts'

export interface SeedOptions {
  readonly seed: number
  readonly settle: () => Promise<void>
  readonly wrapping?: PortWrapping
  /** Where processes say what they do; absent: nowhere. */
  readonly logger?: (process: string, nowMs: () => number) => Logger
}

export interface SeedRun {
  readonly seed: number
  readonly findings: readonly Finding[]
  readonly faults: FaultCounts
  readonly events: number
  readonly commands: number
  readonly simulatedMs: number
  /** For the test of determinism. */
  readonly trace: string
  readonly nextRandom: number
}

export const runSeed = async ({ seed, settle, wrapping, logger }: SeedOptions): Promise<SeedRun> => {
  const world = new World({ seed, settle })
  const faults = new FaultCounts()
  const cluster = new SimulatedCluster({
    ...{ world, faults, shape: { nodes: 3, routers: 2, compactors: 2, shards: 2, copies: 2, journalKeepMs: 600_000 } },
    logger: (process) => logger?.(process, () => world.nowMs) ?? silentLogger,
    ...(wrapping === undefined ? {} : { wrapping }),
  })
  const workload = new Workload(cluster, { agents: 4, commandsOfAgent: 125, restMs: 50 })
  void workload.begin()
  const findings: Finding[] = []
  const isReady = await world.run(60_000, () => workload.isReady)
  if (!isReady) findings.push({ verdict: 'liveness', what: 'no cluster came up' })
  await world.run(120_000, () => workload.isDone)
  void workload.probe()
  const isOver = await world.run(world.nowMs + 60_000, () => workload.isProbed && workload.hasSeenAll)
  if (!isOver) findings.push({ verdict: 'liveness', what: 'the cluster does not settle' })
  const { history } = workload
  return {
    ...{ seed, findings, faults, events: world.events, commands: history.commands, simulatedMs: world.nowMs },
    ...{ trace: world.trace, nextRandom: world.dice.uint32() },
  }
}
