/** Importing, inside this process: what becomes of every sort of line. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Experience } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { testFolder } from '../testing/store-folder.ts'
import { jsonLines } from '../testing/waggle-process.ts'
import { run } from '../testing/waggle-run.ts'

interface Summary {
  readonly lines: number
  readonly recorded: number
  readonly existing: number
  readonly failed: number
}

/** A store and a file to import into it. */
const setUp = () => {
  const folder = testFolder()
  const store = path.join(folder, 'store')
  const file = path.join(folder, 'lines.jsonl')
  const write = (...lines: readonly unknown[]) => {
    writeFileSync(file, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  }
  const waggle = async (args: readonly string[], input?: string) =>
    run([...args, '--path', store], input === undefined ? {} : { input })
  const importFile = async (...more: readonly string[]) => {
    const { code, stdout, stderr } = await waggle(['import', 'team', file, '--dimension', '2', '--json', ...more])
    return { code, stderr, summary: stdout === '' ? undefined : (JSON.parse(stdout) as Summary) }
  }
  const stored = async () => {
    const { stdout } = await waggle(['experience', 'list', 'team', '--all', '--json'])
    return jsonLines(stdout) as readonly Experience[]
  }
  const contents = async () => (await stored()).map(({ content }) => content)
  return { folder, file, write, waggle, importFile, stored, contents }
}

const line = (content: string, more: Readonly<Record<string, unknown>> = {}) => ({
  content,
  embedding: [1, 2],
  ...more,
})
const lines = (number: number, from = 0) => Array.from({ length: number }, (_, index) => line(`line ${from + index}`))
const linesReported = (stderr: string) =>
  (jsonLines(stderr) as readonly { line?: number; fault?: { code: string } }[]).map((report) => [
    report.line,
    report.fault?.code,
  ])

describe('waggle import', () => {
  it('records every line in the order of the file, and twice is the same as once', async () => {
    const { write, importFile, contents } = setUp()
    write(...lines(300))
    expect(await importFile()).toMatchObject({
      code: 0,
      summary: { lines: 300, recorded: 300, existing: 0, failed: 0 },
    })
    const once = await contents()
    expect(once).toEqual(lines(300).map(({ content }) => content))
    expect((await importFile()).summary).toMatchObject({ lines: 300, recorded: 0, existing: 300, failed: 0 })
    expect(await contents()).toEqual(once)
  })

  it('adds what was appended, and doubles nothing of what was there', async () => {
    const { file, write, importFile, contents } = setUp()
    write(...lines(5))
    await importFile()
    appendFileSync(file, `${JSON.stringify(line('line 0'))}\n${JSON.stringify(line('new'))}`)
    expect((await importFile()).summary).toMatchObject({ recorded: 2, existing: 5 })
    expect((await contents()).slice(5)).toEqual(['line 0', 'new'])
  })

  it('makes two records of two equal lines', async () => {
    const { write, importFile, contents } = setUp()
    write(line('same'), line('same'), line('same'))
    await importFile()
    await importFile()
    expect(await contents()).toEqual(['same', 'same', 'same'])
  })

  it('keeps the order where some lines have an embedding and others get one', async () => {
    const { folder, file, waggle, contents } = setUp()
    const wanted = Array.from({ length: 200 }, (_, index) => `content number ${index}`)
    const embedding = Array.from({ length: 64 }, (_, index) => index + 1)
    writeFileSync(
      file,
      wanted.map((content, index) => JSON.stringify(index % 3 === 0 ? { content, embedding } : { content })).join('\n'),
    )
    expect(folder).toBeTruthy()
    const { code } = await waggle(['import', 'team', file, '--dimension', '64', '--embedder', 'hashing'])
    expect(code).toBe(0)
    expect(await contents()).toEqual(wanted)
  })

  it.each([
    ['text that is no JSON', '{"content":'],
    ['JSON that is no object', '[1,2]'],
    ['no content', { embedding: [1, 2] }],
    ['an importance out of range', line('bad', { importance: 7 })],
    ['an embedding of another dimension', { content: 'bad', embedding: [1, 2, 3] }],
    ['an embedding that is zero', { content: 'bad', embedding: [0, 0] }],
    ['no embedding and nobody to make one', { content: 'bad' }],
    ['a type without its fields', line('bad', { type: 'solution' })],
    ['a tag that is too long', line('bad', { domain: ['x'.repeat(101)] })],
    ['a lone surrogate', '{"content":"\\ud800","embedding":[1,2]}'],
  ])('reports %s by its line number, keeps what precedes, and stops', async (_, bad) => {
    const { write, importFile, contents } = setUp()
    write(...lines(3), '', bad, ...lines(3, 3))
    const { code, stderr, summary } = await importFile()
    expect(code).toBe(1)
    expect(linesReported(stderr).map(([number]) => number)).toEqual([5])
    expect(summary).toMatchObject({ recorded: 3, failed: 1 })
    expect(await contents()).toEqual(['line 0', 'line 1', 'line 2'])
  })

  it('--keep-going reports every bad line and records all others', async () => {
    const { write, importFile, contents } = setUp()
    write('nonsense', line('a'), { content: 'no embedding' }, line('b'), line('c', { confidence: -1 }), line('d'))
    const { code, stderr, summary } = await importFile('--keep-going')
    expect(code).toBe(1)
    expect(linesReported(stderr)).toEqual([
      [1, 'MALFORMED_LINE'],
      [3, 'REQUIRED_FIELD'],
      [5, 'INVALID_FIELD'],
    ])
    expect(summary).toMatchObject({ lines: 6, recorded: 3, failed: 3 })
    expect(await contents()).toEqual(['a', 'b', 'd'])
  })

  it('says the number of a bad line to people, too', async () => {
    const { file, write, waggle } = setUp()
    write(line('a'), 'nonsense')
    const { code, stdout, stderr } = await waggle(['import', 'team', file, '--dimension', '2'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^line 2: fault MALFORMED_LINE: .*\n {2}\S/m)
    expect(stderr).toMatch(/^2 lines: 1 recorded, 0 already there, 1 failed \(/m)
  })

  it('an id that is taken by another record is a bad line; by this very record, not', async () => {
    const { write, importFile, waggle } = setUp()
    const id = '019300aa-0000-7000-8000-00000000abcd'
    write(line('a', { id }))
    await importFile()
    write(line('first'), line('a', { id }), line('last'))
    expect(await importFile()).toMatchObject({ code: 0, summary: { recorded: 2, existing: 1 } })
    write(line('x'), line('another text', { id }), line('z'))
    const { code, stderr } = await importFile('--keep-going')
    expect(code).toBe(1)
    expect(linesReported(stderr)).toEqual([[2, 'ALREADY_EXISTS']])
    const { stdout } = await waggle(['experience', 'get', 'team', id, '--json'])
    expect((JSON.parse(stdout) as Experience).content).toBe('a')
  })

  it('ignores unknown fields with one warning that names them, and ids of another meaning', async () => {
    const { write, importFile, contents } = setUp()
    write(line('a', { id: 'D1:1', session: 1 }), line('b', { id: 'D1:2', mood: 'good' }))
    const { code, stderr } = await importFile()
    expect(code).toBe(0)
    expect(JSON.parse(stderr)).toEqual({ warning: 'fields that were ignored: "session", "id", "mood"' })
    expect(await contents()).toEqual(['a', 'b'])
  })

  it('--map says which field holds what', async () => {
    const { write, importFile, stored } = setUp()
    write({ text: 'hello', speaker: 'Jon', embedding: [1, 2], id: 'D1:1' })
    const { code, stderr } = await importFile('--map', 'content=text,sourceAgent=speaker')
    expect([code, JSON.parse(stderr)]).toEqual([0, { warning: 'fields that were ignored: "id"' }])
    expect(await stored()).toMatchObject([{ content: 'hello', sourceAgent: 'Jon' }])
  })

  it('the same line under another map is refused, not doubled', async () => {
    const { write, importFile, contents } = setUp()
    write({ text: 'hello', other: 'bye', embedding: [1, 2] })
    await importFile('--map', 'content=text')
    const { code, stderr } = await importFile('--map', 'content=other')
    expect(code).toBe(1)
    expect(stderr).toContain('IDEMPOTENCY_KEY_REUSED')
    expect(await contents()).toEqual(['hello'])
  })

  it('creates a collective only with --dimension', async () => {
    const { file, write, waggle } = setUp()
    write(line('a'))
    const { code, stderr } = await waggle(['import', 'team', file])
    expect(code).toBe(1)
    expect(stderr).toContain('fault NOT_FOUND')
    expect((await waggle(['collective', 'list'])).stdout).toBe('')
    expect((await waggle(['import', 'team', file, '--dimension', '2'])).code).toBe(0)
    expect((await waggle(['import', 'team', file])).code).toBe(0)
    expect((await waggle(['import', 'team', file, '--dimension', '3'])).stderr).toContain('DIMENSION_MISMATCH')
  })

  it('reads stdin, with the same keys as the file', async () => {
    const { file, write, importFile, waggle, contents } = setUp()
    write(...lines(3))
    await importFile()
    const input = `${readFileSync(file, 'utf8')}${JSON.stringify(line('more'))}`
    const { stdout } = await waggle(['import', 'team', '-', '--json'], input)
    expect(JSON.parse(stdout)).toMatchObject({ lines: 4, recorded: 1, existing: 3 })
    expect(await contents()).toEqual(['line 0', 'line 1', 'line 2', 'more'])
  })

  it('takes other line breaks for the same lines', async () => {
    const { file, write, importFile } = setUp()
    write(...lines(3))
    await importFile()
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\n', '\r\n').trimEnd())
    expect((await importFile()).summary).toMatchObject({ recorded: 0, existing: 3 })
  })

  it('a file that is not there, or is a folder, is a fault that names it', async () => {
    const { folder, waggle } = setUp()
    for (const name of [path.join(folder, 'absent.jsonl'), folder]) {
      const { code, stderr } = await waggle(['import', 'team', name, '--dimension', '2'])
      expect(code).toBe(1)
      expect(stderr).toContain('fault INPUT_UNREADABLE')
      expect(stderr).toContain(name)
    }
  })
})
