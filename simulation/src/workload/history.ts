/** What agents and watchers asked for and heard: the only thing that checkers believe, beside the log itself. */
import type { CollectiveId } from '@waggle/protocol'

export type WriteKind = 'put' | 'delete' | 'update'
export type ReadKind = 'get' | 'range' | 'version'
export type Consistency = 'any' | 'token' | 'strong'

export interface KeyValueText {
  readonly key: string
  readonly value: string
}

interface Command {
  readonly agent: string
  readonly collective: CollectiveId
  readonly shard: number
  readonly invokedMs: number
  /** When its answer came; absent while there is none. */
  completedMs?: number
  attempts: number
}

export interface WriteCommand extends Command {
  readonly kind: WriteKind
  /** Its idempotency key. */
  readonly id: string
  readonly entries: readonly KeyValueText[]
  readonly keys: readonly string[]
  readonly ifVersion?: number
  /** Sequence of the state that its answer speaks of. */
  sequence?: number
  version?: number
  /** Code of the fault that it was answered with for good. */
  fault?: string
  actual?: number
}

export interface ReadCommand extends Command {
  readonly kind: ReadKind
  readonly consistency: Consistency
  readonly tokenSequence: number
  readonly key?: string
  sequence?: number
  found?: readonly KeyValueText[]
  version?: number
  fault?: string
}

export interface Frame {
  readonly sequence: number
  readonly entries: readonly KeyValueText[]
  readonly deleted: readonly string[]
}

export interface WatchedStory {
  readonly watcher: string
  readonly collective: CollectiveId
  readonly shard: number
  readonly frames: Frame[]
  /** How far it has seen. */
  seen: number
  /** Places where it was told that changes are gone. */
  lost: number
}

export class History {
  readonly writes: WriteCommand[] = []
  readonly reads: ReadCommand[] = []
  readonly stories: WatchedStory[] = []
  /** Places of journals that were saved and could not be gone on from. */
  readonly lostPlaces: string[] = []
  cursorsSaved = 0
  /** Answers that are bugs by themselves, such as `INTERNAL`. */
  readonly bugs: string[] = []

  get commands(): number {
    return this.writes.length + this.reads.length
  }
}
