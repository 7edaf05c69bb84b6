/** Ends a timer before it fires; calling it again, or after it fired, does nothing. */
export type CancelTimer = () => void

/** The longest delay, 24.8 days: Node fires a longer timer at once. */
export const DELAY_MS_MAX = 2 ** 31 - 1

/** Delayed calls, as the only way to ask for them. */
export interface Timers {
  /**
   * Calls `callback` once, after at least `delayMs` milliseconds (0 to `DELAY_MS_MAX`). A pending timer keeps the
   * process alive, for somebody may wait for it, unless it belongs to background work.
   */
  after(delayMs: number, callback: () => void, options?: { readonly background?: boolean }): CancelTimer
  /** Resolves in a later turn of the event loop, so that waiting input and output are served first. */
  yield(): Promise<void>
}
