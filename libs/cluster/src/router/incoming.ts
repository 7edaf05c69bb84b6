import type { TraceContext } from '@waggle/kernel'

/** A message that came to a router. */
export interface Incoming {
  readonly subject: string
  readonly reply?: string
  /** Read before it is handled, or copied. */
  readonly data: Uint8Array
  /** Where its sender says that it belongs. */
  readonly trace?: TraceContext | undefined
}
