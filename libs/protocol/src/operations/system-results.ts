/**
 * What the operators' operations answer. What a router answers it knows from what shards, nodes and compactors said
 * last: a field is absent where nobody has said it yet.
 */
import type { FaultBody } from '@waggle/kernel'
import type { DurabilityChoice, DurabilityJudgement, ServerFacts } from '../cluster/durability.ts'
import type { MoveHorizonResult, TakeCheckpointResult } from '../cluster/internal.ts'
import type { SystemName } from './table.ts'

/** Which router speaks: two of them can have heard different things. */
export interface AnsweredBy {
  readonly router: string
  readonly pid: number
  /** Its clock: milliseconds since the Unix epoch. */
  readonly timeMs: number
}

/** A replica that reads the log and leads nothing. */
export interface FollowerStatus {
  readonly node: string
  readonly pid: number
  readonly applied: number
  /** Records that the log has beyond what it has applied. */
  readonly lag: number
  /** Whether it takes reads. */
  readonly serving: boolean
  /** Reads that it has answered since it follows. */
  readonly reads: number
}

export interface CheckpointStatus {
  readonly sequence: number
  readonly digest: string
}

export interface ShardStatus {
  readonly shard: number
  /** The leader's node; absent while there is none. The fields below then say what the last one said. */
  readonly leader?: string
  readonly pid?: number
  /** Sequence of the leader's barrier. */
  readonly epoch?: number
  readonly applied?: number
  readonly last?: number
  readonly first?: number
  /** Below it the log may be purged; where nothing was purged yet, where it begins. */
  readonly horizon?: number
  /** The newest verified checkpoint. */
  readonly checkpoint?: CheckpointStatus
  /** Reads that the leader has answered in its term. */
  readonly reads?: number
  readonly followers: readonly FollowerStatus[]
}

export interface LogStatus {
  readonly shard: number
  readonly stream?: string
  readonly first?: number
  readonly last?: number
  readonly bytes?: number
  readonly applied?: number
  readonly holds?: Readonly<Record<string, number>>
  /** Below it nobody needs the log. */
  readonly safePoint?: number
  /** Why the log is not pruned further. */
  readonly safePointReason?: string
  /** Why writes are refused for now. */
  readonly trouble?: string
}

export interface NodeStatus {
  readonly node: string
  readonly pid: number
  readonly version: string
  readonly draining: boolean
  readonly leads: readonly number[]
  /** Shards of which it has a replica, those that it leads among them; absent where it did not tell. */
  readonly hosts?: readonly number[]
  readonly halted: readonly { readonly shard: number; readonly fault: FaultBody }[]
}

export interface CompactorStatus {
  readonly compactor: string
  readonly pid: number
  /** One is active, the others stand by. */
  readonly active: boolean
}

/** Of one shard: what it answered, or why it did not. */
export type OfShard<Result> = { readonly shard: number } & (Result | { readonly fault: FaultBody })

export interface HorizonMoved extends MoveHorizonResult {
  /** Where the log begins now: what lies below the horizon goes in steps. */
  readonly first: number
}

export type CheckpointTaken = TakeCheckpointResult

/** A verified checkpoint that is kept. */
export interface CheckpointListed extends CheckpointStatus {
  readonly generation: string
  readonly bytes: number
  /** Which node wrote it. */
  readonly node: string
  /** When: milliseconds since the Unix epoch. */
  readonly atMs: number
}

/** Which process speaks. */
interface SaidBy {
  readonly node: string
  readonly pid: number
}

/** A piece of a checkpoint. */
export interface CheckpointPiece {
  readonly bytes: Uint8Array
  /** Of the whole checkpoint. */
  readonly total: number
  /** For the next piece. */
  readonly cursor: number
}

/** A restore that is under way, or the last one that there was. */
export interface RestoreStatus {
  readonly id: string
  /** Frozen: no shard serves. Committed: each goes on from its checkpoint as soon as it has it. */
  readonly state: 'frozen' | 'committed'
  /** Once it is committed: what each shard goes on from. */
  readonly shards?: readonly {
    readonly generation: string
    readonly sequence: number
    readonly digest: string
  }[]
}

export interface RestoreLook {
  readonly node: string
  /** How many shards the cluster has. */
  readonly shards: number
  readonly restore?: RestoreStatus
  /** Of each shard: what its leader has proven since the cluster is frozen; absent while it has not. */
  readonly proofs: readonly {
    readonly shard: number
    readonly generation?: string
    /** The restore for which it was proven. */
    readonly restore?: string
    readonly isEmpty?: boolean
    /** The end of its log. */
    readonly last?: number
  }[]
  /** Of each replica of this node that is open: whether any tenant has anything there. */
  readonly replicas: readonly {
    readonly shard: number
    readonly generation: string
    readonly applied: number
    readonly isEmpty: boolean
  }[]
}

export interface SystemResults {
  'shard.list': { readonly items: readonly ShardStatus[]; readonly answeredBy: AnsweredBy }
  'log.status': {
    readonly items: readonly LogStatus[]
    readonly compactors: readonly CompactorStatus[]
    readonly servers: readonly ServerFacts[]
    /** What an acknowledgement means; absent where no compactor is active. */
    readonly durability?: DurabilityChoice & DurabilityJudgement
    readonly answeredBy: AnsweredBy
  }
  'node.list': { readonly items: readonly NodeStatus[]; readonly answeredBy: AnsweredBy }
  'log.prune': { readonly items: readonly OfShard<HorizonMoved>[]; readonly answeredBy: SaidBy }
  'checkpoint.create': { readonly items: readonly OfShard<CheckpointTaken>[]; readonly answeredBy: SaidBy }
  /** Newest first of each shard. */
  'checkpoint.list': { readonly items: readonly OfShard<CheckpointListed>[]; readonly answeredBy: SaidBy }
  'verify.run': { readonly items: readonly OfShard<CheckpointTaken>[]; readonly answeredBy: SaidBy }
  /** It drains from now on: `node.list` says what it still has. */
  'node.drain': { readonly node: string; readonly draining: true }
  'backup.read': CheckpointPiece
  'restore.look': RestoreLook
  /** Bytes that are there now. */
  'restore.write': { readonly received: number }
  'restore.freeze': { readonly node: string; readonly restore: RestoreStatus }
  'restore.commit': { readonly node: string; readonly restore: RestoreStatus }
  'restore.lift': { readonly node: string }
}

export type SystemResultOf<Name extends SystemName> = SystemResults[Name]
