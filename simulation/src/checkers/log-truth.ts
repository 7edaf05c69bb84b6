/**
 * What a log says, by the rules of the design (L1, L2) and by nothing of the engine: the arbiter of every checker.
 *
 * A record counts if it is a barrier at its own position that follows from the tip, or of the last such barrier's term
 * and follows from the tip; everything else is nobody's predecessor.
 */
import { decodeEntries, decodeRecord, type LogEntry } from '@waggle/protocol'
import { equalBytes } from '@waggle/kernel'
import type { Stream } from '../servers/stream.ts'

export interface EffectiveRecord {
  readonly sequence: number
  readonly timeMs: number
  readonly entries: readonly LogEntry[]
}

export interface LogTruth {
  readonly shard: number
  readonly last: number
  /** In their order. */
  readonly records: readonly EffectiveRecord[]
  /** Where the log contradicts itself. */
  readonly contradictions: readonly string[]
}

export const readLog = (shard: number, stream: Stream): LogTruth => {
  const records: EffectiveRecord[] = []
  const contradictions: string[] = []
  let tip: { sequence: number; hash: Uint8Array } = { sequence: 0, hash: new Uint8Array(32) }
  let epoch = { sequence: 0, id: '' }
  let timeMs = 0
  let pieces: Uint8Array[] = []
  for (const { sequence, data } of stream.archive) {
    const decoded = decodeRecord(data)
    if ('defect' in decoded) {
      contradictions.push(`record cannot be read sequence=${sequence} defect=${decoded.defect}`)
      continue
    }
    const { record, hash } = decoded
    const isOfTerm = record.epoch.sequence === epoch.sequence && record.epoch.id === epoch.id
    const isBarrier = record.epoch.sequence === record.position
    const follows = record.previous.sequence === tip.sequence && equalBytes(record.previous.hash, tip.hash)
    if (record.position !== sequence || (!isOfTerm && !isBarrier)) continue
    if (!follows) {
      contradictions.push(`record does not follow sequence=${sequence} previous=${record.previous.sequence}`)
      continue
    }
    if (record.timeMs < timeMs) contradictions.push(`time goes back sequence=${sequence}`)
    ;({ timeMs } = record)
    if (isBarrier) epoch = record.epoch
    tip = { sequence, hash }
    pieces = record.part.index === 0 ? [record.payload] : [...pieces, record.payload]
    if (record.part.index !== record.part.count - 1) continue
    records.push({ sequence, timeMs: record.timeMs, entries: decodeEntries(Buffer.concat(pieces)) })
  }
  return { shard, last: stream.last, records, contradictions }
}
