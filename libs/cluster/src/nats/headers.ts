/** The headers of a message, as the rest of the cluster sees them: pairs of texts. */
import { headers, type MsgHdrs } from '@nats-io/transport-node'
import type { BusMessage } from './bus.ts'

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
