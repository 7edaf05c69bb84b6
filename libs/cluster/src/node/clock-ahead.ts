/**
 * How far a clock is ahead of the servers': what they stamped, held against when it was asked for and answered. Where
 * the stamp lies between the two there is nothing to be said against the clock.
 */
import type { JetStreamAccess } from '../nats/jetstream-access.ts'

export interface Stamp {
  /** Of the server, epoch milliseconds. */
  readonly stampedMs: number
  /** On the own wall clock: before the question was sent, and after the answer came. */
  readonly sentMs: number
  readonly receivedMs: number
}

/** Milliseconds; negative for a clock that is behind. */
export const clockAheadMs = ({ stampedMs, sentMs, receivedMs }: Stamp): number => {
  if (stampedMs < sentMs) return sentMs - stampedMs
  return stampedMs > receivedMs ? receivedMs - stampedMs : 0
}

/** By the time that is stored with a record that was appended just now. @throws Error where that cannot be read */
export const clockAheadAtRecord = async (
  { manager }: JetStreamAccess,
  { stream, sequence, ...asked }: Omit<Stamp, 'stampedMs'> & { readonly stream: string; readonly sequence: number },
): Promise<number> => {
  const message = await manager.streams.getMessage(stream, { seq: sequence })
  return aheadAt(message?.timestamp, asked)
}

/** By the time at which a server says what a stream is like. @throws Error where it does not say so: before 2.10 */
export const clockAheadNow = async (
  { manager }: JetStreamAccess,
  stream: string,
  nowMs: () => number,
): Promise<number> => {
  const sentMs = nowMs()
  const { ts } = await manager.streams.info(stream)
  return aheadAt(ts, { sentMs, receivedMs: nowMs() })
}

const aheadAt = (stamp: string | undefined, asked: Omit<Stamp, 'stampedMs'>): number => {
  const stampedMs = Date.parse(stamp ?? '')
  if (Number.isNaN(stampedMs)) throw new Error(`no time in the answer: ${stamp}`)
  return clockAheadMs({ stampedMs, ...asked })
}
