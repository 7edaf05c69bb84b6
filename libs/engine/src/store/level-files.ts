/**
 * Verifies the files of a database before LevelDB opens it, because LevelDB stays silent about most damage: it drops
 * bad records of the write-ahead log, reads tables without their checksums, believes a damaged filter, does not miss a
 * log, and makes a new database where CURRENT is missing.
 *
 * V1  A folder in which anything remains of a database, but no way into it (CURRENT and the MANIFEST it names), is
 *     damaged and never taken for an empty one.
 * V2  Every table that the MANIFEST lists is there, has its size, and every byte of it is covered (`level-table.ts`).
 *     Tables that are not listed are leftovers of a crash; LevelDB deletes them.
 * V3  The logs are there from the number on that the MANIFEST names, and every byte is covered (`level-log.ts`). Their
 *     batches follow one another without a gap in the sequence numbers, from log to log and from the tables on. So the
 *     only thing that can be missing unnoticed is the end: whole last batches, or a whole last log beside an older one.
 *     (That is what the file of acknowledgements is for, `acknowledged-file.ts`.)
 * V4  LOCK is never opened, not even to read: closing it would drop LevelDB's own lock, which is a POSIX lock.
 *
 * The caller must hold the folder: files that a live LevelDB is changing look damaged. Memory is bounded by some
 * megabytes, and between chunks of 1 MB the event loop runs. Measured on two busy cores, files in the cache: 247 MB in
 * 154-160 ms, 1.6 GB/s, the event loop held up for 3-5 ms at most.
 */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { withFile } from './file-chunks.ts'
import { uint32At } from './level-coding.ts'
import { damagedFile, missingFile, unreadableFile } from './level-faults.ts'
import { readLog, type LogRecord } from './level-log.ts'
import { readManifest, type LevelVersion } from './level-manifest.ts'
import { verifyTable } from './level-table.ts'

export interface LevelFilesReport {
  /** False when there is no database yet: the folder is absent or empty. */
  readonly exists: boolean
  /** How many live tables were verified. */
  readonly tables: number
  /** How many bytes were verified, those of logs and MANIFEST included. */
  readonly bytes: number
  /** True when the last write was cut off by a crash. It had not been acknowledged, and LevelDB drops it. */
  readonly tornTail: boolean
}

const CURRENT_SIZE_BYTES_MAX = 64
/** Each holds two chunks. The thread pool has four threads, and one is left to others. */
const TABLES_AT_ONCE = 3
/** Sequence number and count, at the start of every batch. */
const BATCH_HEADER_SIZE_BYTES = 12

const listFiles = async (directory: string): Promise<readonly string[]> =>
  readdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw unreadableFile(directory, error)
  })

const fileName = (number: number, kind: 'log' | 'ldb'): string => `${String(number).padStart(6, '0')}.${kind}`

/** The names of the files of one kind, by file number: `000012.ldb` is 12. */
const numbered = (names: readonly string[], kind: 'log' | 'ldb' | 'sst'): ReadonlyMap<number, string> => {
  const pattern = new RegExp(`^\\d+\\.${kind}$`, 'u')
  return new Map(names.filter((name) => pattern.test(name)).map((name) => [parseInt(name, 10), name]))
}

/** V1: whether there is a database. Before the first CURRENT, LevelDB writes the first MANIFEST and nothing else. */
const hasDatabase = (directory: string, names: readonly string[]): boolean => {
  if (names.includes('CURRENT')) return true
  const remains = names.find((name) => /\.(?:log|ldb|sst)$/u.test(name) || /^MANIFEST-(?!000001$)/u.test(name))
  if (remains === undefined) return false
  throw missingFile(path.join(directory, 'CURRENT'), `there is a ${remains}`)
}

/** V1: the MANIFEST that CURRENT names. */
const currentManifest = async (directory: string): Promise<string> => {
  const current = path.join(directory, 'CURRENT')
  const text = await withFile(current, async (file) => file.read(0, CURRENT_SIZE_BYTES_MAX))
  const name = /^(MANIFEST-\d+)\n$/u.exec(Buffer.from(text).toString('latin1'))?.[1]
  if (name === undefined) throw damagedFile(current, 0, 'it names no MANIFEST')
  return path.join(directory, name)
}

/** V2. Several tables at a time: what one is read for, another one is computed for. */
const verifyTables = async (directory: string, names: readonly string[], { tables }: LevelVersion): Promise<number> => {
  const found = new Map([...numbered(names, 'sst'), ...numbered(names, 'ldb')])
  const left = tables.entries()
  const failures: unknown[] = []
  let bytes = 0
  const verifyNext = async (): Promise<void> => {
    for (const [number, size] of left) {
      const name = found.get(number)
      if (name === undefined)
        throw missingFile(path.join(directory, fileName(number, 'ldb')), 'the MANIFEST lists the table')
      await verifyTable(path.join(directory, name), size)
      if (failures.length > 0) return
      bytes += size
    }
  }
  const verifying = Array.from({ length: TABLES_AT_ONCE }, () =>
    verifyNext().catch((error: unknown) => failures.push(error)),
  )
  await Promise.all(verifying)
  if (failures.length > 0) throw failures[0]
  return bytes
}

/** V3: checks that each batch follows the one before. */
const batchOrder = (lastSequence: number): ((log: string, record: LogRecord) => void) => {
  let next: number | undefined
  return (log, { offset, bytes }) => {
    if (bytes.length < BATCH_HEADER_SIZE_BYTES) throw damagedFile(log, offset, 'a batch without its header')
    const sequence = uint32At(bytes, 0) + uint32At(bytes, 4) * 2 ** 32
    // The first log may begin before the last edit of the MANIFEST, which looks at all logs.
    const follows = next === undefined ? sequence <= lastSequence + 1 : sequence === next
    if (!follows) throw damagedFile(log, offset, `batches are missing before sequence number ${sequence}`)
    next = sequence + uint32At(bytes, 8)
  }
}

/** V3 */
const verifyLogs = async (
  directory: string,
  names: readonly string[],
  version: LevelVersion,
): Promise<{ bytes: number; tornTail: boolean }> => {
  const { logNumber, previousLogNumber, lastSequence } = version
  const found = numbered(names, 'log')
  const live = [...found.keys()].filter((number) => number >= logNumber || number === previousLogNumber)
  for (const number of [logNumber, previousLogNumber]) {
    const listed = number === 0 || found.has(number)
    if (!listed) throw missingFile(path.join(directory, fileName(number, 'log')), 'the MANIFEST lists the log')
  }
  const checkOrder = batchOrder(lastSequence)
  let bytes = 0
  let tornTail = false
  for (const number of live.sort((left, right) => left - right)) {
    const log = path.join(directory, found.get(number) as string)
    const end = await readLog(log, BATCH_HEADER_SIZE_BYTES, (record) => checkOrder(log, record))
    bytes += end.bytes
    tornTail ||= end.tornTail
  }
  return { bytes, tornTail }
}

/**
 * Verifies the database in `directory`, which need not exist.
 * @throws Fault `CORRUPT` with `path` and `reason`, and mostly `offset`, when anything is damaged or missing
 * @throws Fault `STORAGE_FAILED` when a file cannot be read for want of rights or descriptors
 */
export const verifyLevelFiles = async (directory: string): Promise<LevelFilesReport> => {
  const names = await listFiles(directory)
  if (!hasDatabase(directory, names)) return { exists: false, tables: 0, bytes: 0, tornTail: false }
  const version = await readManifest(await currentManifest(directory))
  const logs = await verifyLogs(directory, names, version)
  const bytes = version.bytes + logs.bytes + (await verifyTables(directory, names, version))
  return { exists: true, tables: version.tables.size, bytes, tornTail: version.tornTail || logs.tornTail }
}
