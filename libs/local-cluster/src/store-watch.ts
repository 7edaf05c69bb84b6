/**
 * Looks after the store of a server: one that a full disk has frozen stores nothing again before it is started anew
 * (docs/adr/0026).
 *
 * W1  A server is ended only when it says that a stream is frozen, and when there is room again: without it the next
 *     life would be frozen as soon.
 * W2  It is ended once a life, in its own way; whoever supervises it begins the next.
 */
import { statfs } from 'node:fs/promises'
import type { CancelTimer, Logger, Timers } from '@waggle/kernel'

export interface StoreWatchParts {
  readonly folder: string
  readonly timers: Timers
  readonly logger: Logger
  /** What the server says of a stream that is frozen. @throws Error while it does not answer */
  readonly readFrozen: () => Promise<string | undefined>
  /** Bytes that are free where the store is; default: asked of the file system. */
  readonly bytesFree?: () => Promise<number>
  /** Ends the server. */
  readonly end: () => Promise<unknown>
}

const PERIOD_MS = 5_000
/** W1: a few block files, of 8 MB each. */
const BYTES_FREE_MIN = 64 * 1024 ** 2

/** @returns ends the watch */
export const watchStore = (parts: StoreWatchParts): CancelTimer => {
  const { folder, timers, logger, readFrozen, end } = parts
  const { bytesFree = () => statfs(folder).then(({ bavail, bsize }) => bavail * bsize) } = parts
  let isOver = false
  let cancel: CancelTimer = () => undefined
  const look = async (): Promise<void> => {
    const frozen = await readFrozen().catch(() => undefined)
    if (frozen === undefined || isOver) return
    const free = await bytesFree().catch(() => 0)
    if (free < BYTES_FREE_MIN) {
      logger.error('a nats-server stores nothing more: make room on its disk', { folder, reason: frozen, free })
      return
    }
    // W2.
    isOver = true
    logger.warn('a nats-server was frozen by a full disk and is started anew', { folder, reason: frozen })
    await end()
  }
  const again = (): void => {
    cancel = timers.after(
      PERIOD_MS,
      () => {
        void look().finally(() => {
          if (!isOver) again()
        })
      },
      { background: true },
    )
  }
  again()
  return () => {
    isOver = true
    cancel()
  }
}
