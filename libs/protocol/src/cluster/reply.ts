/** What goes back to whoever asked: `{ ok: true, … }` or `{ ok: false, error }`, and two headers that tell a fault. */
import { Fault, isFault, type FaultBody, type FaultKind } from '@waggle/kernel'
import { decodeBody, encodeBody, type Encoding } from '../codec/body.ts'
import { encodeMapWithin } from '../codec/bounded-body.ts'
import { fault } from '../errors.ts'
import { isMap } from '../schema/map.ts'

/** Headers of NATS micro services: a text, and a number of the fault's kind. */
export const FAULT_TEXT_HEADER = 'Nats-Service-Error'
export const FAULT_NUMBER_HEADER = 'Nats-Service-Error-Code'

/** One number a kind, chosen after the HTTP status that means nearly the same. */
const faultNumbers = {
  invalid: 400,
  denied: 403,
  notFound: 404,
  conflict: 409,
  lost: 410,
  moved: 421,
  busy: 429,
  closed: 499,
  internal: 500,
  notReady: 503,
  unavailable: 504,
  corrupt: 520,
} as const satisfies Record<FaultKind, number>

export interface EncodedReply {
  readonly bytes: Uint8Array
  /** Of a fault. */
  readonly code?: string
  /** Present for a fault. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
}

/** @param bytesMax what the server carries; a larger result becomes `RESULT_TOO_LARGE` (K8) */
export const encodeReply = (
  result: Readonly<Record<string, unknown>>,
  encoding: Encoding,
  bytesMax: number,
): EncodedReply => {
  const bytes = encodeMapWithin({ ok: true, ...result }, encoding, bytesMax)
  if (bytes !== undefined) return { bytes }
  const refused = fault('RESULT_TOO_LARGE', `result is too large limit=${bytesMax}`, { limit: bytesMax })
  return encodeFault(refused, encoding)
}

export const encodeFault = (refused: Fault, encoding: Encoding): EncodedReply => ({
  bytes: encodeBody({ ok: false, error: refused.toJSON() }, encoding),
  code: refused.code,
  headers: [
    [FAULT_TEXT_HEADER, `${refused.code}: ${refused.message.replace(/[\r\n]+/g, ' ').slice(0, HEADER_TEXT_MAX)}`],
    [FAULT_NUMBER_HEADER, String(faultNumbers[refused.kind])],
  ],
})

const HEADER_TEXT_MAX = 500

/** The result in a reply. @throws the Fault that it carries, or `INTERNAL` for bytes that are no reply */
export const decodeReply = (bytes: Uint8Array): Readonly<Record<string, unknown>> => {
  const value = replyMap(bytes)
  if (value?.ok === true) {
    const { ok: _, ...result } = value
    return result
  }
  const error = value?.error
  if (!isMap(error) || typeof error.code !== 'string' || !isKind(error.kind))
    throw fault('INTERNAL', 'the reply is none of this protocol')
  throw new Fault({
    code: error.code,
    kind: error.kind,
    message: String(error.message),
    details: (isMap(error.details) ? error.details : {}) as FaultBody['details'],
    ...(typeof error.retryAfterMs === 'number' ? { retryAfterMs: boundedDelay(error.retryAfterMs) } : {}),
  })
}

const replyMap = (bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined => {
  try {
    const { value } = decodeBody(bytes)
    return isMap(value) ? value : undefined
  } catch (error) {
    throw isFault(error) ? fault('INTERNAL', `the reply cannot be decoded reason=${error.message}`) : error
  }
}

const isKind = (kind: unknown): kind is FaultKind => typeof kind === 'string' && Object.hasOwn(faultNumbers, kind)

/** A peer's word is no reason to wait for weeks, or not at all. */
const boundedDelay = (delayMs: number): number => (delayMs >= 0 ? Math.min(Math.round(delayMs), RETRY_AFTER_MS_MAX) : 0)

const RETRY_AFTER_MS_MAX = 60_000
