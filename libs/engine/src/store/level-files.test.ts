/** The heart of S4: whatever happens to the files, the store says so or answers as before, never silently less. */
import { copyFile, link, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isFault } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'
import type { StoreChange } from './key-value-store.ts'
import { verifyLevelFiles } from './level-files.ts'
import { openLevelStore } from './level-store.ts'

type Rows = ReadonlyMap<string, string>

/** LOCK, LOG and LOG.old hold nothing of the database. */
const DATA_FILE = /^(?:\d+\.(?:ldb|log)|MANIFEST-\d+|CURRENT)$/u

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

interface Sample {
  readonly directory: string
  readonly files: readonly string[]
  readonly batches: readonly (readonly StoreChange[])[]
}

interface Plan {
  readonly seed: number
  readonly sessions: number
  readonly batchesPerSession: number
  readonly rowsPerBatch: number
  readonly valueSizeMax: number
}

/** Each opening makes a table of the log before it, so the last session's batches alone are in the log. */
const buildSample = async (directory: string, plan: Plan): Promise<Sample> => {
  const random = seededRandom(plan.seed)
  const batches: StoreChange[][] = []
  for (let session = 0; session < plan.sessions; session += 1) {
    const store = await openLevelStore(directory)
    for (let count = 0; count < plan.batchesPerSession; count += 1) {
      const batch: StoreChange[] = [{ key: Buffer.from('batch'), value: Buffer.from(String(batches.length + 1)) }]
      for (let index = 0; index < plan.rowsPerBatch; index += 1) {
        const key = `row-${random.uint32() % (plan.sessions * plan.batchesPerSession * plan.rowsPerBatch * 4)}`
        const value = random.uint32() % 16 === 0 ? undefined : random.bytes(random.uint32() % plan.valueSizeMax)
        batch.push({ key: Buffer.from(key), value })
      }
      await store.write(batch, { sync: false })
      batches.push(batch)
    }
    await store.close()
  }
  const files = (await readdir(directory)).filter((name) => DATA_FILE.test(name)).sort()
  return { directory, files, batches }
}

/** What the database holds after its first batches, which are counted in the row `batch`. */
const rowsAfter = ({ batches }: Sample, count: number): Rows => {
  const rows = new Map<string, string>()
  for (const { key, value } of batches.slice(0, count).flat()) {
    if (value === undefined) rows.delete(text(key))
    else rows.set(text(key), text(value))
  }
  return rows
}

/** `changed` is the one file that the test will change; LevelDB removes and replaces files, but changes none. */
const copySample = async ({ directory, files }: Sample, copy: string, changed?: string): Promise<void> => {
  await rm(copy, { recursive: true, force: true })
  await mkdir(copy)
  for (const name of files) {
    const put = changed === undefined || name === changed ? copyFile : link
    await put(path.join(directory, name), path.join(copy, name))
  }
}

/** What a caller gets to see: the rows, the same by `scan` and by `get`, or the code of the fault. */
const outcomeOf = async (directory: string, keys: Iterable<string>): Promise<Rows | string> => {
  try {
    const store = await openLevelStore(directory, { createIfMissing: false })
    try {
      const rows = new Map<string, string>()
      for await (const [key, value] of store.scan({ gte: new Uint8Array(0) })) rows.set(text(key), text(value))
      for (const key of keys) {
        const value = store.get(Buffer.from(key))
        if ((value && text(value)) !== rows.get(key)) return 'get and scan differ'
      }
      return rows
    } finally {
      await store.close()
    }
  } catch (error) {
    if (isFault(error)) return error.code
    throw error
  }
}

const sameRows = (left: Rows, right: Rows): boolean =>
  left.size === right.size && [...left].every(([key, value]) => right.get(key) === value)

/** S4 in one line. */
const expectSameOrCorrupt = (outcome: Rows | string, expected: Rows, what: string): void => {
  const verdict = typeof outcome === 'string' ? outcome : sameRows(outcome, expected) ? 'same' : 'silently different'
  expect(['same', 'CORRUPT'], what).toContain(verdict)
}

const flipByte = async (file: string, offset: number, mask: number): Promise<void> => {
  const bytes = await readFile(file)
  bytes[offset]! ^= mask
  await writeFile(file, bytes)
}

describe('verifyLevelFiles', () => {
  let folder: TemporaryFolder
  let sample: Sample
  let copy: string
  let rows: Rows
  const random = seededRandom(2_026)
  const below = (bound: number): number => random.uint32() % bound

  beforeAll(async () => {
    folder = await temporaryFolder()
    copy = path.join(folder.path, 'copy')
    const plan = { seed: 1, sessions: 4, batchesPerSession: 250, rowsPerBatch: 20, valueSizeMax: 1_000 }
    sample = await buildSample(path.join(folder.path, 'sample'), plan)
    rows = rowsAfter(sample, sample.batches.length)
  })
  afterAll(async () => folder.remove())

  it('finds a database of several tables and a log whole, and it reads back', async () => {
    await copySample(sample, copy)
    const sizes = await Promise.all(sample.files.map(async (name) => (await stat(path.join(copy, name))).size))
    expect(rows.size).toBeGreaterThan(15_000)
    const report = await verifyLevelFiles(copy)
    expect(report).toMatchObject({ exists: true, tornTail: false })
    expect(report.tables).toBeGreaterThanOrEqual(3)
    const currentSize = 'MANIFEST-000000\n'.length
    expect(report.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0) - currentSize)
    expectSameOrCorrupt(await outcomeOf(copy, rows.keys()), rows, 'untouched')
  })

  it(
    'S4 one changed byte, anywhere: the store reports CORRUPT or every row reads back',
    { timeout: 120_000 },
    async () => {
      let found = 0
      const trials = 200
      for (let trial = 0; trial < trials; trial += 1) {
        const name = sample.files[trial % sample.files.length]!
        await copySample(sample, copy, name)
        const offset = below((await stat(path.join(copy, name))).size)
        await flipByte(path.join(copy, name), offset, 1 + below(255))
        const outcome = await outcomeOf(copy, rows.keys())
        expectSameOrCorrupt(outcome, rows, `${name} offset=${offset}`)
        if (outcome === 'CORRUPT') found += 1
      }
      // Every byte is covered, so in fact every change is found.
      expect(found).toBe(trials)
    },
  )

  it('S4 a file cut short: CORRUPT, every row, or a log that ends sooner', { timeout: 120_000 }, async () => {
    for (const name of sample.files) {
      const { size } = await stat(path.join(sample.directory, name))
      for (const length of [0, size - 1, ...Array.from({ length: 10 }, () => below(size))]) {
        await copySample(sample, copy, name)
        await truncate(path.join(copy, name), length)
        const outcome = await outcomeOf(copy, rows.keys())
        const batches = typeof outcome === 'string' ? undefined : Number(outcome.get('batch'))
        const isLog = name.endsWith('.log')
        const expected = isLog && batches !== undefined ? rowsAfter(sample, batches) : rows
        expectSameOrCorrupt(outcome, expected, `${name} length=${length}`)
        if (isLog) expect(outcome).not.toBe('CORRUPT')
      }
    }
  })

  it('S4 a file removed: CORRUPT or every row', async () => {
    for (const name of sample.files) {
      await copySample(sample, copy, name)
      await rm(path.join(copy, name))
      expect(await outcomeOf(copy, rows.keys()), name).toBe('CORRUPT')
    }
  })

  it('S4 a piece out of the middle of the log, with the rest moved up: CORRUPT', async () => {
    const log = sample.files.find((name) => name.endsWith('.log'))!
    const bytes = await readFile(path.join(sample.directory, log))
    // Whole blocks fit together again whenever a record begins in each of the two places.
    for (let block = 0; block < 12; block += 1) {
      await copySample(sample, copy, log)
      const kept = [bytes.subarray(0, block * 32_768), bytes.subarray((block + 1) * 32_768)]
      await writeFile(path.join(copy, log), Buffer.concat(kept))
      expect(await outcomeOf(copy, rows.keys()), `block=${block}`).toBe('CORRUPT')
    }
  })

  describe('of a small database', () => {
    let small: Sample

    beforeAll(async () => {
      const plan = { seed: 3, sessions: 2, batchesPerSession: 4, rowsPerBatch: 3, valueSizeMax: 30 }
      small = await buildSample(path.join(folder.path, 'small'), plan)
    })

    it('S4 V1 V2 V3 finds each changed byte of each file', { timeout: 60_000 }, async () => {
      await copySample(small, copy)
      for (const name of small.files) {
        const file = path.join(copy, name)
        const bytes = await readFile(file)
        for (let offset = 0; offset < bytes.length; offset += 1) {
          const changed = Buffer.from(bytes)
          changed[offset]! ^= 1 + below(255)
          await writeFile(file, changed)
          const verified = verifyLevelFiles(copy)
          await expect(verified, `${name} offset=${offset}`).rejects.toMatchObject({ code: 'CORRUPT' })
        }
        await writeFile(file, bytes)
      }
      await verifyLevelFiles(copy)
    })

    it('S4 V1 V2 finds each cut of each file but the log', { timeout: 60_000 }, async () => {
      await copySample(small, copy)
      for (const name of small.files.filter((file) => !file.endsWith('.log'))) {
        const file = path.join(copy, name)
        const bytes = await readFile(file)
        for (let length = 0; length < bytes.length; length += 1) {
          await writeFile(file, bytes.subarray(0, length))
          const verified = verifyLevelFiles(copy)
          await expect(verified, `${name} length=${length}`).rejects.toMatchObject({ code: 'CORRUPT' })
        }
        await writeFile(file, bytes)
      }
    })

    it('V1 an absent or empty folder, or one with the traces of an opening that got nowhere, is fresh', async () => {
      await rm(copy, { recursive: true, force: true })
      const fresh = { exists: false, tables: 0, bytes: 0, tornTail: false }
      expect(await verifyLevelFiles(copy)).toEqual(fresh)
      await mkdir(copy)
      expect(await verifyLevelFiles(copy)).toEqual(fresh)
      for (const name of ['LOCK', 'LOG', 'LOG.old', 'MANIFEST-000001', '000001.dbtmp', 'notes']) {
        await writeFile(path.join(copy, name), '')
      }
      expect(await verifyLevelFiles(copy)).toEqual(fresh)
    })

    it.each(['000007.ldb', '000007.sst', '000007.log', 'MANIFEST-000002'])(
      'V1 a folder with %s but without CURRENT is damaged, and stays as it is',
      async (name) => {
        await rm(copy, { recursive: true, force: true })
        await mkdir(copy)
        await writeFile(path.join(copy, name), '')
        await expect(openLevelStore(copy)).rejects.toMatchObject({
          code: 'CORRUPT',
          details: { path: path.join(copy, 'CURRENT') },
        })
        expect(await readdir(copy)).toEqual([name])
      },
    )

    it('V2 leaves out tables that the MANIFEST does not list, for an interrupted compaction leaves such', async () => {
      await copySample(small, copy)
      await writeFile(path.join(copy, '999999.ldb'), 'half a table')
      expect(await verifyLevelFiles(copy)).toMatchObject({ tables: 1 })
    })

    it('V2 reads tables under their old ending as well', async () => {
      await copySample(small, copy)
      const table = small.files.find((name) => name.endsWith('.ldb'))!
      await rename(path.join(copy, table), path.join(copy, table.replace('.ldb', '.sst')))
      expect(await verifyLevelFiles(copy)).toMatchObject({ tables: 1 })
    })

    it('V3 a later log counts, and must follow the one before', async () => {
      await copySample(small, copy)
      const log = small.files.find((name) => name.endsWith('.log'))!
      const later = path.join(copy, '900000.log')
      await writeFile(later, '')
      expect(await verifyLevelFiles(copy)).toMatchObject({ tornTail: false })
      // The same batches again are not the next ones.
      await copyFile(path.join(copy, log), later)
      await expect(verifyLevelFiles(copy)).rejects.toMatchObject({
        code: 'CORRUPT',
        details: { path: later, offset: 0 },
      })
    })

    /** The log of the copy, and where its four batches start; a log may be cut in two at any of these. */
    const logOfCopy = async () => {
      await copySample(small, copy)
      const log = path.join(
        copy,
        small.files.find((name) => name.endsWith('.log'))!,
      )
      const bytes = await readFile(log)
      const starts: number[] = []
      for (let at = 0; at < bytes.length; at += 7 + bytes.readUInt16LE(at + 4)) starts.push(at)
      expect(starts).toHaveLength(4)
      return { log, later: path.join(copy, '900000.log'), bytes, starts }
    }

    it('S4 V3 a whole batch taken out of the log, with the rest moved up, is missed', async () => {
      const { log, bytes, starts } = await logOfCopy()
      for (const [index, start] of starts.slice(0, -1).entries()) {
        await writeFile(log, Buffer.concat([bytes.subarray(0, start), bytes.subarray(starts[index + 1])]))
        await expect(verifyLevelFiles(copy)).rejects.toMatchObject({ code: 'CORRUPT', details: { path: log } })
      }
    })

    it('S4 V3 of two logs, the first may not lack its end when the second has batches', async () => {
      const { log, later, bytes, starts } = await logOfCopy()
      const rows = rowsAfter(small, small.batches.length)
      await writeFile(log, bytes.subarray(0, starts[2]))
      await writeFile(later, bytes.subarray(starts[2]))
      expect(await verifyLevelFiles(copy)).toMatchObject({ tornTail: false })
      for (const end of [starts[2]! - 1, starts[1]!, 0]) {
        await truncate(log, end)
        await expect(verifyLevelFiles(copy)).rejects.toMatchObject({ code: 'CORRUPT', details: { path: later } })
      }
      await rm(log)
      await expect(verifyLevelFiles(copy)).rejects.toMatchObject({ code: 'CORRUPT', details: { path: log } })
      await writeFile(log, bytes.subarray(0, starts[2]))
      expectSameOrCorrupt(await outcomeOf(copy, rows.keys()), rows, 'two logs')
    })

    it('V3 a log that a crash cut short is fine as long as nothing follows', async () => {
      await copySample(small, copy)
      const log = path.join(
        copy,
        small.files.find((name) => name.endsWith('.log'))!,
      )
      const { size } = await stat(log)
      await truncate(log, size - 1)
      expect(await verifyLevelFiles(copy)).toMatchObject({ exists: true, tornTail: true })
      await writeFile(path.join(copy, '900000.log'), '')
      expect(await verifyLevelFiles(copy)).toMatchObject({ exists: true, tornTail: true })
    })

    it('names the file and the place', async () => {
      await copySample(small, copy)
      const table = path.join(
        copy,
        small.files.find((name) => name.endsWith('.ldb'))!,
      )
      await flipByte(table, 5, 1)
      const details = { path: table, offset: 0, reason: 'wrong checksum of a block' }
      await expect(verifyLevelFiles(copy)).rejects.toMatchObject({ code: 'CORRUPT', details })
    })
  })
})
