import type { Span } from '@waggle/kernel'
import type { BuiltName } from '@waggle/protocol'

/** The plain form of a request: fields and options side by side, as on the wire. */
export type RequestBody = Readonly<Record<string, unknown>>

/**
 * What comes back: the operation's result, and the token of the state that it speaks of. An answer that was put
 * together from several shards has the tokens of all of them, joined, or none.
 */
export type ReplyBody = Readonly<Record<string, unknown>> & { readonly token?: string }

/**
 * The port between the interface that users hold on to and whatever executes it: an engine in this process, or a
 * cluster behind a connection.
 */
export interface Caller {
  /** @param span of the call: whoever executes it belongs to that @throws Fault */
  call(operation: BuiltName, body: RequestBody, span?: Span): Promise<ReplyBody>
  /** Lets everything that was begun end; a second call does nothing. */
  close(): Promise<void>
}
