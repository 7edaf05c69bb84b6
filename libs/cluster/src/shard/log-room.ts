/** Whether the log of a shard has room for clients' writes (DESIGN K1). */
import type { Fault } from '@waggle/kernel'
import { fault, type FaultCode } from '@waggle/protocol'
import type { LogStatus } from '../log/jetstream-log.ts'

/** Share of the log's room above which writes are refused, so that barriers, holds and horizons still fit. */
const FULL_RATIO = 0.9
const FULL_RETRY_AFTER_MS = 1_000

/** Why writes are refused for now. @param trouble what the log itself says */
export const roomFault = (
  shard: number,
  { bytes, bytesMax }: Pick<LogStatus, 'bytes' | 'bytesMax'>,
  trouble: FaultCode | undefined,
): Fault | undefined => {
  if (trouble === undefined && bytes < bytesMax * FULL_RATIO) return undefined
  const details = { shard, bytes, limit: Math.floor(bytesMax * FULL_RATIO) }
  return fault('STORAGE_FULL', `log of the shard is full shard=${shard} bytes=${bytes}`, details, {
    retryAfterMs: FULL_RETRY_AFTER_MS,
  })
}
