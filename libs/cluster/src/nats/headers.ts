/** The headers of a message, as the rest of the cluster sees them: pairs of texts. */
import { parseTraceContext, TRACEPARENT_HEADER, TRACESTATE_HEADER, type TraceContext } from '@waggle/kernel'
import { headers, Match, type MsgHdrs } from '@nats-io/transport-node'
import type { BusMessage } from './bus.ts'

/**
 * The trace that a message belongs to. Libraries of other languages write its names with a capital, so how they are
 * written does not matter.
 */
export const traceOf = (headers: MsgHdrs | undefined): TraceContext | undefined => {
  if (headers === undefined) return undefined
  const traceparent = headers.get(TRACEPARENT_HEADER, Match.IgnoreCase)
  return traceparent === '' ? undefined : parseTraceContext(traceparent, stateIn(headers))
}

const stateIn = (headers: MsgHdrs): string | undefined => {
  const state = headers.get(TRACESTATE_HEADER, Match.IgnoreCase)
  return state === '' ? undefined : state
}

/** Fresh headers: the client changes what it is given, so none is used twice. */
export const headersOf = (pairs: Iterable<readonly [name: string, value: string]>): MsgHdrs => {
  const made = headers()
  for (const [name, value] of pairs) made.set(name, value)
  return made
}

/** The header's value, or `undefined` where the message has none of that name or an empty one. */
export const headerOf = (message: Pick<BusMessage, 'headers'>, name: string): string | undefined => {
  const value = message.headers?.get(name)
  return value === undefined || value === '' ? undefined : value
}
