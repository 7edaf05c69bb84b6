/**
 * Reads the MANIFEST of LevelDB: the log of edits whose sum says which tables are alive, from which number on the
 * write-ahead logs are, and the sequence number up to which the tables go.
 */
import path from 'node:path'
import { LevelDecoder } from './level-coding.ts'
import { damagedFile } from './level-faults.ts'
import { readLog, type LogEnd } from './level-log.ts'

/** What the edits of a MANIFEST add up to. */
export interface LevelVersion extends LogEnd {
  /** The size in bytes of each live table, by file number. */
  readonly tables: ReadonlyMap<number, number>
  /** Logs with this number or a higher one are alive; 0 in a database that has not been opened to the end yet. */
  readonly logNumber: number
  /** A log of an older LevelDB that is alive too; 0: none. */
  readonly previousLogNumber: number
  /** The sequence number of the last write when the last edit was written. */
  readonly lastSequence: number
}

const COMPARATOR = 'leveldb.BytewiseComparator'

interface Edits {
  readonly tables: Map<string, { readonly number: number; readonly size: number }>
  logNumber?: number
  previousLogNumber?: number
  lastSequence?: number
  nextFileNumber?: number
}

/** Applies one edit: a list of fields, each behind its tag. The tags are LevelDB's, see its `version_edit.cc`. */
const applyEdit = (edits: Edits, edit: LevelDecoder, damaged: (reason: string) => Error): void => {
  const tableKey = (level: number, number: number): string => `${level}/${number}`
  while (!edit.done) {
    const tag = edit.varint()
    switch (tag) {
      case 1:
        if (Buffer.from(edit.slice()).toString('latin1') !== COMPARATOR) throw damaged('an unknown order of keys')
        break
      case 2:
        edits.logNumber = edit.varint()
        break
      case 3:
        edits.nextFileNumber = edit.varint()
        break
      case 4:
        edits.lastSequence = edit.varint()
        break
      case 5: // Where the next compaction of a level starts.
        edit.varint()
        edit.slice()
        break
      case 6:
        edits.tables.delete(tableKey(edit.varint(), edit.varint()))
        break
      case 7: {
        const level = edit.varint()
        const number = edit.varint()
        edits.tables.set(tableKey(level, number), { number, size: edit.varint() })
        edit.slice() // Its smallest key.
        edit.slice() // Its largest key.
        break
      }
      case 9:
        edits.previousLogNumber = edit.varint()
        break
      default:
        throw damaged(`an edit with the unknown tag ${tag}`)
    }
  }
}

/** @throws Fault `CORRUPT` when `manifest` cannot be read or does not make a version */
export const readManifest = async (manifest: string): Promise<LevelVersion> => {
  const edits: Edits = { tables: new Map() }
  const end = await readLog(manifest, Infinity, ({ offset, bytes }) => {
    const damaged = (reason: string) => damagedFile(manifest, offset, reason)
    applyEdit(edits, new LevelDecoder(bytes, damaged), damaged)
  })
  const { tables, logNumber, previousLogNumber = 0, lastSequence, nextFileNumber } = edits
  if (logNumber === undefined || lastSequence === undefined || nextFileNumber === undefined) {
    throw damagedFile(manifest, end.bytes, `${path.basename(manifest)} has no complete edit`)
  }
  const sizes = new Map([...tables.values()].map(({ number, size }) => [number, size] as const))
  return { ...end, tables: sizes, logNumber, previousLogNumber, lastSequence }
}
