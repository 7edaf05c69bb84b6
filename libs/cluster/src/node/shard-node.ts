/**
 * A node: one process with replicas of the shards that belong to it, some of which lead.
 *
 * N1  Its folder is locked: two processes never work on one replica.
 * N2  It listens to the beats of all leaders before any of its replicas becomes a candidate.
 * N3  It says that it is there as soon as it hears of a node that it did not know, so that whoever starts knows after
 *     a moment who is there.
 * N4  It drains when an operator says so: its shards go, and it stays. Only another process of its name takes shards
 *     again.
 * N5  One that is deaf (`hearing.ts`) leads nothing.
 */
import { IndexMemory, type EngineSettings } from '@waggle/engine'
import {
  silentMetrics,
  type CancelTimer,
  type Clock,
  type IdSource,
  type Logger,
  type Metrics,
  type Random,
  type Timers,
  type Tracer,
} from '@waggle/kernel'
import {
  ALARM_SUBJECTS,
  BEAT_SUBJECTS,
  decodeClusterMessage,
  encodeClusterMessage,
  judgeDurability,
  NODE_BEAT_SUBJECTS,
  nodeBeatSubject,
  nodeCommandSubject,
  REPLICA_BEAT_SUBJECTS,
  type NodeBeat,
  type ShardBeat,
} from '@waggle/protocol'
import type { CheckpointShelf } from '../checkpoint/checkpoint-shelf.ts'
import { Directory, type ClusterOptions } from '../directory/directory.ts'
import type { NodeDisk } from '../disk/node-disk.ts'
import { LogLimit } from '../log-limit.ts'
import type { Bus, BusMessage } from '../nats/bus.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import type { ReadinessCheck } from '../readiness-check.ts'
import { Hearing } from '../shard/hearing.ts'
import { HostedShards } from './hosted-shards.ts'
import { NodeClock } from './node-clock.ts'
import { NodeCommands } from './node-commands.ts'
import { checkOf, figuresOf } from './replica-figures.ts'
import { ShardMetrics } from './shard-metrics.ts'
import { ShardActor } from '../shard/shard-actor.ts'
import { Surroundings } from './surroundings.ts'

export interface ShardNodeParts extends ClusterOptions {
  /** Takes requests and beats. */
  readonly connection: Bus
  /** Reads and appends logs, over a connection of its own. */
  readonly access: JetStreamAccess
  readonly disk: NodeDisk
  readonly shelf: CheckpointShelf
  /** Name of this node, 1..64 of A-Z a-z 0-9 _ -: the same for life, since its folder and its holds go by it. */
  readonly node: string
  /** The same at every node of the cluster. */
  readonly settings: EngineSettings
  /** Of all indexes, bytes; default 1 GiB. */
  readonly indexBytesMax?: number
  readonly version: string
  readonly pid: number
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly ids: IdSource
  readonly logger: Logger
  /** Absent: nobody collects traces. */
  readonly tracer?: Tracer
  /** Absent: nobody is told. */
  readonly metrics?: Metrics
}

export interface ShardNode {
  /** What it needs to be ready, as it is now. */
  checks(): readonly ReadinessCheck[]
  /** Hands over or lets go of all shards that it leads, and closes; the connections stay open. */
  drain(): Promise<void>
}

/** Between two beats. */
const BEAT_PERIOD_MS = 250
const NODE_BEAT_PERIOD_MS = 1_000

/** @throws Fault `DATABASE_LOCKED` (N1), and as the directory does */
export const runShardNode = async (parts: ShardNodeParts): Promise<ShardNode> => {
  const lock = await parts.disk.lock()
  try {
    const directory = await Directory.open(parts, parts)
    const { durability, replicas } = directory.cluster
    // What the servers really do a compactor asks them, and says so.
    const { meaning } = judgeDurability(directory.cluster, [])
    parts.logger.info('what an acknowledgement means', { durability, replicas, meaning })
    return new RunningNode(parts, { lock, directory, found: await parts.disk.shards() })
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** What a node has found before it starts. */
interface Opened {
  readonly lock: { release(): Promise<void> }
  readonly directory: Directory
  /** Shards of which there is a state on the disk. */
  readonly found: readonly number[]
}

class RunningNode implements ShardNode {
  readonly #parts: ShardNodeParts
  readonly #lock: Opened['lock']
  readonly #surroundings: Surroundings
  readonly #hosted: HostedShards
  readonly #metrics: ShardMetrics
  readonly #commands: NodeCommands
  readonly #nodeClock: NodeClock
  readonly #hearing = new Hearing(BEAT_PERIOD_MS)
  readonly #shards: number
  readonly #strangeBeats: LogLimit
  #draining = false
  #nodeBeatAtMs = -Infinity
  #cancel: CancelTimer = () => undefined

  constructor(parts: ShardNodeParts, { lock, directory, found }: Opened) {
    const { shards, copies } = directory.cluster
    this.#parts = parts
    this.#lock = lock
    this.#shards = shards
    this.#strangeBeats = new LogLimit(parts.clock)
    this.#nodeClock = new NodeClock(parts)
    this.#surroundings = new Surroundings({ ...parts, copies })
    const { measured, bounded: engineClock } = this.#nodeClock
    const indexMemory = new IndexMemory(this.#parts.indexBytesMax)
    const hosting = {
      ...{ ...parts, shards },
      placing: (shard: number) => this.#surroundings.placing(shard),
      makeActor: (shard: number) =>
        new ShardActor({
          ...parts,
          ...{ shard, directory, indexMemory, engineClock, place: this.#surroundings.placeOf(shard, measured) },
          onMoved: () => this.#hosted.renew(shard),
        }),
    }
    this.#hosted = new HostedShards(hosting, found)
    this.#metrics = new ShardMetrics({
      ...{ ...parts, metrics: parts.metrics ?? silentMetrics, indexMemory },
      replicas: () => this.#hosted.each(figuresOf),
    })
    this.#commands = new NodeCommands({
      ...{ ...parts, entries: directory.entries, actors: () => this.#hosted.actors },
      drain: () => {
        if (!this.#draining) parts.logger.info('drains: its shards go to other nodes, and it takes none')
        this.#letShardsGo()
      },
    })
    this.#listen()
    this.#nodeBeat()
    this.#tick()
    void this.#followConnection()
  }

  /** Nothing of it depends on what other nodes do. */
  checks(): readonly ReadinessCheck[] {
    const begun = this.#hosted.hasBegun ? { ready: true } : { ready: false, reason: 'nothing is opened yet' }
    return [{ name: 'shards', ...begun }, ...this.#hosted.each(checkOf)]
  }

  async drain(): Promise<void> {
    this.#letShardsGo()
    await this.#hosted.drain()
    this.#cancel()
    this.#nodeBeat()
    await this.#lock.release()
  }

  /** N2. */
  #listen(): void {
    const { node } = this.#parts
    this.#hear(BEAT_SUBJECTS, ({ data }) => {
      const beat = decodeClusterMessage('shard', data)
      if (beat !== undefined) this.#heardLeader(beat)
    })
    this.#hear(REPLICA_BEAT_SUBJECTS, ({ data }) => {
      const beat = decodeClusterMessage('replica', data)
      if (beat === undefined || beat.node === node) return
      this.#surroundings.heardReplica(beat)
      this.#hosted.actor(beat.shard)?.heardReplica(beat)
    })
    this.#hear(ALARM_SUBJECTS, ({ data }) => {
      const alarm = decodeClusterMessage('alarm', data)
      if (alarm !== undefined && alarm.node !== node) this.#hosted.actor(alarm.shard)?.heardAlarm(alarm)
    })
    this.#hear(NODE_BEAT_SUBJECTS, ({ data }) => {
      const beat = decodeClusterMessage('node', data)
      if (beat === undefined || beat.node === node) return
      // N3.
      if (this.#surroundings.heardNode(beat)) this.#nodeBeat()
    })
    this.#hear(nodeCommandSubject(node), (message) => this.#commands.take(message))
  }

  #hear(subject: string, take: (message: BusMessage) => void): void {
    this.#parts.connection.subscribe(subject, {
      callback: (error, message) => {
        this.#hearing.heard()
        if (error === null) take(message)
      },
    })
  }

  /** Its own are told by their epoch: another process may have its name, and must be heard all the same. */
  #heardLeader(beat: ShardBeat): void {
    const { node, pid, logger } = this.#parts
    if (beat.shard >= this.#shards) return
    this.#surroundings.heardLeader(beat)
    this.#metrics.heardLeader(beat)
    this.#hosted.heardLeader(beat)
    const actor = this.#hosted.actor(beat.shard)
    if (actor?.leads?.id === beat.epoch.id) return
    const isStrange = (beat.node === node && beat.pid !== pid) || beat.shards !== this.#shards
    const skipped = isStrange ? this.#strangeBeats.take() : undefined
    if (skipped !== undefined)
      logger.error('a leader has the name of this node, or another number of shards', {
        ...{ shard: beat.shard, node: beat.node, pid: beat.pid, shards: beat.shards, skipped },
      })
    actor?.heardBeat(beat)
  }

  /** N4. */
  #letShardsGo(): void {
    this.#draining = true
    this.#nodeBeat()
  }

  #tick(): void {
    const { timers, clock } = this.#parts
    this.#hearing.tick()
    this.#hosted.tick(this.#hearing.isDeaf)
    this.#nodeClock.tick()
    if (clock.monotonicMs() - this.#nodeBeatAtMs >= NODE_BEAT_PERIOD_MS) this.#nodeBeat()
    this.#cancel = timers.after(BEAT_PERIOD_MS, () => this.#tick())
  }

  #nodeBeat(): void {
    const { connection, node, pid, version, clock } = this.#parts
    const { aheadMs } = this.#nodeClock
    this.#nodeBeatAtMs = clock.monotonicMs()
    const beat: NodeBeat = {
      kind: 'node',
      ...{ node, pid, version, draining: this.#draining },
      ...(aheadMs === undefined ? {} : { clockAheadMs: aheadMs }),
      leads: this.#hosted.each(({ leads }, shard) => (leads === undefined ? undefined : shard)),
      hosts: this.#hosted.hosts,
      halted: this.#hosted.each(({ halted }, shard) =>
        halted === undefined ? undefined : { shard, fault: halted.toJSON() },
      ),
    }
    this.#surroundings.heardNode(beat)
    connection.publish(nodeBeatSubject(node), encodeClusterMessage(beat))
  }

  /** Ends with the connection. */
  async #followConnection(): Promise<void> {
    for await (const { type } of this.#parts.connection.status()) {
      this.#hearing.changed(type)
      if (type === 'reconnect') for (const actor of this.#hosted.actors) actor.reconnected()
    }
  }
}
