/**
 * Uploads that were left, of all collectives, go (rule U4 of `upload-commands.ts`), by the log's time. Whoever keeps
 * house asks as often as he likes: the collectives are looked through every quarter of the time that an upload is kept.
 * What fails for one, such as a row that is damaged, keeps no other waiting.
 */
import type { Logger, Timers } from '@waggle/kernel'
import { limits } from '@waggle/protocol'
import type { OwnCommand } from '../../commit/submission.ts'
import { isRefusedForNow } from '../../errors.ts'
import { readCollective } from '../../memory/collective/collective-rows.ts'
import { collectiveOfKey, directoryPrefix } from '../../state/keyspace.ts'
import type { StoreReader } from '../../store/key-value-store.ts'
import { prefixRange } from '../../store/prefix-range.ts'
import { expired } from './upload-commands.ts'
import { readUploads } from './uploads.ts'

const PERIOD_MS = limits.UPLOAD_KEPT_MS / 4
/** Collectives that are looked at in one turn of the event loop: some 2 ms. */
const COLLECTIVES_PER_TURN = 256

export interface UploadExpiryParts {
  readonly store: StoreReader
  readonly timers: Pick<Timers, 'yield'>
  readonly logger: Logger
  readonly timeMs: () => number
  readonly submit: (command: OwnCommand) => Promise<unknown>
  readonly isStopped: () => boolean
}

export class UploadExpiry {
  readonly #parts: UploadExpiryParts
  #lastMs: number | undefined

  constructor(parts: UploadExpiryParts) {
    this.#parts = parts
  }

  /** One step for each collective that has left any. @throws Fault that a step was refused with for now */
  async dropLeft(): Promise<void> {
    const { store, timers, logger, timeMs, isStopped } = this.#parts
    const nowMs = timeMs()
    if (this.#lastMs !== undefined && nowMs - this.#lastMs < PERIOD_MS) return
    let seen = 0
    for await (const key of store.scanKeys(prefixRange(directoryPrefix()))) {
      if (isStopped()) return
      seen += 1
      if (seen % COLLECTIVES_PER_TURN === 0) await timers.yield()
      try {
        await this.#dropOf(key)
      } catch (error) {
        if (isRefusedForNow(error)) throw error
        logger.error('dropping uploads failed', { reason: String(error) })
      }
    }
    this.#lastMs = nowMs
  }

  async #dropOf(directoryKey: Uint8Array): Promise<void> {
    const { store, timeMs, submit } = this.#parts
    const found = collectiveOfKey(directoryKey)
    if (found === undefined) return
    const { tenant, id: collective } = found
    const scope = readCollective(store, tenant, collective)?.scope
    if (scope === undefined || expired(readUploads(store, scope), timeMs()).length === 0) return
    await submit({ name: 'maintenance.dropUploads', tenant, collective, fields: { collective } })
  }
}
