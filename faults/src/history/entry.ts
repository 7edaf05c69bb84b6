/**
 * What is remembered of a run, line by line: all that the checker judges by, so that a verdict can be repeated.
 *
 * Times are milliseconds of one monotonic clock. Sequences are of the log of the shard that a collective lives on.
 */

export const writeNames = ['record', 'reinforce', 'relate', 'delete', 'put', 'remove'] as const
export type WriteName = (typeof writeNames)[number]
export const readNames = ['get', 'values', 'count', 'search', 'everything', 'allKeys'] as const
export type ReadName = (typeof readNames)[number]
export type OperationName = WriteName | ReadName

/** What an operation is about; which of the fields are there is the operation's. */
export interface Arguments {
  /** Unique words that the write leaves in what it stores. */
  readonly mark?: string
  readonly id?: string
  readonly target?: string
  readonly keys?: readonly string[]
}

/** An experience as a read saw it; `null` where there is none. */
export type SeenExperience = { readonly content: string; readonly applications: number } | null

export interface Result {
  /** Of `record` and `relate`. */
  readonly id?: string
  /** Of `reinforce`. */
  readonly applications?: number
  /** Of `get`. */
  readonly experience?: SeenExperience
  /** Of `values` and `allKeys`. */
  readonly values?: Readonly<Record<string, string | null>>
  /** Of `count`. */
  readonly count?: number
  /** Of `search`: the nearest. */
  readonly nearest?: string | null
  /** Of `everything`. */
  readonly experiences?: Readonly<Record<string, SeenExperience>>
}

export type Consistency = 'any' | 'token' | 'strong'

/** An operation begins: its first attempt is about to be sent. */
export interface Invoked {
  readonly kind: 'invoked'
  readonly op: number
  readonly at: number
  readonly lane: string
  readonly collective: string
  readonly name: OperationName
  readonly args: Arguments
  /** Of writes. */
  readonly key?: string
  /** Of reads. */
  readonly consistency?: Consistency
  /** The sequence that a read with a token has to reflect. */
  readonly floor?: number
  /** An operation whose key and body this one repeats, after it was answered. */
  readonly again?: number
}

/** It has ended. Operations without such a line were under way when the run ended: their outcome is unknown. */
export interface Completed {
  readonly kind: 'completed'
  readonly op: number
  readonly at: number
  readonly attempts: number
  /** Codes of the faults that attempts ended with, in order. */
  readonly faults?: readonly string[]
  /** Why it was given up: no write of ours may be refused for good. Absent: it was acknowledged. */
  readonly refusal?: string
  readonly shard?: number
  readonly generation?: string
  readonly sequence?: number
  readonly result?: Result
}

/** A change of a collective's memory, as its log has it. */
export interface LoggedChange {
  readonly collective: string
  readonly sequence: number
  readonly index: number
  readonly change: string
  readonly entity: string
  readonly id: string
}

/** What a batch did to a collective's keys. */
export interface LoggedFrame {
  readonly collective: string
  readonly sequence: number
  readonly entries: readonly (readonly [key: string, value: string])[]
  readonly deleted: readonly string[]
}

/** Of the log, read when all was over. */
export type Change = LoggedChange & { readonly kind: 'change' }
export type Frame = LoggedFrame & { readonly kind: 'frame' }
/** What a watcher was told, in its order. */
export type SeenChange = LoggedChange & { readonly kind: 'seenChange'; readonly watcher: string }
export type SeenFrame = LoggedFrame & { readonly kind: 'seenFrame'; readonly watcher: string }

/** A watcher that was there from a collective's first change to its last. */
export interface Watched {
  readonly kind: 'watched'
  readonly watcher: string
  readonly collective: string
  readonly store: 'memory' | 'keys'
}

/** A watcher was told that it cannot go on. */
export interface CutOff {
  readonly kind: 'cutOff'
  readonly watcher: string
  readonly reason: string
}

/** The digest of a replica's state at a sequence. */
export interface Digested {
  readonly kind: 'digest'
  readonly shard: number
  readonly node: string
  readonly sequence: number
  readonly digest: string
}

/** Something was done to the cluster, or undone. */
export interface Disturbed {
  readonly kind: 'fault'
  readonly at: number
  readonly name: string
  readonly phase: 'begin' | 'end'
  readonly target: string
}

export type Entry =
  Invoked | Completed | Change | Frame | SeenChange | SeenFrame | Watched | CutOff | Digested | Disturbed

export const isWrite = (name: OperationName): name is WriteName => (writeNames as readonly string[]).includes(name)
