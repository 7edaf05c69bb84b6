/** What of a store's folder is what: bytes of its rows by what they are for, and what the database adds to them. */
import { join } from 'node:path'
import { openLevelStore } from '@waggle/engine'
import { folderBytes } from '../disk.ts'

/** Bytes of keys and values. */
export interface RowParts {
  /** Records without their embeddings, embeddings, and all else that is of the state. */
  readonly records: number
  readonly embeddings: number
  readonly otherState: number
  /** Outcomes of writes, for those that are repeated; a part of the state. */
  readonly outcomes: number
  /** What replicas and crashes need: records of the log, and the run of those that were applied. */
  readonly log: number
  readonly journal: number
}

export interface DiskParts extends RowParts {
  /** Files of the database, before it was opened for this. */
  readonly files: number
}

// The keys' first bytes (docs/storage-format.md), and of collectives' rows what follows tenant and incarnation.
const STATE_SPACE_MIN = 0x10
const KEY_AGE_SPACE = 0x13
const DATA_SPACE = 0x20
const INCARNATION_BYTES = 12
const tableParts: ReadonlyMap<number, keyof RowParts> = new Map([
  [0x01, 'records'],
  [0x02, 'embeddings'],
  [0x05, 'journal'],
  [0x06, 'outcomes'],
  [0x07, 'journal'],
])

/** The checksum behind every value. */
const SEAL_BYTES = 4

export const partOf = (key: Uint8Array): keyof RowParts => {
  const [space = 0, tenantBytes = 0] = key
  if (space < STATE_SPACE_MIN) return 'log'
  if (space === KEY_AGE_SPACE) return 'outcomes'
  if (space !== DATA_SPACE) return 'otherState'
  return tableParts.get(key[2 + tenantBytes + INCARNATION_BYTES] ?? 0) ?? 'otherState'
}

/** @param folder of a store that nobody has open */
export const diskParts = async (folder: string): Promise<DiskParts> => {
  const files = await folderBytes(folder)
  const parts = { records: 0, embeddings: 0, otherState: 0, outcomes: 0, log: 0, journal: 0 }
  const store = await openLevelStore(join(folder, 'state'), { createIfMissing: false })
  for await (const chunk of store.scanChunks({ gte: Uint8Array.of(0) }))
    for (const [key, value] of chunk) parts[partOf(key)] += key.length + value.length + SEAL_BYTES
  await store.close()
  return { ...parts, files }
}
