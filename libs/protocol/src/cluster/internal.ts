/**
 * What a part of the cluster asks of a shard's leader on its own account: one header, and no body. It has a subject of
 * its own, to which compactors may publish and routers may not: so neither a tenant nor whoever stole a router's
 * credentials can send it.
 *
 * The answer is a reply like any other: `encodeReply` or `encodeFault`, as MessagePack.
 */
import { fault } from '../errors.ts'
import { TIME_MS_MAX } from '../limits.ts'
import { isMap } from '../schema/map.ts'
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

/** What `moveHorizon` answers. */
export interface MoveHorizonResult {
  /** The log may be purged below it. */
  readonly horizon: number
  /** What keeps it there. */
  readonly reason: string
}

/** What `takeCheckpoint` answers, as soon as it is verified, or cannot be within the time of the one who asks. */
export interface TakeCheckpointResult {
  readonly sequence: number
  /** Of the leader's own state there. */
  readonly digest: string
  /** What each replica that told one in time found there. */
  readonly replicas: readonly { readonly node: string; readonly digest: string }[]
  /** Whether it counts: another replica has the same, or it was built again from the log (DESIGN K3). */
  readonly verified: boolean
  /** Why not. */
  readonly reason?: string
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

const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** @throws as `decodePruneJournalsReply` */
export const decodeMoveHorizonReply = (bytes: Uint8Array): MoveHorizonResult => {
  const { horizon, reason } = decodeReply(bytes)
  if (!isSequence(horizon) || typeof reason !== 'string')
    throw fault('INTERNAL', 'the reply says nothing about a horizon')
  return { horizon, reason }
}

/** @throws as `decodePruneJournalsReply` */
export const decodeTakeCheckpointReply = (bytes: Uint8Array): TakeCheckpointResult => {
  const { sequence, digest, replicas, verified, reason } = decodeReply(bytes)
  const isTold = (told: unknown): boolean =>
    isMap(told) && typeof told.node === 'string' && typeof told.digest === 'string'
  if (!isSequence(sequence) || typeof digest !== 'string' || typeof verified !== 'boolean')
    throw fault('INTERNAL', 'the reply says nothing about a checkpoint')
  if (!Array.isArray(replicas) || !replicas.every(isTold) || !['string', 'undefined'].includes(typeof reason))
    throw fault('INTERNAL', 'the reply does not say who has the checkpoint’s digest')
  return {
    ...{ sequence, digest, verified },
    replicas: replicas as TakeCheckpointResult['replicas'],
    ...(typeof reason === 'string' ? { reason } : {}),
  }
}
