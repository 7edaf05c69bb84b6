/** What every `BatchLog` keeps (B1-B5): an implementer hands in how to open one, and the suite runs. */
import { isFault, uuidV7Source, type Uuid } from '@waggle/kernel'
import { manualClock, seededRandom } from '@waggle/kernel/testing'
import { encodeRecord, GENESIS_TIP, joinEntries, type EncodedRecord, type Sequence } from '@waggle/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import type { BatchLog } from '../log/batch-log.ts'
import type { KeyValueStore } from '../store/key-value-store.ts'

export interface OpenedLog {
  readonly log: BatchLog
  readonly store: KeyValueStore
  /** Opens the same log again, as another process would after this one is gone. */
  reopen(): Promise<OpenedLog>
  dispose(): Promise<void>
}

export const batchLogContract = (name: string, open: () => Promise<OpenedLog>): void => {
  describe(`BatchLog contract: ${name}`, () => {
    let opened: OpenedLog | undefined
    const start = async (): Promise<OpenedLog> => (opened = await open())
    afterEach(async () => {
      await opened?.dispose()
      opened = undefined
    })

    test('B1 an empty log begins at 1', async () => {
      const { log } = await start()
      expect(await log.bounds()).toEqual({ first: 1, last: 0 })
      expect(await sequences(log, 1)).toEqual([])
    })

    test('B1 sequences rise by one, from 1', async () => {
      const { log } = await start()
      for (const position of [1, 2, 3]) expect(await append(log, position)).toBe('appended')
      expect(await log.bounds()).toEqual({ first: 1, last: 3 })
      expect(await sequences(log, 1)).toEqual([1, 2, 3])
      expect(await sequences(log, 3)).toEqual([3])
      expect(await sequences(log, 4)).toEqual([])
    })

    test.each([
      [1, ['fenced']],
      [2, ['fenced']],
      [4, ['fenced', 'failed']],
      [1_000, ['fenced', 'failed']],
    ])('B1 an append at position %i of a log of 2 ends as %j and changes nothing', async (position, outcomes) => {
      const { log, store } = await start()
      await append(log, 1)
      await append(log, 2)
      const key = Uint8Array.of(0xf0)
      const appending = log.append({
        record: recordAt(log, position),
        changes: [{ key, value: Uint8Array.of(1) }],
        keepFrom: 1 as Sequence,
      })
      expect(outcomes).toContain(await appending.catch((error: unknown) => (isFault(error) ? 'failed' : error)))
      expect((await log.bounds()).last).toBe(2)
      expect(store.get(key)).toBeUndefined()
    })

    test('B2 the changes of an append are in the store when it has resolved, deletions too', async () => {
      const { log, store } = await start()
      const [kept, gone] = [Uint8Array.of(0xf0, 1), Uint8Array.of(0xf0, 2)]
      const put = [kept, gone].map((key) => ({ key, value: Uint8Array.of(7) }))
      await log.append({ record: recordAt(log, 1), changes: put, keepFrom: 1 as Sequence })
      await log.append({
        record: recordAt(log, 2),
        changes: [{ key: gone, value: undefined }],
        keepFrom: 1 as Sequence,
      })
      expect(store.get(kept)).toEqual(expect.objectContaining({ length: 1, 0: 7 }))
      expect(store.get(gone)).toBeUndefined()
    })

    test('B3 reading gives back the very bytes, also after opening again', async () => {
      const first = await start()
      const records = [1, 2, 3].map((position) => recordAt(first.log, position))
      for (const record of records) await first.log.append({ record, changes: [], keepFrom: 1 as Sequence })
      opened = await first.reopen()
      const read: Uint8Array[] = []
      for await (const { bytes } of opened.log.read(1 as Sequence)) read.push(Uint8Array.from(bytes!))
      expect(await opened.log.readAgain(2 as Sequence)).toEqual(
        expect.objectContaining({ length: records[1]!.bytes.length }),
      )
      expect(read).toEqual(records.map(({ bytes }) => Uint8Array.from(bytes)))
      expect(await opened.log.bounds()).toEqual({ first: 1, last: 3 })
    })

    test('B4 a log keeps its generation for life', async () => {
      const first = await start()
      const { generation } = first.log
      await append(first.log, 1)
      opened = await first.reopen()
      expect(opened.log.generation).toBe(generation)
      expect(await append(opened.log, 2)).toBe('appended')
    })

    test('B5 no record at or above keepFrom goes', async () => {
      const { log } = await start()
      for (let position = 1; position <= 200; position += 1) await append(log, position, Math.max(1, position - 20))
      const { first, last } = await log.bounds()
      expect(first).toBeLessThanOrEqual(180)
      expect(last).toBe(200)
      expect((await sequences(log, 180)).length).toBe(21)
    })
  })
}

const ids = uuidV7Source(manualClock(), seededRandom(7))

const recordAt = (log: BatchLog, position: number): EncodedRecord =>
  encodeRecord({
    generation: log.generation,
    position: position as Sequence,
    epoch: { sequence: 1 as Sequence, id: '00000000-0000-7000-8000-000000000001' as Uuid },
    previous: GENESIS_TIP,
    batchId: ids.uuid(),
    part: { index: 0, count: 1 },
    timeMs: 1_700_000_000_000,
    payload: joinEntries([]),
  })

const append = (log: BatchLog, position: number, keepFrom = 1) =>
  log.append({ record: recordAt(log, position), changes: [], keepFrom: keepFrom as Sequence })

const sequences = async (log: BatchLog, from: number): Promise<number[]> => {
  const found: number[] = []
  for await (const { sequence } of log.read(from as Sequence)) found.push(sequence)
  return found
}
