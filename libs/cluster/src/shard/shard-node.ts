/**
 * A node: one process with a replica of every shard of the cluster, some of which lead.
 *
 * N1  Its folder is locked: two processes never work on one replica.
 * N2  It listens to the beats of all leaders before any of its replicas becomes a candidate.
 * N3  Nodes that start together share the shards: of those heard of, one is preferred for each shard, and the others
 *     let it go first. This is a courtesy, not placement: whoever leads keeps what it has.
 */
import type { EngineSettings } from '@waggle/engine'
import type { CancelTimer, Clock, IdSource, Logger, Random, Timers } from '@waggle/kernel'
import {
  ALARM_SUBJECTS,
  BEAT_SUBJECTS,
  decodeClusterMessage,
  encodeClusterMessage,
  NODE_BEAT_SUBJECTS,
  nodeBeatSubject,
  partition,
  REPLICA_BEAT_SUBJECTS,
  type NodeBeat,
  type ShardBeat,
} from '@waggle/protocol'
import type { CheckpointShelf } from '../checkpoint/checkpoint-shelf.ts'
import { Directory, type ClusterOptions } from '../directory/directory.ts'
import type { NodeDisk } from '../disk/node-disk.ts'
import { LogLimit } from '../log-limit.ts'
import type { Bus } from '../nats/bus.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import { ShardActor } from './shard-actor.ts'

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
  readonly version: string
  readonly pid: number
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly ids: IdSource
  readonly logger: Logger
}

export interface ShardNode {
  /** Lets go of all shards that it leads, and closes; the connections stay open. */
  drain(): Promise<void>
}

/** Between two beats. */
const BEAT_PERIOD_MS = 250
const NODE_BEAT_PERIOD_MS = 1_000
/** A node that was not heard of for so long is not waited for. */
const NODE_SILENCE_MS = 3_000
/** N3. */
const HANDICAP_MS = 1_500

/** @throws Fault `DATABASE_LOCKED` (N1), and as the directory does */
export const runShardNode = async (parts: ShardNodeParts): Promise<ShardNode> => {
  const lock = await parts.disk.lock()
  try {
    const directory = await Directory.open(parts, parts)
    const { shards } = directory.cluster
    if (shards !== parts.shards)
      parts.logger.warn('the cluster was created with another number of shards, which stays', { shards })
    const node = new RunningNode(parts, lock)
    node.start(
      Array.from({ length: shards }, (_, shard) => {
        const handicapMs = () => (node.isPreferred(shard) ? 0 : HANDICAP_MS)
        return new ShardActor({ ...parts, ...{ shard, directory, handicapMs } })
      }),
    )
    return node
  } catch (error) {
    await lock.release()
    throw error
  }
}

interface NodeLock {
  release(): Promise<void>
}

class RunningNode implements ShardNode {
  readonly #parts: ShardNodeParts
  readonly #lock: NodeLock
  readonly #heardAtMs = new Map<string, number>()
  readonly #strangeBeats: LogLimit
  #actors: readonly ShardActor[] = []
  #draining = false
  #nodeBeatAtMs = -Infinity
  #cancel: CancelTimer = () => undefined

  constructor(parts: ShardNodeParts, lock: NodeLock) {
    this.#parts = parts
    this.#lock = lock
    this.#strangeBeats = new LogLimit(parts.clock)
    this.#listen()
    this.#nodeBeat()
  }

  start(actors: readonly ShardActor[]): void {
    this.#actors = actors
    this.#tick()
    void this.#followConnection()
  }

  /** N3: of the nodes heard of lately and this one, the one whose name and the shard's number hash highest. */
  isPreferred(shard: number): boolean {
    const { node, clock } = this.#parts
    const nowMs = clock.monotonicMs()
    const weight = (name: string): number => partition(`${shard}.${name}.${shard}`, 2 ** 31)
    const others = [...this.#heardAtMs].filter(([, heardAtMs]) => nowMs - heardAtMs < NODE_SILENCE_MS)
    return others.every(([name]) => weight(name) < weight(node) || (weight(name) === weight(node) && name > node))
  }

  async drain(): Promise<void> {
    this.#draining = true
    await Promise.all(this.#actors.map((actor) => actor.drain()))
    this.#cancel()
    this.#nodeBeat()
    await this.#lock.release()
  }

  /** N2. */
  #listen(): void {
    const { connection, node, clock } = this.#parts
    const listen = (subject: string, take: (bytes: Uint8Array) => void): void => {
      connection.subscribe(subject, {
        callback: (error, { data }) => {
          if (error === null) take(data)
        },
      })
    }
    listen(BEAT_SUBJECTS, (bytes) => {
      const beat = decodeClusterMessage('shard', bytes)
      if (beat !== undefined) this.#heardBeat(beat)
    })
    listen(REPLICA_BEAT_SUBJECTS, (bytes) => {
      const beat = decodeClusterMessage('replica', bytes)
      if (beat !== undefined && beat.node !== node) this.#actors[beat.shard]?.heardReplica(beat)
    })
    listen(ALARM_SUBJECTS, (bytes) => {
      const alarm = decodeClusterMessage('alarm', bytes)
      if (alarm !== undefined && alarm.node !== node) this.#actors[alarm.shard]?.heardAlarm(alarm)
    })
    listen(NODE_BEAT_SUBJECTS, (bytes) => {
      const beat = decodeClusterMessage('node', bytes)
      if (beat === undefined || beat.node === node) return
      if (beat.draining) this.#heardAtMs.delete(beat.node)
      else this.#heardAtMs.set(beat.node, clock.monotonicMs())
    })
  }

  /** Its own are told by their epoch: another process may have its name, and must be heard all the same. */
  #heardBeat(beat: ShardBeat): void {
    const { node, pid, logger } = this.#parts
    const actor = this.#actors[beat.shard]
    if (actor === undefined || actor.leads?.id === beat.epoch.id) return
    const isStrange = (beat.node === node && beat.pid !== pid) || beat.shards !== this.#actors.length
    const skipped = isStrange ? this.#strangeBeats.take() : undefined
    if (skipped !== undefined)
      logger.error('a leader has the name of this node, or another number of shards', {
        ...{ shard: beat.shard, node: beat.node, pid: beat.pid, shards: beat.shards, skipped },
      })
    actor.heardBeat(beat)
  }

  /** What goes wrong with one replica stops none of the others. */
  #tickOne(actor: ShardActor): void {
    try {
      actor.tick()
    } catch (error) {
      this.#parts.logger.error('a replica could not be looked after', { reason: String(error) })
    }
  }

  #tick(): void {
    const { timers, clock } = this.#parts
    for (const actor of this.#actors) this.#tickOne(actor)
    if (clock.monotonicMs() - this.#nodeBeatAtMs >= NODE_BEAT_PERIOD_MS) this.#nodeBeat()
    this.#cancel = timers.after(BEAT_PERIOD_MS, () => this.#tick())
  }

  #nodeBeat(): void {
    const { connection, node, pid, version, clock } = this.#parts
    this.#nodeBeatAtMs = clock.monotonicMs()
    const beat: NodeBeat = {
      kind: 'node',
      ...{ node, pid, version, draining: this.#draining },
      leads: this.#actors.flatMap((actor, shard) => (actor.leads === undefined ? [] : [shard])),
      halted: this.#actors.flatMap(({ halted }, shard) =>
        halted === undefined ? [] : [{ shard, fault: halted.toJSON() }],
      ),
    }
    connection.publish(nodeBeatSubject(node), encodeClusterMessage(beat))
  }

  /** Ends with the connection. */
  async #followConnection(): Promise<void> {
    for await (const { type } of this.#parts.connection.status())
      if (type === 'reconnect') for (const actor of this.#actors) actor.reconnected()
  }
}
