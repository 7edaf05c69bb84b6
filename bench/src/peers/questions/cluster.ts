/**
 * What does a cluster cost beside the bus that it stands on, and beside servers that keep vectors? One nats-server that
 * syncs every message before it acknowledges it, one router, one shard process.
 */
import { dirname } from 'node:path'
import { Waggle } from '@waggle/client'
import { hexOf, systemRandom } from '@waggle/kernel'
import { runLap, type Lap, type Way } from '../../bus/laps.ts'
import { connectAs, startRelay, type Access } from '../../bus/relay.ts'
import { FORWARD, openWays, PUBLISH } from '../../bus/ways.ts'
import { withOwnCluster, type OwnCluster } from '../../cluster/own-cluster.ts'
import { median } from '../../statistics.ts'
import { DIMENSION } from '../../vectors/vector-set.ts'
import { withArguments, type Contest, type Question } from '../contest.ts'
import type { Goal } from '../goal.ts'
import { runProgram } from '../program.ts'
import { over, type Round } from '../reading.ts'
import { chroma, postgres, withServer, type ServerPlan } from '../servers.ts'

const [CLUSTER, BUS, PGVECTOR, CHROMA] = ['Waggle cluster', 'NATS', 'pgvector', 'Chroma'] as const
const RECORD = 'record, @waggle/client'
const GET = 'get, @waggle/client'

const TURNS = 5
const CALLS_ALONE = 100
const CALLS_AT_ONCE = 2_048
const WIDTH = 64
const PEER_MS_MAX = 300_000

const rateOver =
  (peer: string) =>
  (round: Round): number | undefined =>
    over(round.value(CLUSTER, 'record, 64 callers', 'perSecond'), round.value(peer, 'record, 64 callers', 'perSecond'))

const goals: readonly Goal[] = [
  {
    ...{ work: 'record on a cluster, 1 caller', figure: 'p50 ÷ raw publish', most: 1.6 },
    value: (round) => over(round.value(CLUSTER, 'record, 1 caller', 'p50Us'), round.value(BUS, 'publish', 'p50Us')),
  },
  ...[
    { peer: PGVECTOR, least: 8 },
    { peer: CHROMA, least: 50 },
  ].map(({ peer, least }) => ({
    ...{ work: 'record on a cluster, 64 callers', figure: `rate ÷ ${peer}`, least, peer },
    value: rateOver(peer),
  })),
  {
    ...{ work: 'get on a cluster', figure: 'p50 ÷ forwarded request', most: 1.5 },
    value: (round) => over(round.value(CLUSTER, 'get', 'p50Us'), round.value(BUS, 'forwarded request', 'p50Us')),
  },
]

export const cluster: Question = {
  name: 'cluster',
  goals,
  sizes: ['small'],
  async measure(contest) {
    const { peers, pgvector } = contest.parts
    const python = await peers.python('servers.py')
    await contest.inTurns([
      async () => measureCluster(contest),
      async () => measureServer(contest, PGVECTOR, postgres(pgvector)),
      async () => measureServer(contest, CHROMA, 'absent' in python ? python : chroma(dirname(python.program.file))),
    ])
  },
}

const measureServer = async (
  contest: Contest,
  name: typeof PGVECTOR | typeof CHROMA,
  plan: ServerPlan | { readonly absent: string },
): Promise<void> => {
  const { peers, clustered, folder } = contest.parts
  const found = await peers.python('servers.py')
  const absent = 'absent' in plan ? plan.absent : 'absent' in found ? found.absent : contest.absent.get(name)
  if (absent !== undefined || 'absent' in plan || 'absent' in found) {
    contest.absent.set(name, absent ?? '')
    return
  }
  try {
    // PostgreSQL's processes are another user's: what is above their folder has to be open to them.
    await withServer(plan, plan.user === undefined ? folder : dirname(folder), async (port) => {
      const program = withArguments(found.program, [name.toLowerCase(), String(port), clustered.folder])
      contest.note(name, await runProgram(program, PEER_MS_MAX))
    })
  } catch (error) {
    contest.absent.set(name, error instanceof Error ? error.message : String(error))
  }
}

const measureCluster = async (contest: Contest): Promise<void> => {
  const user = 'bench'
  const password = hexOf(systemRandom.bytes(16))
  const everything = { allow: ['>'] }
  const users = [{ user, password, permissions: { publish: everything, subscribe: everything } }]
  await withOwnCluster({ parent: contest.parts.folder, nodes: 1, users }, async (own) =>
    measureWays(contest, own, { server: own.running.url, user, password }),
  )
}

const measureWays = async (contest: Contest, own: OwnCluster, access: Access): Promise<void> => {
  const connection = await connectAs(access)
  const waggle = await Waggle.connect({ servers: access.server })
  const relay = await startRelay(access)
  try {
    const hive = await waggle.createCollective({ name: 'peers', dimension: DIMENSION })
    const { running, folder } = own
    const ways = await openWays({ connection, hive, shards: running.shards, folder, width: WIDTH })
    const find = (some: readonly Way[], name: string): Way => {
      const way = some.find((one) => one.name === name)
      if (way === undefined) throw new Error(`the bus knows no way ${name}`)
      return way
    }
    const alone = await inTurns(
      [find(ways.writes, PUBLISH), find(ways.writes, RECORD), find(ways.reads, FORWARD), find(ways.reads, GET)],
      { calls: CALLS_ALONE, width: 1 },
    )
    const [publish = [], record = [], forward = [], get = []] = alone
    contest.note(BUS, [
      { measure: 'publish', ...latencyOf(publish) },
      { measure: 'forwarded request', ...latencyOf(forward) },
    ])
    const [atOnce = []] = await inTurns([find(ways.writes, RECORD)], { calls: CALLS_AT_ONCE, width: WIDTH })
    contest.note(CLUSTER, [
      { measure: 'record, 1 caller', ...latencyOf(record) },
      { measure: 'get', ...latencyOf(get) },
      { measure: 'record, 64 callers', perSecond: median(atOnce.map(({ perSecond }) => perSecond)) },
    ])
    ways.close()
  } finally {
    await relay.stop()
    await waggle.close()
    await connection.close()
  }
}

/** Laps of every way; one of each before them counts for nothing. */
const inTurns = async (
  ways: readonly Way[],
  options: { readonly calls: number; readonly width: number },
): Promise<readonly (readonly Lap[])[]> => {
  const laps = ways.map((): Lap[] => [])
  for (let turn = 0; turn <= TURNS; turn += 1)
    for (const [at, way] of ways.entries()) {
      const lap = await runLap(way, { ...options, cpuUs: () => ({}) })
      if (turn > 0) laps[at]?.push(lap)
    }
  return laps
}

const latencyOf = (laps: readonly Lap[]): { readonly p50Us: number; readonly p99Us: number } => ({
  p50Us: 1_000 * median(laps.map(({ latencyMs }) => latencyMs.p50)),
  p99Us: 1_000 * median(laps.map(({ latencyMs }) => latencyMs.p99)),
})
