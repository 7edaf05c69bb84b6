/**
 * What a node tells of its replicas in numbers: read from them when somebody asks, but for the time between one leader
 * and the next, which the next one hears from the beats.
 */
import type { EngineFigures, IndexMemory } from '@waggle/engine'
import type { Clock, GaugeDeclaration, Metrics, MetricReading } from '@waggle/kernel'
import { metricTable, type ShardBeat } from '@waggle/protocol'
import type { DiskRoom } from '../disk/node-disk.ts'
import type { LogStatus } from '../log/jetstream-log.ts'

/** One replica, as it is now. */
export interface ReplicaFigures extends EngineFigures {
  readonly shard: number
  readonly applied: number
  readonly leads: boolean
  readonly isHalted: boolean
  /** While it leads: what its log and the disk last said, and how old the newest verified checkpoint is. */
  readonly log?: Pick<LogStatus, 'bytes' | 'bytesMax'> | undefined
  readonly disk?: DiskRoom | undefined
  readonly checkpointAgeMs?: number | undefined
}

export interface ShardMetricsParts {
  readonly node: string
  readonly metrics: Metrics
  readonly clock: Clock
  readonly indexMemory: IndexMemory
  /** Those that are open. */
  readonly replicas: () => readonly ReplicaFigures[]
}

interface LastLeader {
  readonly epoch: number
  readonly applied: number
  readonly heardMs: number
}

export class ShardMetrics {
  readonly #parts: ShardMetricsParts
  readonly #leaders = new Map<number, LastLeader>()

  constructor(parts: ShardMetricsParts) {
    this.#parts = parts
    this.#observe()
  }

  /** A beat of any leader, this node's own among them. */
  heardLeader({ shard, epoch: { sequence: epoch }, node, applied }: ShardBeat): void {
    const { clock, metrics, node: self } = this.#parts
    const nowMs = clock.monotonicMs()
    const before = this.#leaders.get(shard)
    if (before !== undefined && epoch < before.epoch) return
    if (before !== undefined && epoch > before.epoch && node === self)
      metrics.histogram(metricTable.handoffDuration, {}).record((nowMs - before.heardMs) / 1_000)
    this.#leaders.set(shard, { epoch, applied, heardMs: nowMs })
  }

  #observe(): void {
    const { metrics, indexMemory } = this.#parts
    const ofShards = (declaration: GaugeDeclaration<'shard'>, value: (one: ReplicaFigures) => number | undefined) =>
      metrics.observe(declaration, () => this.#ofShards(value))
    ofShards(metricTable.appliedSequence, ({ applied }) => applied)
    ofShards(metricTable.applyLag, (one) => this.#lag(one))
    ofShards(metricTable.shardOwner, ({ leads }) => (leads ? 1 : 0))
    ofShards(metricTable.shardHalted, ({ isHalted }) => (isHalted ? 1 : 0))
    ofShards(metricTable.mailbox, ({ leads, writes }) => (leads ? writes : undefined))
    ofShards(metricTable.logBytes, ({ log }) => log?.bytes)
    ofShards(metricTable.logLimitBytes, ({ log }) => log?.bytesMax)
    ofShards(metricTable.snapshotAge, ({ checkpointAgeMs: ageMs }) => (ageMs === undefined ? undefined : ageMs / 1_000))
    const ofNode = (declaration: GaugeDeclaration, value: (all: readonly ReplicaFigures[]) => number | undefined) =>
      metrics.observe(declaration, () => valueOf(value(this.#parts.replicas())))
    ofNode(metricTable.indexVectors, (all) => all.reduce((total, { vectors }) => total + vectors, 0))
    ofNode(metricTable.watchSubscribers, (all) => all.reduce((total, { watchers }) => total + watchers, 0))
    ofNode(metricTable.indexRecall, (all) => leastOf(all.flatMap(({ recall }) => recall ?? [])))
    ofNode(metricTable.indexBytes, () => indexMemory.budget.bytes)
    ofNode(metricTable.diskFreeBytes, (all) => all.find(({ disk }) => disk !== undefined)?.disk?.bytesFree)
    ofNode(metricTable.diskLimitBytes, (all) => all.find(({ disk }) => disk !== undefined)?.disk?.bytesMax)
  }

  #ofShards(value: (one: ReplicaFigures) => number | undefined): readonly MetricReading<'shard'>[] {
    return this.#parts
      .replicas()
      .flatMap((one) => valueOf(value(one)).map((found) => ({ ...found, labels: { shard: String(one.shard) } })))
  }

  #lag({ shard, leads, applied }: ReplicaFigures): number {
    return leads ? 0 : Math.max(0, (this.#leaders.get(shard)?.applied ?? 0) - applied)
  }
}

const valueOf = (value: number | undefined): readonly MetricReading[] =>
  value === undefined ? [] : [{ labels: {}, value }]

const leastOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : Math.min(...values)
