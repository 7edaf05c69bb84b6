import type { ResultOf } from '@waggle/protocol'
import type { CollectiveCall, Written } from './collective-call.ts'
import type { CallOptions, WriteOptions } from './session.ts'

/** A place in the changes of a collective that is kept under a name. */
export type SavedCursor = ResultOf<'cursor.list'>['items'][number]

export type CursorSaved = ResultOf<'cursor.save'>

export interface SaveCursorOptions extends WriteOptions {
  readonly keepMs?: number
}

/**
 * How far readers of the changes are, kept in the store: what a saved cursor has not seen is not pruned, so a mirror
 * that is away for a while misses nothing.
 */
export class CursorsHandle {
  readonly #call: CollectiveCall

  constructor(call: CollectiveCall) {
    this.#call = call
  }

  /**
   * Keeps a cursor of `watch` or `poll` under a name. It is abandoned when it is not saved again for `keepMs`
   * milliseconds, a week where that was never said. The answer's `droppedAt` tells that what stood under the name was
   * abandoned: changes since may be gone.
   * @throws Fault `HISTORY_LOST` when changes after the cursor are gone
   */
  async save(name: string, cursor: string, options: SaveCursorOptions = {}): Promise<Written & CursorSaved> {
    const { keepMs, ...rest } = options
    return this.#call.call('cursor.save', { name, cursor, ...(keepMs === undefined ? {} : { keepMs }) }, rest)
  }

  /** Those that are kept, and notices of those that were abandoned, until they are saved anew or dropped. */
  async list(options: CallOptions = {}): Promise<readonly SavedCursor[]> {
    return (await this.#call.call('cursor.list', {}, options)).items
  }

  /** Forgets it: changes are no longer kept for its sake. */
  async drop(name: string, options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('cursor.drop', { name }, options)
  }
}
