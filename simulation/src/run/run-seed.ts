/** One seed: a cluster lives through its faults, is healed, and is judged. */
import { silentLogger, type Logger } from '@waggle/kernel'
import { judge, shardOf } from '../checkers/judge.ts'
import type { Purge } from '../checkers/check-purges.ts'
import { missingReplicas } from '../checkers/missing-replicas.ts'
import { SimulatedCluster, type PortWrapping } from '../cluster/simulated-cluster.ts'
import { FaultCounts } from '../faults/fault-counts.ts'
import { drawPlan, type FaultPlan } from '../faults/fault-plan.ts'
import { Nemesis } from '../faults/nemesis.ts'
import { Workload } from '../workload/workload.ts'
import { World } from '../world/world.ts'
import { Witness } from './witness.ts'
import type { Finding } from './verdict.ts'

export interface SeedOptions {
  readonly seed: number
  readonly settle: () => Promise<void>
  readonly wrapping?: PortWrapping
  /** Makes another plan of the one that the seed draws. */
  readonly change?: (plan: FaultPlan) => FaultPlan
  /** Where processes say what they do; absent: nowhere. */
  readonly logger?: (process: string, nowMs: () => number) => Logger
}

export interface SeedRun {
  readonly seed: number
  readonly findings: readonly Finding[]
  readonly plan: FaultPlan
  readonly faults: FaultCounts
  readonly events: number
  readonly commands: number
  readonly simulatedMs: number
  /** For the test of determinism. */
  readonly trace: string
  readonly nextRandom: number
}

/** Milliseconds of simulated time. */
const BEGIN_MS_MAX = 60_000
const WORK_MS_MAX = 60_000
const SETTLE_MS_MAX = 90_000
const REST_MS = 1_000

const shape = { nodes: 3, routers: 2, compactors: 2, shards: 2, copies: 2, journalKeepMs: 600_000 }
const work = { agents: 4, commandsOfAgent: 130, restMs: 120 }

export const runSeed = async (options: SeedOptions): Promise<SeedRun> => {
  const { seed, settle, wrapping, logger, change } = options
  const world = new World({ seed, settle })
  const faults = new FaultCounts()
  const witness = new Witness(() => world.nowMs)
  const cluster = new SimulatedCluster({
    ...{ world, faults, shape },
    logger: (process) => witness.logger(process, logger?.(process, () => world.nowMs) ?? silentLogger),
    ...(wrapping === undefined ? {} : { wrapping }),
  })
  const purges: Purge[] = []
  cluster.servers.onPurge = ({ config, last }, below) =>
    purges.push({ shard: shardOf(config.subjects?.[0]), below, last })
  const workload = new Workload(cluster, work)
  const drawn = drawPlan(world.dice.fork())
  const plan = change?.(drawn) ?? drawn
  void workload.begin()
  const liveness: string[] = []
  if (!(await world.run(BEGIN_MS_MAX, () => workload.isReady))) liveness.push('no cluster came up')
  const nemesis = new Nemesis({
    ...{ cluster, plan, faults, dice: world.dice.fork(), clients: workload.clients },
    isHalted: ({ name }) => witness.halted.has(name),
  })
  await world.run(world.nowMs + WORK_MS_MAX, () => workload.isDone)
  nemesis.heal()
  const untilMs = world.nowMs + SETTLE_MS_MAX
  if (!(await world.run(untilMs, () => workload.isDone))) liveness.push(`commands stay open: ${workload.open}`)
  void workload.probe()
  const hasSettled = (): boolean => workload.isProbed && workload.hasSeenAll && missingReplicas(cluster).length === 0
  if (!(await world.run(untilMs + SETTLE_MS_MAX, hasSettled)))
    liveness.push(`the healed cluster does not settle: ${[...missingReplicas(cluster), workload.open].join('; ')}`)
  await world.run(world.nowMs + REST_MS, () => false)
  const findings: Finding[] = [
    ...witness.findings,
    ...workload.history.bugs.map((what) => ({ verdict: 'crash', what }) as const),
    ...(await judge(cluster, workload.history, purges)).map((what) => ({ verdict: 'correctness', what }) as const),
    ...liveness.map((what) => ({ verdict: 'liveness', what }) as const),
  ]
  return {
    ...{ seed, findings, plan, faults, events: world.events },
    ...{ commands: workload.history.commands, simulatedMs: world.nowMs },
    ...{ trace: world.trace, nextRandom: world.dice.uint32() },
  }
}
