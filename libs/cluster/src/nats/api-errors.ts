/**
 * What the errors of JetStream's client mean here. Codes, never texts; `JetStreamNotEnabled` is the client's name for
 * "nobody answered for that subject", which is also what a stream without a leader looks like.
 */
import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/transport-node'
import type { Refusal } from '../log/resolution.ts'

export const STREAM_NOT_FOUND = 10_059
export const STREAM_NAME_TAKEN = 10_058

/** The last sequence, of the stream or of a subject, is not the expected one, or cannot be told for the moment. */
const wrongSequenceCodes: ReadonlySet<number> = new Set([10_071, 10_164])

/** The stream, the account or the server has no room. */
const fullCodes: ReadonlySet<number> = new Set([10_002, 10_023, 10_028, 10_047, 10_077])

/** Elections, hand-overs and full queues: the same request may be taken a moment later. */
const transientCodes: ReadonlySet<number> = new Set([10_005, 10_008, 10_009, 10_063, 10_158, 10_163, 10_167])

const WRONG_STREAM = 10_060

/** The client does not export the class. */
const NOBODY = 'JetStreamNotEnabled'

/**
 * A server that has just come up answers for a replicated stream that has no leader yet, with what it alone knows: an
 * empty stream, say, where there are a thousand messages (seen with 2.14.5).
 */
export class LeaderlessStreamError extends Error {
  constructor(stream: string) {
    super(`stream has no leader stream=${stream}`)
    this.name = 'LeaderlessStreamError'
  }
}

/** The code of the API's error; `undefined` for an error of another kind. */
export const apiCode = (error: unknown): number | undefined => {
  if (error instanceof JetStreamApiError) return error.code
  return error instanceof Error && error.name === NOBODY ? apiCode(error.cause) : undefined
}

/** What an error of a publish says about the message. */
export const refusalOf = (error: unknown): Refusal | 'noAnswer' => {
  const code = apiCode(error)
  if (code === undefined) return refusalWithoutCode(error)
  if (wrongSequenceCodes.has(code)) return 'wrongSequence'
  if (fullCodes.has(code)) return 'full'
  if (transientCodes.has(code)) return 'transient'
  return code === WRONG_STREAM ? 'wrongStream' : 'unknown'
}

const refusalWithoutCode = (error: unknown): Refusal | 'noAnswer' => {
  if (error instanceof errors.TimeoutError) return 'noAnswer'
  if (error instanceof LeaderlessStreamError) return 'transient'
  return error instanceof Error && error.name === NOBODY ? 'transient' : 'unknown'
}

/** Whether a request that reads or creates may succeed a moment later. */
export const isTransient = (error: unknown): boolean => {
  const refusal = refusalOf(error)
  return refusal === 'transient' || refusal === 'noAnswer'
}
