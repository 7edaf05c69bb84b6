/**
 * What a part of the cluster asks of a shard's leader on its own account: one header, and no body. It has a subject of
 * its own, to which compactors may publish and routers may not: so neither a tenant nor whoever stole a router's
 * credentials can send it.
 *
 * The answer is a reply like any other: `encodeReply` or `encodeFault`, as MessagePack.
 */
import { fault } from '../errors.ts'
import { TIME_MS_MAX } from '../limits.ts'
import { decodeReply } from './reply.ts'

export const INTERNAL_HEADER = 'Waggle-Internal'

/**
 * Prune the shard's journals of rows that are older than `keepMs` milliseconds: as much as one answer's time allows.
 */
export interface PruneJournals {
  readonly kind: 'pruneJournals'
  readonly keepMs: number
}

/** Move the horizon of the log as far up as replicas and checkpoints allow. */
export interface MoveHorizon {
  readonly kind: 'moveHorizon'
}

/** Begin a checkpoint, unless one is under way: a digest of the state at one record, by every replica. */
export interface TakeCheckpoint {
  readonly kind: 'takeCheckpoint'
}

export type InternalRequest = PruneJournals | MoveHorizon | TakeCheckpoint

/** What `pruneJournals` answers. */
export interface PruneJournalsResult {
  /** Rows that went. */
  readonly pruned: number
  /** False: ask again, there is more. */
  readonly done: boolean
}

export const encodeInternalRequest = (request: InternalRequest): string =>
  request.kind === 'pruneJournals' ? `${request.kind} ${request.keepMs}` : request.kind

/** `undefined` for a header that `encodeInternalRequest` did not make. */
export const decodeInternalRequest = (header: string): InternalRequest | undefined => {
  if (header === 'moveHorizon' || header === 'takeCheckpoint') return { kind: header }
  const [kind, text = '', ...rest] = header.split(' ')
  const keepMs = /^\d{1,15}$/.test(text) ? Number(text) : NaN
  return kind === 'pruneJournals' && rest.length === 0 && keepMs <= TIME_MS_MAX ? { kind, keepMs } : undefined
}

/** @throws the Fault that the reply carries, or `INTERNAL` for bytes that are no such reply */
export const decodePruneJournalsReply = (bytes: Uint8Array): PruneJournalsResult => {
  const { pruned, done } = decodeReply(bytes)
  if (!Number.isSafeInteger(pruned) || (pruned as number) < 0 || typeof done !== 'boolean')
    throw fault('INTERNAL', 'the reply says nothing about pruned journals')
  return { pruned: pruned as number, done }
}
