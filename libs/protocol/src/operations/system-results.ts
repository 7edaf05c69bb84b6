/**
 * What the operators' operations answer. A router knows it from what shards, nodes and compactors said last: a field
 * is absent where nobody has said it yet.
 */
import type { FaultBody } from '@waggle/kernel'
import type { ServerFacts } from '../cluster/beats.ts'
import type { SystemName } from './table.ts'

/** Which router speaks: two of them can have heard different things. */
export interface AnsweredBy {
  readonly router: string
  readonly pid: number
  /** Its clock: milliseconds since the Unix epoch. */
  readonly timeMs: number
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
  /** The lowest sequence that a replica holds. */
  readonly horizon?: number
  readonly followers: readonly string[]
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
  readonly halted: readonly { readonly shard: number; readonly fault: FaultBody }[]
}

export interface CompactorStatus {
  readonly compactor: string
  readonly pid: number
  /** One is active, the others stand by. */
  readonly active: boolean
}

export interface SystemResults {
  'shard.list': { readonly items: readonly ShardStatus[]; readonly answeredBy: AnsweredBy }
  'log.status': {
    readonly items: readonly LogStatus[]
    readonly compactors: readonly CompactorStatus[]
    readonly servers: readonly ServerFacts[]
    readonly answeredBy: AnsweredBy
  }
  'node.list': { readonly items: readonly NodeStatus[]; readonly answeredBy: AnsweredBy }
}

export type SystemResultOf<Name extends SystemName> = SystemResults[Name]
