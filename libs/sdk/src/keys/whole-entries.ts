/** Entries of a batch with the values that its reply was too small for. */
import type { KeyEntry } from '@waggle/protocol'
import type { RequestBody } from '../caller.ts'
import type { CollectiveCall } from '../collective-call.ts'
import { joinPieces } from './pieces.ts'

export type WholeEntry = readonly [key: Uint8Array, value: Uint8Array]

/** The batch is not there any more, or not yet. */
export interface MissingBatch {
  readonly missing: 'pruned' | 'notYet'
  readonly oldest?: number | undefined
}

class Gone extends Error {
  readonly batch: MissingBatch

  constructor(batch: MissingBatch) {
    super('the batch is gone')
    this.batch = batch
  }
}

const pieceOf =
  (call: CollectiveCall, entry: RequestBody, options: RequestBody) =>
  async (offset: number): Promise<Uint8Array | undefined> => {
    const { piece, missing, oldest } = await call.call('keys.batch', { ...entry, offset }, options)
    if (missing !== undefined) throw new Gone({ missing, oldest })
    return piece
  }

/** @param batch its sequence @throws Fault */
export const wholeEntries = async (
  call: CollectiveCall,
  batch: RequestBody,
  entries: readonly KeyEntry[],
  options: RequestBody = {},
): Promise<{ readonly entries: readonly WholeEntry[] } | MissingBatch> => {
  const whole: WholeEntry[] = []
  try {
    for (const [key, value] of entries) {
      if (value instanceof Uint8Array) whole.push([key, value])
      else
        whole.push([
          key,
          await joinPieces(undefined, value.size, pieceOf(call, { ...batch, entry: value.entry }, options)),
        ])
    }
  } catch (error) {
    if (error instanceof Gone) return error.batch
    throw error
  }
  return { entries: whole }
}
