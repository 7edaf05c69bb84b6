import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { K, loadWorkload, rowOf, TEXT_BYTES, workloadIn } from './workload.ts'

const size = { seed: 5, rows: 40, queries: 3 }

describe('a workload', () => {
  let parent: string
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'waggle-workload-'))
  })
  afterEach(async () => rm(parent, { recursive: true }))

  it('is read back as it was made: texts that name their rows, vectors, exact answers', async () => {
    const { folder } = await workloadIn(parent, 'clustered', size)
    const loaded = await loadWorkload(folder)
    expect(loaded.rows).toBe(40)
    expect(loaded.queries).toHaveLength(3)
    expect(Buffer.byteLength(loaded.text(39))).toBe(TEXT_BYTES)
    expect(rowOf(loaded.text(39))).toBe(39)
    const dot = (row: number, query: number): number =>
      loaded.vector(row).reduce((sum, value, index) => sum + value * (loaded.queries[query]?.[index] ?? NaN), 0)
    const rows = Array.from({ length: 40 }, (_, row) => row).sort((left, right) => dot(right, 1) - dot(left, 1))
    expect(loaded.recall(1, rows.slice(0, K))).toBe(1)
    expect(loaded.recall(1, [...rows.slice(0, 5), ...rows.slice(20, 25)])).toBe(0.5)
  })

  it('that is damaged is made again, with the hashes that it had', async () => {
    const made = await workloadIn(parent, 'hard', size)
    const file = join(made.folder, 'base.f32')
    const bytes = await readFile(file)
    await writeFile(file, bytes.subarray(4))
    const again = await workloadIn(parent, 'hard', size)
    expect(again.hashes).toEqual(made.hashes)
    expect(await readFile(file)).toEqual(bytes)
  })
})
