/** What an engine is made of. */
import type { Clock, Fault, IdSource, Logger, Metrics, Timers, Tracer } from '@waggle/kernel'
import type { Sequence } from '@waggle/protocol'
import type { CheckpointKnown, DigestDue } from './event/effect.ts'
import type { GraphFolder } from './index/graph/graph-host.ts'
import type { IndexMemory } from './index/index-memory.ts'
import type { BatchLog } from './log/batch-log.ts'
import type { Fence } from './recovery/replay.ts'
import type { EngineSettings } from './settings.ts'
import type { KeyValueStore } from './store/key-value-store.ts'

export interface EngineParts {
  readonly log: BatchLog
  readonly store: KeyValueStore
  readonly fence: Fence
  readonly clock: Clock
  readonly timers: Timers
  readonly ids: IdSource
  readonly logger: Logger
  /** Absent: nobody is told. */
  readonly metrics?: Metrics
  /** Of what is applied for others' sake; absent: nobody collects that. */
  readonly tracer?: Tracer
  /** Number of the shard, for tokens. */
  readonly shard: number
  /** How many shards there are. */
  readonly shards: number
  readonly settings?: EngineSettings
  /** What its indexes share with those of other engines in the process; absent: it is alone. */
  readonly indexMemory?: IndexMemory
  /** Where large indexes have their graphs; absent: searches compare every vector. They are closed after the engine. */
  readonly graphs?: GraphFolder
  /** How long the journal of a deleted collective rests before it goes; a minute when absent. */
  readonly journalRestMs?: number
  /** Refuses every write, and leaves upkeep to others. */
  readonly readOnly?: boolean
  /** Called with the newest applied sequence before anyone is answered. */
  readonly onApplied?: (sequence: Sequence) => void
  /**
   * Called with what the log says of checkpoints. The store holds what came up to that record, and nothing later:
   * a snapshot that is taken in the call is of that very moment.
   */
  readonly onCheckpointing?: (said: CheckpointKnown | (DigestDue & { readonly sequence: Sequence })) => void
  /** Called when a term has ended by itself: another leader's barrier, or an append whose outcome is unknown. */
  readonly onTermEnded?: (reason: Fault) => void
}
