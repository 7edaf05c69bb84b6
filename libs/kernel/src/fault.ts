/**
 * The one error class that crosses a boundary: of a library, of a process, of the wire.
 *
 * Codes are stable: a published code is never renamed and never reused. Messages are for people and may change; they
 * are lower case with the variables at the end (`key=value`). What a caller should *do* depends on the kind alone, so a
 * client that meets a code it does not know can still act on the kind.
 */

/** What the caller should do; see `docs/errors.md` for the advice of each. */
export type FaultKind =
  | 'invalid'
  | 'notFound'
  | 'denied'
  | 'conflict'
  | 'moved'
  | 'busy'
  | 'notReady'
  | 'lost'
  | 'unavailable'
  | 'corrupt'
  | 'closed'
  | 'internal'

/** Serialisable facts about the fault: the field, the limit, the value, the address concerned. */
export type FaultDetails = Readonly<Record<string, string | number | boolean | null | readonly (string | number)[]>>

/** One row of a fault catalogue. */
export interface FaultEntry {
  readonly kind: FaultKind
  /** What happened, in one sentence. */
  readonly summary: string
  /** What the caller does now, in one sentence. */
  readonly advice: string
}

/** A library's faults, by code. */
export type FaultCatalogue = Readonly<Record<string, FaultEntry>>

/** What a fault may carry beside its code and message. */
export interface FaultOptions {
  /** Milliseconds to wait before the next try; present when the kind is `busy`. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** The plain form of a fault: what the log remembers and the wire carries. */
export interface FaultBody {
  readonly code: string
  readonly kind: FaultKind
  readonly message: string
  readonly details: FaultDetails
  readonly retryAfterMs?: number
}

export class Fault extends Error {
  readonly code: string
  readonly kind: FaultKind
  readonly details: FaultDetails
  // Declared only: a field would be there, as `undefined`, in every fault.
  declare readonly retryAfterMs?: number

  constructor(body: FaultBody, cause?: unknown) {
    super(body.message, cause === undefined ? undefined : { cause })
    this.name = 'Fault'
    this.code = body.code
    this.kind = body.kind
    this.details = body.details
    if (body.retryAfterMs !== undefined) this.retryAfterMs = body.retryAfterMs
  }

  /** The plain form, without the stack and the cause, which stay in this process. */
  toJSON(): FaultBody {
    const { code, kind, message, details, retryAfterMs } = this
    return retryAfterMs === undefined
      ? { code, kind, message, details }
      : { code, kind, message, details, retryAfterMs }
  }
}

/** Makes the faults of one catalogue: `const fault = faultMaker(catalogue); throw fault('NOT_FOUND', '…', { id })`. */
export const faultMaker =
  <Catalogue extends FaultCatalogue>(catalogue: Catalogue) =>
  (code: keyof Catalogue & string, message: string, details: FaultDetails = {}, options: FaultOptions = {}): Fault => {
    const entry = catalogue[code] as FaultEntry
    const body: FaultBody = { code, kind: entry.kind, message, details }
    const { retryAfterMs, cause } = options
    return new Fault(retryAfterMs === undefined ? body : { ...body, retryAfterMs }, cause)
  }

/** True for a fault of any copy of this module (two copies can be loaded when a client and an embedded store meet). */
export const isFault = (value: unknown): value is Fault =>
  value instanceof Fault || (value instanceof Error && value.name === 'Fault' && 'code' in value && 'kind' in value)
