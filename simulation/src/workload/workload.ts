/** All clients of one run: they make the collectives, then work, then look once more at everything. */
import { deriveUuid, Fault } from '@waggle/kernel'
import { internalInboxPrefix, partition } from '@waggle/protocol'
import type { SimulatedCluster } from '../cluster/simulated-cluster.ts'
import type { SimulatedProcess } from '../world/process.ts'
import { Agent, type Place } from './agent.ts'
import { EagerPruner } from './eager-pruner.ts'
import { History } from './history.ts'
import { JournalKeeper } from './journal-keeper.ts'
import { Session } from './session.ts'
import { Watcher } from './watcher.ts'

export interface WorkloadShape {
  readonly agents: number
  readonly commandsOfAgent: number
  readonly restMs: number
}

const READERS = 4
/** Readers ask again soon. */
const READER_REQUEST_MS = 700
/** Collectives of each shard. */
const PLACES_OF_SHARD = 1

/** Ids that hash to every shard. */
const placesOf = (shards: number): readonly Place[] => {
  const places: Place[] = []
  for (let number = 0; places.length < shards * PLACES_OF_SHARD; number += 1) {
    const collective = deriveUuid(['simulation', String(number)])
    const shard = partition(collective, shards)
    if (places.filter((place) => place.shard === shard).length >= PLACES_OF_SHARD) continue
    places.push({ collective, shard, experience: deriveUuid(['experience', String(number)]) })
  }
  return places
}

export class Workload {
  readonly history = new History()
  readonly places: readonly Place[]
  isReady = false
  isProbed = false
  /** Processes of the clients. */
  readonly clients: SimulatedProcess[] = []
  readonly #cluster: SimulatedCluster
  readonly #agents: readonly Agent[]
  readonly #watchers: readonly Watcher[]
  readonly #keepers: readonly JournalKeeper[]
  readonly #pruner: EagerPruner
  readonly #setUp: Session

  constructor(cluster: SimulatedCluster, { agents, commandsOfAgent, restMs }: WorkloadShape) {
    this.#cluster = cluster
    const { world, shape } = cluster
    this.places = placesOf(shape.shards)
    const { history, places } = this
    const nowMs = (): number => world.nowMs
    // Half of them keep to one shard, so that they go on where another cannot be written.
    const placesOfAgent = (index: number): readonly Place[] =>
      index % 2 === 0 ? places : places.filter(({ shard }) => shard === (index >> 1) % shape.shards)
    const writers = Array.from({ length: agents }, (_, index) => {
      const session = this.#session(`agent-${index}`)
      const of = { session, history, places: placesOfAgent(index), nowMs }
      return new Agent({ ...of, commands: commandsOfAgent, restMs })
    })
    const readers = Array.from({ length: READERS }, (_, index) => {
      const session = this.#session(`reader-${index}`, READER_REQUEST_MS)
      const of = { session, history, places: placesOfAgent(2 * index + 1), nowMs, readsOnly: true }
      return new Agent({ ...of, commands: commandsOfAgent / 2, restMs: 2 * restMs })
    })
    this.#agents = [...writers, ...readers]
    this.#watchers = places.map((place, index) => new Watcher(this.#session(`watcher-${index}`), history, place))
    this.#keepers = places.map((place, index) => {
      const session = this.#session(`keeper-${index}`)
      return new JournalKeeper(session, history, place.collective)
    })
    const pruner = cluster.client('pruner', internalInboxPrefix('compactor'))
    this.#pruner = new EagerPruner(pruner.process, pruner.connection)
    this.#setUp = this.#session('set-up')
  }

  /** Makes the collectives, then lets everyone begin. */
  async begin(): Promise<void> {
    for (const { collective, experience } of this.places) {
      await this.#must('collective.create', { id: collective, name: collective, dimension: 2 })
      const embedding = Float32Array.from([1, 0])
      await this.#must('experience.record', { collective, id: experience, content: 'counted', embedding })
    }
    this.isReady = true
    for (const each of [...this.#watchers, ...this.#keepers, this.#pruner]) void each.run()
    for (const agent of this.#agents) void agent.run()
  }

  get isDone(): boolean {
    return this.isReady && this.#agents.every(({ isDone }) => isDone)
  }

  /** Whether each watcher has seen the end of its log. */
  get hasSeenAll(): boolean {
    return this.#watchers.every(({ story }) => {
      const newest = this.history.writes
        .filter(({ shard, kind }) => shard === story.shard && kind !== 'update')
        .reduce((highest, { sequence = 0 }) => Math.max(highest, sequence), 0)
      return story.seen >= newest
    })
  }

  /** What is asked and not answered, for a diagnosis. */
  get open(): string {
    const { writes, reads } = this.history
    const open = [...writes, ...reads].filter(({ completedMs }) => completedMs === undefined)
    const shown = open.map(
      ({ kind, agent, shard, invokedMs }) => `${kind} of ${agent} shard=${shard} at=${invokedMs.toFixed(0)}`,
    )
    return shown.slice(0, 6).join('; ') || `watchers ${this.#watchers.map(({ story }) => story.seen).join(',')}`
  }

  async probe(): Promise<void> {
    for (const agent of this.#agents.slice(0, 2)) await agent.probe()
    this.isProbed = true
  }

  async #must(operation: string, fields: object): Promise<void> {
    const { answer } = await this.#setUp.ask(operation, { idempotencyKey: this.#setUp.freshKey(), ...fields })
    if (answer instanceof Fault) this.history.bugs.push(`${operation}: ${answer.code} ${answer.message}`)
  }

  #session(name: string, requestMs?: number): Session {
    const { process, connection } = this.#cluster.client(name)
    this.clients.push(process)
    return new Session(process, connection, this.history, requestMs)
  }
}
