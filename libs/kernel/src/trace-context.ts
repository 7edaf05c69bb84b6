/**
 * Which trace a piece of work belongs to, in the form of W3C's Trace Context: the headers `traceparent` and
 * `tracestate`, as they come from anywhere.
 *
 * Z1  Read strictly: what is not exactly a `traceparent` is none, and costs the request nothing (P10).
 * Z2  What goes on is made anew from what was read, never the text that came, and is bounded: 55 characters, and a
 *     `tracestate` of at most 512, which is left out where it is longer or no list of members.
 */

export const TRACEPARENT_HEADER = 'traceparent'
export const TRACESTATE_HEADER = 'tracestate'

export interface TraceContext {
  /** 32 hexadecimal digits in lower case, not all of them zero. */
  readonly traceId: string
  /** The span that caused the work: 16 hexadecimal digits, as above. */
  readonly spanId: string
  /** Whether whoever began the trace keeps it. */
  readonly isSampled: boolean
  /** What tracing systems carry along beside it. */
  readonly state?: string
}

/** Version, trace, span, flags. What a later version may have behind them is read over, as the standard asks for. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[\x21-\x7e]{0,200})?$/
const VERSION = '00'
const VERSION_INVALID = 'ff'
const ALL_ZERO = /^0+$/
const SAMPLED = 1

const STATE_UNITS_MAX = 512
const STATE_MEMBERS_MAX = 32
const STATE_MEMBER = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{1,256}$/

/** Z1. `undefined` where there is none that is sound. */
export const parseTraceContext = (traceparent: string | undefined, tracestate?: string): TraceContext | undefined => {
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(traceparent ?? '') ?? []
  if (version === undefined || version === VERSION_INVALID || (version === VERSION && more !== undefined))
    return undefined
  if (ALL_ZERO.test(traceId) || ALL_ZERO.test(spanId)) return undefined
  const isSampled = (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED
  const state = soundState(tracestate)
  return state === undefined ? { traceId, spanId, isSampled } : { traceId, spanId, isSampled, state }
}

/** The header `traceparent`: 55 characters. */
export const formatTraceparent = ({ traceId, spanId, isSampled }: TraceContext): string =>
  `${VERSION}-${traceId}-${spanId}-${isSampled ? '01' : '00'}`

/** The headers that carry it on. */
export const traceHeaders = (context: TraceContext): readonly (readonly [name: string, value: string])[] => {
  const parent = [TRACEPARENT_HEADER, formatTraceparent(context)] as const
  return context.state === undefined ? [parent] : [parent, [TRACESTATE_HEADER, context.state]]
}

/** As they stand in a line of the log. */
export const traceFacts = (
  context: TraceContext | undefined,
): { readonly trace_id?: string; readonly span_id?: string } =>
  context === undefined ? {} : { trace_id: context.traceId, span_id: context.spanId }

/** Z2. */
const soundState = (text: string | undefined): string | undefined => {
  if (text === undefined || text.length > STATE_UNITS_MAX) return undefined
  const members = text.split(',').flatMap((member) => member.trim() || [])
  if (members.length === 0 || members.length > STATE_MEMBERS_MAX) return undefined
  return members.every((member) => STATE_MEMBER.test(member)) ? members.join(',') : undefined
}
