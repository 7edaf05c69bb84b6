/** A disk that refuses a write: the outcome is unknown, nothing follows, nothing acknowledged is lost (P1, P2). */
import { startChild, temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openWaggle } from './open-waggle.ts'
import { fullDiskRecord } from './testing/full-disk-record.ts'

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await folder.remove()
})

describe('a full disk', () => {
  // In blocks of 512 bytes: after a few records, at an odd size, and after ten megabytes.
  test.each([1_000, 3_001, 20_000])('P1 P2 files of at most %i blocks', async (blocks) => {
    const child = startChild(new URL('./testing/full-disk.child.ts', import.meta.url), {
      args: [folder.path],
      prelude: `ulimit -f ${blocks}`,
    })
    const lines = await child.rest()
    expect(await child.ended).toBe(0)
    const said = new Map(lines.map((line) => [line.split(' ')[0], line]))
    expect(said.get('refused')).toBe('refused STORAGE_FAILED unavailable')
    expect(said.get('again')).toBe('again STORAGE_FAILED unavailable')
    expect(said.get('closed')).toBe('closed well')
    const acknowledged = lines
      .filter((line) => line.startsWith('acknowledged'))
      .map((line) => Number(line.split(' ')[1]))
    expect(acknowledged.length).toBeGreaterThan(0)

    // With room again, all that was acknowledged is there, once, and sending everything again doubles nothing.
    const waggle = await openWaggle({ path: folder.path })
    const hive = await waggle.collective('full')
    const numbers = async (): Promise<number[]> => {
      const found: number[] = []
      let cursor: string | undefined
      do {
        const page = await hive.list({ cursor })
        found.push(...page.items.map(({ content }) => parseInt(content, 10)))
        cursor = page.cursor
      } while (cursor !== undefined)
      return found.sort((left, right) => left - right)
    }
    const before = await numbers()
    expect(new Set(before).size).toBe(before.length)
    for (const n of acknowledged) expect(before).toContain(n)
    const count = Math.max(...acknowledged) + 8
    for (let n = 0; n < count; n += 1) await hive.record(...fullDiskRecord(n))
    expect(await numbers()).toEqual(Array.from({ length: count }, (_, n) => n))
    await waggle.close()
  })
})
