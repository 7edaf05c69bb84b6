/**
 * What does a request cost on its way through router and shard, beside the least that the bus itself takes? Starts a
 * cluster and goes every way in turns: a record, beside a bare publish of the same bytes to a stream that is configured
 * as a log is, and beside a request of the same bytes that is forwarded once and answered; and a read beside such a
 * request. Fails when the collective does not hold as many records as were acknowledged.
 */
import { Waggle } from '@waggle/client'
import { hexOf, systemRandom } from '@waggle/kernel'
import type { Benchmark } from '../benchmark.ts'
import { clusterCpuUs, withOwnCluster, type OwnCluster } from '../cluster/own-cluster.ts'
import { cpuUsOf } from '../cluster/usage.ts'
import { wholeNumber } from '../command-line.ts'
import { reportBus, type BusFigures, type Comparison } from './bus-report.ts'
import { runLap, type Lap, type Way } from './laps.ts'
import { connectAs, startRelay, type Access, type Relay } from './relay.ts'
import { openWays, type Ways } from './ways.ts'

const ROUNDS = 7
/** Calls of one way before it is the next way's turn. */
const CALLS_ALONE = 150
const CALLS_AT_ONCE = 1_024
const WIDTH = 64
const DIMENSION = 384
const IDLE_MS = 3_000

export const bus: Benchmark = {
  usage: 'bus [--rounds N] [--nodes N] [--dir DIR] [--out FILE]',
  options: ['rounds', 'nodes'],
  async run(values) {
    const rounds = wholeNumber(values, 'rounds', { absent: ROUNDS, min: 1 })
    const nodes = wholeNumber(values, 'nodes', { absent: 1, min: 1 })
    const user = 'bench'
    const password = hexOf(systemRandom.bytes(16))
    const everything = { allow: ['>'] }
    const users = [{ user, password, permissions: { publish: everything, subscribe: everything } }]
    const figures = await withOwnCluster({ parent: values.dir, nodes, users }, async (cluster) =>
      measure(cluster, { server: cluster.running.url, user, password }, rounds),
    )
    return reportBus({ ...figures, nodes })
  },
}

const measure = async (cluster: OwnCluster, access: Access, rounds: number): Promise<Omit<BusFigures, 'nodes'>> => {
  const connection = await connectAs(access)
  const waggle = await Waggle.connect({ servers: access.server })
  const relay = await startRelay(access)
  try {
    const hive = await waggle.createCollective({ name: 'bus', dimension: DIMENSION })
    const ways = await openWays({
      ...{ connection, hive, shards: cluster.running.shards, folder: cluster.folder, width: WIDTH },
    })
    const cpuUs = cpuMeter(cluster, relay)
    const idle = await idleCpu(cpuUs)
    const comparisons = await compare(ways, rounds, cpuUs)
    const { experienceCount } = await hive.stats()
    ways.close()
    return {
      rounds,
      width: WIDTH,
      ...comparisons,
      idle,
      ...ways.sizes,
      recorded: ways.recorded(),
      found: experienceCount,
    }
  } finally {
    await relay.stop()
    await waggle.close()
    await connection.close()
  }
}

type CpuMeter = () => Readonly<Record<string, number>>

const cpuMeter =
  (cluster: OwnCluster, relay: Relay): CpuMeter =>
  () => {
    const { user, system } = process.cpuUsage()
    return {
      client: user + system,
      ...clusterCpuUs(cluster),
      forwarder: cpuUsOf(relay.forwarder),
      responder: cpuUsOf(relay.responder),
    }
  }

/** What beats and timers take while nobody asks anything: microseconds a second. */
const idleCpu = async (cpuUs: CpuMeter): Promise<Readonly<Record<string, number>>> => {
  const before = cpuUs()
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  const spent = Object.entries(cpuUs()).map(([name, us]) => [name, ((us - (before[name] ?? 0)) * 1_000) / IDLE_MS])
  return Object.fromEntries(spent) as Readonly<Record<string, number>>
}

type Comparisons = Pick<BusFigures, 'writesAlone' | 'writesAtOnce' | 'readsAlone' | 'readsAtOnce'>

/** Every way once a round, after one that counts for nothing: the first calls compile what they need. */
const compare = async (ways: Ways, rounds: number, cpuUs: CpuMeter): Promise<Comparisons> => {
  const { writes, reads } = ways
  const plans = {
    writesAlone: { ways: [...writes, ...ways.writesAlone], width: 1 },
    writesAtOnce: { ways: writes, width: WIDTH, more: ways.grouped },
    readsAlone: { ways: reads, width: 1 },
    readsAtOnce: { ways: reads, width: WIDTH },
  } as const satisfies Record<keyof Comparisons, Plan>
  const laps = Object.keys(plans).map((name) => [name, new Map<string, Lap[]>()] as const)
  for (let round = 0; round <= rounds; round += 1)
    for (const [name, collected] of laps) {
      const plan = plans[name as keyof Comparisons]
      for (const [way, lap] of await lapsOf(plan, cpuUs)) if (round > 0) noteLap(collected, way, lap)
    }
  return Object.fromEntries(laps.map(([name, collected]) => [name, rowsOf(collected)])) as unknown as Comparisons
}

interface Plan {
  readonly ways: readonly Way[]
  readonly width: number
  /** Gone one call after the other, each of which is worth many. */
  readonly more?: Way
}

const lapsOf = async ({ ways, width, more }: Plan, cpuUs: CpuMeter): Promise<readonly (readonly [string, Lap])[]> => {
  const calls = width === 1 ? CALLS_ALONE : CALLS_AT_ONCE
  const done: (readonly [string, Lap])[] = []
  for (const way of ways) done.push([way.name, await runLap(way, { calls, width, cpuUs })])
  if (more !== undefined) {
    const count = Math.ceil(calls / (more.records ?? 1))
    done.push([more.name, await runLap(more, { calls: count, width: 1, cpuUs })])
  }
  return done
}

const noteLap = (collected: Map<string, Lap[]>, way: string, lap: Lap): void => {
  const before = collected.get(way)
  if (before === undefined) collected.set(way, [lap])
  else before.push(lap)
}

const rowsOf = (collected: ReadonlyMap<string, readonly Lap[]>): Comparison =>
  [...collected].map(([way, laps]) => ({ way, laps }))
