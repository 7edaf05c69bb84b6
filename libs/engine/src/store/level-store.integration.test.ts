/** The store under kill -9 and on a disk that refuses: in child processes, for the process is what dies. */
import { utf8 } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startChild, type ChildScript } from '../testing/child-script.ts'
import { batchKey, rowKey, ROWS_PER_BATCH, rowValue } from '../testing/store-writer-rows.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'
import { openLevelStore } from './level-store.ts'

const WRITER = new URL('../testing/store-writer.child.ts', import.meta.url)

describe('LevelStore in a process', () => {
  let folder: TemporaryFolder
  let child: ChildScript | undefined

  beforeEach(async () => {
    folder = await temporaryFolder()
  })
  afterEach(async () => {
    child?.signal('SIGKILL')
    await child?.ended
    await folder.remove()
  })

  /** Checks that the store holds whole batches, without a gap, and returns the number of the last. */
  const lastWholeBatch = async (): Promise<number> => {
    const store = await openLevelStore(folder.path)
    try {
      const batches: Uint8Array[] = []
      for await (const key of store.scanKeys({ gte: utf8('batch/'), lt: utf8('batch0') })) batches.push(key)
      const last = batches.length
      expect(batches.map((key) => Buffer.from(key).toString())).toEqual(
        batches.map((_, index) => Buffer.from(batchKey(index + 1)).toString()),
      )
      const rows = Array.from({ length: ROWS_PER_BATCH }, (_, row) => Buffer.from(store.get(rowKey(row)) ?? []))
      for (const [row, value] of rows.entries()) expect(value.equals(rowValue(last, row))).toBe(true)
      return last
    } finally {
      await store.close()
    }
  }

  it.each(['sync', 'async'])(
    'S1 S2 kill -9 loses no acknowledged batch and tears none (%s)',
    { timeout: 60_000 },
    async (mode) => {
      const random = seededRandom(mode.length)
      let acknowledged = 0
      for (let round = 0; round < 4; round += 1) {
        child = startChild(WRITER, { args: [folder.path, mode] })
        expect(await child.line()).toBe('ready')
        // Enough to fill the write buffer, so that some kills meet a change of logs or a compaction.
        for (let count = 50 + (random.uint32() % 400); count > 0; count -= 1) acknowledged = Number(await child.line())
        child.signal('SIGKILL')
        acknowledged = Number((await child.rest()).at(-1) ?? acknowledged)
        expect(await child.ended).toBe('SIGKILL')
        const last = await lastWholeBatch()
        expect([acknowledged, acknowledged + 1]).toContain(last)
        acknowledged = last
      }
    },
  )

  it(
    'a write that the disk refuses is STORAGE_FAILED, ends writing, and costs nothing acknowledged',
    { timeout: 60_000 },
    async () => {
      // 2 MB for any one file: the write-ahead log reaches that first.
      child = startChild(WRITER, { args: [folder.path, 'sync'], prelude: 'ulimit -f 4096' })
      expect(await child.line()).toBe('ready')
      const lines = await child.rest()
      expect(lines.slice(-2)).toEqual(['STORAGE_FAILED', 'STORAGE_FAILED'])
      expect(await child.ended).toBe(0)
      const acknowledged = Number(lines.at(-3))
      expect([acknowledged, acknowledged + 1]).toContain(await lastWholeBatch())
    },
  )
})
