/**
 * Whether there is room for clients' writes (DESIGN K1): in the log of the shard, and on the disk of its leader.
 *
 * F1  Writes are refused above 90 % of the log's room, so that barriers, holds and horizons still fit.
 * F2  They are refused above 90 % of the disk's room too, where less than 1 GiB is left: LevelDB needs room to merge
 *     its files, a tenth of a large disk is more than it ever takes, and a state that cannot be written ends the term.
 * F3  Reads go on, and so do writes as soon as there is room: it is looked at once a second.
 */
import type { Fault } from '@waggle/kernel'
import { fault, type FaultCode } from '@waggle/protocol'
import type { DiskRoom } from '../disk/node-disk.ts'
import type { LogStatus } from '../log/jetstream-log.ts'

const FULL_RATIO = 0.9
/** F2. */
const DISK_BYTES_FREE_MIN = 1024 ** 3
const FULL_RETRY_AFTER_MS = 1_000

export interface Room {
  readonly log: Pick<LogStatus, 'bytes' | 'bytesMax'>
  /** Absent where it cannot be told. */
  readonly disk?: DiskRoom | undefined
  /** What the log itself says. */
  readonly trouble: FaultCode | undefined
}

/** Why writes are refused for now. */
export const roomFault = (shard: number, { log, disk, trouble }: Room): Fault | undefined => {
  const logLimit = Math.floor(log.bytesMax * FULL_RATIO)
  // A stream without a bound says -1.
  const isLogFull = log.bytesMax > 0 && log.bytes >= log.bytesMax * FULL_RATIO
  if (trouble !== undefined || isLogFull)
    return full(`log of the shard is full shard=${shard} bytes=${log.bytes}`, {
      ...{ shard, of: 'log', bytes: log.bytes, limit: logLimit },
    })
  return disk === undefined ? undefined : diskFault(shard, disk)
}

/** F2. */
const diskFault = (shard: number, { bytesFree, bytesMax }: DiskRoom): Fault | undefined => {
  const reserved = Math.min(bytesMax * (1 - FULL_RATIO), DISK_BYTES_FREE_MIN)
  if (bytesFree >= reserved) return undefined
  return full(`disk of the shard's leader is full shard=${shard} bytesFree=${bytesFree}`, {
    ...{ shard, of: 'disk', bytes: bytesMax - bytesFree, limit: Math.floor(bytesMax - reserved) },
  })
}

const full = (message: string, details: Readonly<Record<string, string | number>>): Fault =>
  fault('STORAGE_FULL', message, details, { retryAfterMs: FULL_RETRY_AFTER_MS })
