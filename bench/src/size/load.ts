/** The process that fills a store, and whose memory is measured while it does. */
import { openWaggle } from '@waggle/embedded'
import { report, waitForTheEnd } from '../child.ts'
import { folderBytes, SyncBase } from '../disk.ts'
import { peakRssMb } from '../machine.ts'
import { distributionOf, sumOf, type Distribution } from '../statistics.ts'
import { timedRecords, type WriteMode } from '../write-modes.ts'
import { DIMENSION, syntheticRecord } from './synthetic.ts'

export const COLLECTIVE = 'size'

/** What the process is started with, as JSON. */
export interface LoadTask {
  readonly path: string
  /** Beside the store, for the base. */
  readonly folder: string
  readonly records: number
  readonly seed: number
  readonly mode: WriteMode
  /** Whether it closes the store and ends, or waits with an open store to be killed. */
  readonly close: boolean
}

export interface LoadReport {
  readonly recordsPerSecond: number
  /** Of one call, or of so many calls at once. */
  readonly windowMs: Distribution
  readonly syncsPerSecond: number
  readonly syncMs: Distribution
  readonly ratio: number
  /** Processor time of the whole process. */
  readonly cpuUsPerRecord: number
  readonly peakRssMb: number
  readonly loadedBytes: number
  /** Absent when it waits to be killed. */
  readonly closeMs?: number
}

/** Records of one slice, and syncs of the base after it. */
const SLICE_RECORDS = 640
const SLICE_SYNCS = 64

export const sizeLoad = async ([task]: readonly string[]): Promise<void> => {
  const { path, folder, records, seed, mode, close } = JSON.parse(task ?? '') as LoadTask
  const waggle = await openWaggle({ path })
  const hive = await waggle.createCollective({ name: COLLECTIVE, dimension: DIMENSION }, { idempotencyKey: COLLECTIVE })
  const base = new SyncBase(folder)
  const windowsMs: number[] = []
  let cpuUs = 0
  for (let first = 0; first < records; first += SLICE_RECORDS) {
    const length = Math.min(SLICE_RECORDS, records - first)
    const slice = Array.from({ length }, (_, index) => syntheticRecord(seed, first + index))
    const written = await timedRecords(hive, slice, mode)
    windowsMs.push(...written.windowsMs)
    cpuUs += written.cpuUs
    base.append(SLICE_SYNCS)
  }
  base.close()
  const loadedBytes = await folderBytes(path)
  const peak = peakRssMb()
  const closing = performance.now()
  if (close) await waggle.close()
  const closeMs = performance.now() - closing
  const recordsPerSecond = (1_000 * records) / sumOf(windowsMs)
  await report({
    recordsPerSecond,
    windowMs: distributionOf(windowsMs),
    syncsPerSecond: base.perSecond,
    syncMs: base.latencyMs,
    ratio: recordsPerSecond / base.perSecond,
    cpuUsPerRecord: cpuUs / records,
    peakRssMb: peak,
    loadedBytes,
    ...(close ? { closeMs } : {}),
  } satisfies LoadReport)
  if (!close) await waitForTheEnd()
  process.disconnect()
}
