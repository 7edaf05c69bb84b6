/**
 * What the parts of a cluster use of their connection to NATS: messages that come or are lost, at most once, in the
 * order of their sender. A `NatsConnection` is one; so is whatever a simulation puts in its place.
 */
import type { MsgHdrs } from '@nats-io/transport-node'

/** A message that came. */
export interface BusMessage {
  readonly subject: string
  readonly data: Uint8Array
  readonly reply?: string | undefined
  readonly headers?: MsgHdrs | undefined
}

export interface BusSubscription {
  unsubscribe(): void
}

export interface BusSubscribing {
  /** Of all who subscribe with the same name, one gets each message. */
  readonly queue?: string
  /** `error`: the server refuses the subject. Must not throw. */
  readonly callback: (error: Error | null, message: BusMessage) => void
}

export interface BusPublishing {
  readonly reply?: string
  readonly headers?: MsgHdrs
}

export interface Bus {
  /** What the server said when it took the connection; absent while there is none. */
  readonly info?: { readonly max_payload: number } | undefined
  /** Lost where there is no connection. @throws Error when it was closed for good */
  publish(subject: string, bytes?: Uint8Array, options?: BusPublishing): void
  subscribe(subject: string, options: BusSubscribing): BusSubscription
  /** @param options.timeout milliseconds @throws Error when nobody answers in time */
  request(
    subject: string,
    bytes?: Uint8Array,
    options?: { readonly timeout: number; readonly headers?: MsgHdrs },
  ): Promise<BusMessage>
  /** Resolves when the server has taken all that was said before. @throws Error without a connection */
  flush(): Promise<void>
  isClosed(): boolean
  /** What happens to the connection, such as `reconnect`; ends with it. */
  status(): AsyncIterable<{ readonly type: string }>
}
