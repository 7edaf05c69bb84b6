/** What goes on in the background after it was asked for, and how to wait for it. */
import { pause } from '@waggle/kernel'
import { invalidField } from '@waggle/protocol'
import type { RequestBody } from '../caller.ts'
import type { CollectiveCall, Written } from '../collective-call.ts'

/** What a prune has come to, or is at. */
export interface Pruned extends Written {
  readonly job: string
  readonly isDone: boolean
  /** Keys that went. */
  readonly keys: number
  /** Batches of the journal that went. */
  readonly batches: number
}

const PAUSE_MS = 5
const PAUSE_MS_MAX = 500

/** @throws Fault `INVALID_FIELD` */
export const waitOf = (waitMs: unknown): number => {
  if (waitMs === undefined) return Infinity
  if (typeof waitMs !== 'number' || !(waitMs >= 0)) throw invalidField('options.waitMs', 'milliseconds')
  return waitMs
}

/** Waits until a job is done, or for so long. @param begun the job and the token of the write that began it */
export const awaitJob = async (
  call: CollectiveCall,
  { job, token }: { readonly job: string } & Written,
  waitMs: number,
  options: RequestBody,
): Promise<Pruned> => {
  let known: Pruned = { job, isDone: false, keys: 0, batches: 0, token }
  for (let pauseMs = PAUSE_MS, leftMs = waitMs; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
    const reply = await call.call('keys.job', { job }, options)
    // Jobs that ended long ago are forgotten.
    const { isDone, keys, batches } = reply.job ?? { ...known, isDone: true }
    known = { job, isDone, keys, batches, token: reply.token }
    if (isDone || leftMs <= 0) return known
    const stepMs = Math.min(pauseMs, leftMs)
    await pause(call.timers, stepMs)
    leftMs -= stepMs
  }
}
