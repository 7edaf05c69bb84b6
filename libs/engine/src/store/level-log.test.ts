import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { seededRandom } from '@waggle/kernel/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'
import { extendCrc32c, maskCrc32c } from './level-coding.ts'
import { readLog } from './level-log.ts'

const BLOCK = 32768
const random = seededRandom(11)

const piece = (type: number, payload: Uint8Array): Buffer => {
  const record = Buffer.concat([Buffer.alloc(6), Uint8Array.of(type), payload])
  record.writeUInt32LE(maskCrc32c(extendCrc32c(0, record.subarray(6))), 0)
  record.writeUInt16LE(payload.length, 4)
  return record
}

/** Writes a log as LevelDB's `log_writer.cc` does. */
const logOf = (payloads: readonly Uint8Array[]): Buffer => {
  const log: Buffer[] = []
  let size = 0
  const add = (bytes: Buffer): void => {
    log.push(bytes)
    size += bytes.length
  }
  for (const payload of payloads) {
    let at = 0
    do {
      if (BLOCK - (size % BLOCK) < 7) add(Buffer.alloc(BLOCK - (size % BLOCK)))
      const room = BLOCK - (size % BLOCK) - 7
      const end = Math.min(at + room, payload.length)
      const [first, last] = [at === 0, end === payload.length]
      add(piece(first && last ? 1 : first ? 2 : last ? 4 : 3, payload.subarray(at, end)))
      at = end
    } while (at < payload.length)
  }
  return Buffer.concat(log)
}

describe('reading a log of LevelDB', () => {
  let folder: TemporaryFolder
  let log: string

  beforeEach(async () => {
    folder = await temporaryFolder()
    log = path.join(folder.path, '000003.log')
  })
  afterEach(async () => folder.remove())

  const read = async (bytes: Uint8Array, keepBytes = Infinity) => {
    await writeFile(log, bytes)
    const records: Buffer[] = []
    const end = await readLog(log, keepBytes, (record) => records.push(Buffer.from(record.bytes)))
    return { ...end, records }
  }
  const damagedAt = (offset: number) => ({ code: 'CORRUPT', details: { path: log, offset } })

  it('gives the records back, whatever their size and wherever blocks end', async () => {
    const sizes = [0, 1, 500, BLOCK - 7, BLOCK - 8, 3 * BLOCK, 12, 2_500_000, ...Array(300).keys()]
    const payloads = sizes.map((size) => Buffer.from(random.bytes(size)))
    const { records, tornTail, bytes } = await read(logOf(payloads))
    expect(records.map((record, index) => record.equals(payloads[index]!))).toEqual(sizes.map(() => true))
    expect({ tornTail, bytes }).toEqual({ tornTail: false, bytes: logOf(payloads).length })
  })

  it('keeps no more of a record than it was asked for, also when its first piece is shorter', async () => {
    const payloads = [random.bytes(BLOCK - 7 - 7 - 3), random.bytes(400), random.bytes(4)]
    const { records } = await read(logOf(payloads), 12)
    expect(records).toEqual(payloads.map((payload) => Buffer.from(payload.subarray(0, 12))))
  })

  it('an empty log is whole', async () => {
    expect(await read(Buffer.alloc(0))).toMatchObject({ records: [], tornTail: false })
  })

  it('W1 a log cut anywhere by a crash gives the records before the cut', async () => {
    const payloads = Array.from({ length: 40 }, () => random.bytes(1 + (random.uint32() % 9_000)))
    const bytes = logOf(payloads)
    const ends = payloads.map((_, index) => logOf(payloads.slice(0, index + 1)).length)
    for (let cut = 0; cut < bytes.length; cut += 1 + (random.uint32() % 1_500)) {
      const { records, tornTail } = await read(bytes.subarray(0, cut))
      const whole = ends.filter((end) => end <= cut).length
      expect(records).toHaveLength(whole)
      // Zeros at the end of a block may be cut as well, which no reader can see.
      const rest = bytes.subarray(ends[whole - 1] ?? 0, cut)
      expect(tornTail).toBe(rest.some((byte) => byte !== 0))
    }
  })

  it('W1 sectors that were never written are the trace of a crash, up to the end of the file', async () => {
    const before = logOf([random.bytes(700), random.bytes(700)])
    const torn = logOf([random.bytes(700), random.bytes(700), random.bytes(9_000)])
    for (const written of [before.length, 1_536, 2_048, 8_192]) {
      const bytes = Buffer.concat([torn.subarray(0, written), Buffer.alloc(3 * BLOCK - written)])
      expect(await read(bytes)).toMatchObject({ tornTail: true, records: { length: 2 } })
    }
    expect(await read(Buffer.alloc(2 * BLOCK + 5))).toMatchObject({ tornTail: true, records: [] })
  })

  it('W2 zeros are damage when anything stands behind them', async () => {
    const bytes = logOf([random.bytes(700), random.bytes(BLOCK), random.bytes(700)])
    const hole = Buffer.from(bytes).fill(0, 1_024, BLOCK)
    await expect(read(hole)).rejects.toMatchObject(damagedAt(707))
    const sector = Buffer.from(bytes).fill(0, 1_024, 1_536)
    await expect(read(sector)).rejects.toMatchObject(damagedAt(707))
  })

  it('W2 W3 finds every changed bit of a log that is whole', async () => {
    const bytes = logOf([random.bytes(40), random.bytes(30), random.bytes(60)])
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      await expect(read(changed)).rejects.toMatchObject({ code: 'CORRUPT', details: { path: log } })
    }
  })

  it('W2 finds changed bytes where records cross blocks, and in the padding between them', async () => {
    const bytes = logOf([random.bytes(BLOCK - 7 - 12), random.bytes(3 * BLOCK), random.bytes(50)])
    const places = [0, 4, 5, 6, 7, BLOCK - 5, BLOCK - 1, BLOCK + 4, 2 * BLOCK + 6, bytes.length - 52, bytes.length - 1]
    for (const place of places) {
      const changed = Buffer.from(bytes)
      changed[place]! ^= 0x10
      await expect(read(changed)).rejects.toMatchObject({ code: 'CORRUPT' })
    }
  })

  it('W2 a record that lacks its beginning or its end is damage', async () => {
    const [first, middle, last, full] = [2, 3, 4, 1].map((type) => piece(type, random.bytes(20)))
    for (const pieces of [[last], [middle], [first, full], [first, first], [full, last], [first, last, middle]]) {
      await expect(read(Buffer.concat(pieces as Buffer[]))).rejects.toMatchObject({ code: 'CORRUPT' })
    }
    expect(await read(Buffer.concat([full, first, middle, last] as Buffer[]))).toMatchObject({ tornTail: false })
    expect(await read(Buffer.concat([full, first, middle] as Buffer[]))).toMatchObject({ tornTail: true })
    const unknown = piece(5, random.bytes(20))
    await expect(read(Buffer.concat([full!, unknown]))).rejects.toMatchObject(damagedAt(27))
  })

  it('W3 a damaged length does not pass for the end of the file', async () => {
    const bytes = logOf([random.bytes(100), random.bytes(200), random.bytes(300)])
    for (const at of [0, 107, 314]) {
      const changed = Buffer.from(bytes)
      changed.writeUInt16LE(5_000, at + 4)
      await expect(read(changed)).rejects.toMatchObject(damagedAt(at))
      const grown = Buffer.concat([changed, Buffer.alloc(4 * BLOCK - changed.length)])
      await expect(read(grown)).rejects.toMatchObject(damagedAt(at))
    }
  })
})
