/** What does a batch of keys cost on a cluster, and how soon do subscribers have it, beside the Exoware server? */
import { Waggle } from '@waggle/client'
import type { CollectiveHandle } from '@waggle/sdk'
import { runLap } from '../../bus/laps.ts'
import { withOwnCluster } from '../../cluster/own-cluster.ts'
import { BATCH, keyOf, VALUE_BYTES } from '../../stores/filled.ts'
import { DIMENSION } from '../../vectors/vector-set.ts'
import { withArguments, type Contest, type Question } from '../contest.ts'
import type { Goal } from '../goal.ts'
import { runProgram } from '../program.ts'
import { over, type Figure, type NumberField } from '../reading.ts'
import { withServer } from '../servers.ts'
import { timesOf } from '../waggle/store.ts'

const [CLUSTER, EXOWARE] = ['Waggle cluster', 'Exoware'] as const

/** As its program in Rust has them. */
const [PUTS_ALONE, PUTS_AT_ONCE, CLIENTS, DELIVERIES, REPLAYED] = [300, 960, 32, 300, 60_000]
const PEER_MS_MAX = 300_000
/** Commonware's packages break what depends on them from one version to the next. */
const PINS = ['commonware-codec', 'commonware-codec-macros', 'commonware-macros', 'commonware-macros-impl'].map(
  (name) => `${name}@2026.9.0`,
)

const beside = (measure: string, field: NumberField): Pick<Goal, 'value' | 'peer'> => ({
  peer: EXOWARE,
  value: (round) => over(round.value(CLUSTER, measure, field), round.value(EXOWARE, measure, field)),
})

const goals: readonly Goal[] = [
  {
    ...{ work: 'put 64 × 200 B, 1 client', figure: `rows/s ÷ ${EXOWARE}`, least: 2 },
    ...beside('put of 64, 1 client', 'perSecond'),
  },
  {
    ...{ work: 'put 64 × 200 B, 32 clients', figure: `rows/s ÷ ${EXOWARE}`, least: 1 },
    ...beside('put of 64, 32 clients', 'perSecond'),
  },
  {
    ...{ work: 'put to subscriber', figure: `p50 ÷ ${EXOWARE}`, most: 0.3 },
    ...beside('put to subscriber', 'p50Us'),
  },
  { ...{ work: 'replay', figure: `rows/s ÷ ${EXOWARE}`, least: 0.5 }, ...beside('replay', 'perSecond') },
]

export const batches: Question = {
  name: 'batches',
  goals,
  sizes: ['small'],
  measure: async (contest) =>
    contest.inTurns([async () => measureCluster(contest), async () => measureExoware(contest)]),
}

const measureExoware = async (contest: Contest): Promise<void> => {
  if (contest.absent.has(EXOWARE)) return
  const found = await contest.parts.peers.rust({ name: 'exo', binary: 'bench_exo', pins: PINS })
  if ('absent' in found) {
    contest.absent.set(EXOWARE, found.absent)
    return
  }
  const { program } = found
  try {
    const serve = (folder: string, port: number) => withArguments(program, ['serve', folder, String(port)])
    await withServer({ program: serve }, contest.parts.folder, async (port) => {
      const measure = withArguments(program, ['measure', `http://127.0.0.1:${port}`])
      contest.note(EXOWARE, await runProgram(measure, PEER_MS_MAX))
    })
  } catch (error) {
    contest.absent.set(EXOWARE, error instanceof Error ? error.message : String(error))
  }
}

const measureCluster = async (contest: Contest): Promise<void> =>
  withOwnCluster({ parent: contest.parts.folder, nodes: 1 }, async ({ running }) => {
    const waggle = await Waggle.connect({ servers: running.url })
    try {
      const hive = await waggle.createCollective({ name: 'batches', dimension: DIMENSION })
      const puts = new Puts(hive)
      // Compiles what is needed.
      await puts.many('warming', PUTS_ALONE, 1)
      contest.note(CLUSTER, [
        await puts.many('put of 64, 1 client', PUTS_ALONE, 1),
        await puts.many('put of 64, 32 clients', PUTS_AT_ONCE, CLIENTS),
        await puts.delivered(),
        await puts.replayed(),
      ])
    } finally {
      await waggle.close()
    }
  })

class Puts {
  readonly #hive: CollectiveHandle
  #next = 0

  constructor(hive: CollectiveHandle) {
    this.#hive = hive
  }

  async many(measure: string, calls: number, width: number): Promise<Figure> {
    const call = async (): Promise<unknown> => this.#put()
    const lap = await runLap({ name: measure, call, records: BATCH }, { calls, width, cpuUs: () => ({}) })
    const { p50, p99 } = lap.latencyMs
    return { measure, p50Us: p50 * 1_000, p99Us: p99 * 1_000, perSecond: lap.perSecond }
  }

  /** From the beginning of a put to its frame at a subscriber. */
  async delivered(): Promise<Figure> {
    const since = (await this.#put()).sequence
    const frames = this.#hive.keys.subscribe({ since })
    await frames.next()
    const us: number[] = []
    for (let put = 0; put < DELIVERIES; put += 1) {
      const start = performance.now()
      const written = this.#put()
      await frames.next()
      us.push((performance.now() - start) * 1_000)
      await written
    }
    await frames.return()
    return { measure: 'put to subscriber', ...timesOf(us) }
  }

  async replayed(): Promise<Figure> {
    const start = performance.now()
    const frames = this.#hive.keys.subscribe({ since: 1 })
    let rows = 0
    while (rows < REPLAYED) {
      const { value, done } = await frames.next()
      if (done === true) throw new Error(`the log ended after ${rows} rows`)
      rows += value.entries.length
    }
    const seconds = (performance.now() - start) / 1_000
    await frames.return()
    return { measure: 'replay', perSecond: rows / seconds }
  }

  async #put() {
    this.#next += 1
    const first = this.#next * BATCH
    const entries = Array.from({ length: BATCH }, (_, at) => {
      const value = new Uint8Array(VALUE_BYTES).fill(this.#next + at)
      return [keyOf(first + at), value] as const
    })
    return this.#hive.keys.put(entries)
  }
}
