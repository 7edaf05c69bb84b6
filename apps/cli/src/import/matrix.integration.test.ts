/** Importing with a matrix of embeddings beside the lines. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Experience } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { testFolder } from '../testing/store-folder.ts'
import { jsonLines } from '../testing/waggle-process.ts'
import { run } from '../testing/waggle-run.ts'

const DIMENSION = 5

const setUp = ({ lines, floats, restBytes = 0 }: { lines: number; floats: number; restBytes?: number }) => {
  const folder = testFolder()
  const [store, file, matrix] = ['store', 'lines.jsonl', 'rows.f32'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(file, Array.from({ length: lines }, (_, index) => `{"content":"line ${index}"}\n`).join(''))
  const bytes = Buffer.from(Float32Array.from({ length: floats }, (_, index) => index + 1).buffer)
  writeFileSync(matrix, Buffer.concat([bytes, Buffer.alloc(restBytes)]))
  const waggle = async (...args: readonly string[]) => run([...args, '--path', store, '--json'])
  const imported = async (...more: readonly string[]) =>
    waggle('import', 'team', file, '--embeddings', matrix, '--dimension', String(DIMENSION), ...more)
  const contents = async () => {
    const { stdout } = await waggle('experience', 'list', 'team', '--all')
    return (jsonLines(stdout) as readonly Experience[]).map(({ content }) => content)
  }
  return { file, matrix, waggle, imported, contents }
}

const faultLines = (stderr: string) =>
  (jsonLines(stderr) as readonly { line?: number; fault?: { code: string }; code?: string }[]).map(
    ({ line, fault, code }) => [line, fault?.code ?? code],
  )

describe('waggle import --embeddings', () => {
  it('gives each line its row, over many blocks of the file', async () => {
    const lines = 2_000
    const { waggle, imported, matrix } = setUp({ lines, floats: lines * DIMENSION })
    expect((await imported()).code).toBe(0)
    const { stdout } = await waggle('search', 'team', '--embedding', matrix, '--row', '1234', '--k', '1')
    const [hit] = jsonLines(stdout) as readonly { experience: Experience; similarity: number }[]
    const { stdout: shown } = await waggle('experience', 'get', 'team', hit!.experience.id)
    const { content, embedding } = JSON.parse(shown) as { content: string; embedding: number[] }
    const row = Number(content.split(' ')[1])
    expect(embedding).toEqual([1, 2, 3, 4, 5].map((at) => row * DIMENSION + at))
    expect(hit!.similarity).toBeGreaterThan(0.999)
  })

  it('a missing row is the fault of its line, and stops nothing that precedes it', async () => {
    const { imported, contents } = setUp({ lines: 4, floats: 2 * DIMENSION })
    const { code, stderr } = await imported()
    expect(code).toBe(1)
    expect(faultLines(stderr)).toEqual([[3, 'MATRIX_MISMATCH']])
    expect(await contents()).toEqual(['line 0', 'line 1'])
  })

  it('so is a row that was cut off', async () => {
    const { imported, contents } = setUp({ lines: 3, floats: 2 * DIMENSION, restBytes: 7 })
    const { code, stderr } = await imported('--keep-going')
    expect(code).toBe(1)
    expect(faultLines(stderr)).toEqual([[3, 'MATRIX_MISMATCH']])
    expect(await contents()).toEqual(['line 0', 'line 1'])
  })

  it('rows that are left over are reported after the last line', async () => {
    const { imported, contents } = setUp({ lines: 2, floats: 3 * DIMENSION })
    const { code, stderr } = await imported()
    expect(code).toBe(1)
    expect(faultLines(stderr)).toEqual([[3, 'MATRIX_MISMATCH']])
    expect(await contents()).toEqual(['line 0', 'line 1'])
  })

  it('a matrix of another dimension is refused before anything is written', async () => {
    for (const dimension of [4, 6, 10]) {
      const { imported, contents } = setUp({ lines: 3, floats: 3 * dimension })
      const { code, stderr } = await imported()
      expect([dimension, code]).toEqual([dimension, 1])
      if (dimension > DIMENSION) {
        expect(faultLines(stderr)).toEqual([[undefined, 'DIMENSION_MISMATCH']])
        expect(await contents()).toEqual([])
      }
    }
  })

  it('another matrix for the same lines is refused, not doubled', async () => {
    const { matrix, imported, contents } = setUp({ lines: 2, floats: 2 * DIMENSION })
    await imported()
    writeFileSync(matrix, Buffer.from(Float32Array.from({ length: 2 * DIMENSION }, () => 1).buffer))
    const { code, stderr } = await imported('--keep-going')
    expect(code).toBe(1)
    expect(faultLines(stderr)).toEqual([
      [1, 'IDEMPOTENCY_KEY_REUSED'],
      [2, 'IDEMPOTENCY_KEY_REUSED'],
    ])
    expect(await contents()).toHaveLength(2)
  })
})
