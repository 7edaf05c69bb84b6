/** Exporting and restoring: nothing is lost on the way, not even a byte. */
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Experience } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { testFolder } from '../testing/store-folder.ts'
import { jsonLines } from '../testing/waggle-process.ts'
import { run } from '../testing/waggle-run.ts'

const SAMPLE = new URL('../../sample/experiences.jsonl', import.meta.url).pathname

const setUp = () => {
  const folder = testFolder()
  const waggle = async (store: string, ...args: readonly string[]) => run([...args, '--path', path.join(folder, store)])
  const fileOf = (name: string) => path.join(folder, name)
  return { folder, waggle, fileOf }
}

/** Something of every sort: archived, reinforced, updated, deleted, with and without a task. */
const fill = async (waggle: ReturnType<typeof setUp>['waggle']) => {
  await waggle('one', 'import', 'team', SAMPLE, '--dimension', '64', '--embedder', 'hashing')
  const { stdout } = await waggle('one', 'experience', 'list', 'team', '--limit', '5', '--json')
  const ids = (jsonLines(stdout) as readonly Experience[]).map(({ id }) => id)
  const [first, second, third, fourth] = ids as string[] as [string, string, string, string]
  await waggle('one', 'experience', 'archive', 'team', first)
  await waggle('one', 'experience', 'reinforce', 'team', second)
  await waggle('one', 'experience', 'update', 'team', third, '--importance', '0.123456', '--domain', 'a,b')
  await waggle('one', 'experience', 'delete', 'team', fourth)
}

describe('waggle export', () => {
  it('export, restore elsewhere under another name, export: equal bytes', async () => {
    const { waggle, fileOf } = setUp()
    await fill(waggle)
    expect((await waggle('one', 'export', 'team', '--out', fileOf('first.jsonl'))).code).toBe(0)
    const first = readFileSync(fileOf('first.jsonl'), 'utf8')
    expect(first.split('\n')).toHaveLength(318)
    const restored = await waggle('two', 'import', 'crew', fileOf('first.jsonl'), '--dimension', '64', '--restore')
    expect(restored.code).toBe(0)
    expect(restored.stderr).toMatch(/^317 lines: 317 recorded, 0 already there, 0 failed/)
    const { stdout: second, stderr } = await waggle('two', 'export', 'crew')
    expect(stderr).toBe('')
    expect(second === first).toBe(true)
  })

  it('relations and insights come along: export, restore elsewhere, export: equal bytes', async () => {
    const { waggle, fileOf } = setUp()
    await fill(waggle)
    const { stdout } = await waggle('one', 'experience', 'list', 'team', '--limit', '4', '--json')
    const ids = (jsonLines(stdout) as readonly Experience[]).map(({ id }) => id as string)
    const [a, b, c, d] = ids as [string, string, string, string]
    for (const [source, target, type] of [
      [a, b, 'supports'],
      [b, a, 'contradicts'],
      [a, c, 'implies'],
    ] as const)
      await waggle('one', 'relation', 'create', 'team', source, target, '--type', type, '--strength', '0.123456')
    const store = ['insight', 'store', 'team', '--type', 'pattern', '--confidence', '0.3', '--content']
    await waggle('one', ...store, 'one thing', '--source', a, d)
    await waggle('one', ...store, 'another', '--source', b, '--domain', 'x,y')
    // One that is stale: its evidence is no line of the export.
    await waggle('one', 'experience', 'delete', 'team', d)
    await waggle('one', 'export', 'team', '--out', fileOf('first.jsonl'))
    const first = readFileSync(fileOf('first.jsonl'), 'utf8')
    const lines = jsonLines(first) as readonly { readonly entity?: string }[]
    expect(lines.map(({ entity }) => entity).slice(315)).toEqual([
      ...[undefined, 'relation', 'relation', 'relation', 'insight', 'insight'],
    ])
    const restored = await waggle('two', 'import', 'crew', fileOf('first.jsonl'), '--dimension', '64', '--restore')
    expect(restored.stderr).toMatch(/^321 lines: 321 recorded, 0 already there, 0 failed/)
    expect((await waggle('two', 'export', 'crew')).stdout === first).toBe(true)
    const again = await waggle('two', 'import', 'crew', fileOf('first.jsonl'), '--restore')
    expect(again.stderr).toMatch(/^321 lines: 0 recorded, 321 already there, 0 failed/)
    for (const name of ['one', 'two']) {
      const { stdout: findings } = await waggle(name, 'doctor')
      expect(findings).toMatch(/316 experiences, 3 relations, 2 insights, digest/)
    }
    // Without --restore they are no experiences.
    const refused = await waggle('three', 'import', 'crew', fileOf('first.jsonl'), '--dimension', '64')
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/^line 317: fault INVALID_FIELD: .*--restore/m),
    ])
  })

  it('a line that hangs on nothing is reported by its number', async () => {
    const { waggle, fileOf } = setUp()
    const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`
    const relation = { entity: 'relation', id: id(1), source: id(2), target: id(3), type: 'supports', createdAt: 5 }
    const insight = {
      entity: 'insight',
      id: id(4),
      content: 'a',
      type: 'pattern',
      sources: [id(2)],
      embedding: 'AACAPw==',
    }
    const lines = [relation, { ...insight, createdAt: 5, updatedAt: 5 }, { ...relation, strength: 7 }]
    writeFileSync(fileOf('bad.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'))
    const restore = ['import', 'team', fileOf('bad.jsonl'), '--dimension', '1', '--restore']
    const { code, stderr } = await waggle('one', ...restore, '--keep-going')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^line 1: fault NOT_FOUND: .*field=source /m)
    expect(stderr).toMatch(/^line 2: fault NOT_FOUND: .*field=sources\[0\] /m)
    expect(stderr).toMatch(/^line 3: fault INVALID_FIELD: .*field=strength /m)
    expect((await waggle('one', ...restore)).stderr).toMatch(/0 recorded, 0 already there, 1 failed/)
  })

  it('restoring twice doubles nothing', async () => {
    const { waggle, fileOf } = setUp()
    await fill(waggle)
    await waggle('one', 'export', 'team', '--out', fileOf('all.jsonl'))
    await waggle('two', 'import', 'team', fileOf('all.jsonl'), '--dimension', '64', '--restore')
    const again = await waggle('two', 'import', 'team', fileOf('all.jsonl'), '--restore')
    expect(again.stderr).toMatch(/^317 lines: 0 recorded, 317 already there, 0 failed/)
    // Cut in other places, the chunks have other keys.
    const rest = readFileSync(fileOf('all.jsonl'), 'utf8').split('\n').slice(37).join('\n')
    writeFileSync(fileOf('rest.jsonl'), rest)
    const part = await waggle('two', 'import', 'team', fileOf('rest.jsonl'), '--restore')
    expect(part.stderr).toMatch(/^280 lines: 0 recorded, 280 already there, 0 failed/)
  })

  it('a bad line of a restore is reported by its number, and those before it are kept', async () => {
    const { waggle, fileOf } = setUp()
    await fill(waggle)
    await waggle('one', 'export', 'team', '--out', fileOf('all.jsonl'))
    const lines = readFileSync(fileOf('all.jsonl'), 'utf8').split('\n')
    lines[149] = (lines[149] as string).replace(/"importance":[0-9.]+/, '"importance":7')
    lines[199] = '{"content":"no id"}'
    writeFileSync(fileOf('bad.jsonl'), lines.join('\n'))
    const stopped = await waggle('two', 'import', 'team', fileOf('bad.jsonl'), '--dimension', '64', '--restore')
    expect(stopped.code).toBe(1)
    expect(stopped.stderr).toMatch(/^line 150: fault INVALID_FIELD: .*field=importance /m)
    expect(stopped.stderr).toMatch(/149 recorded, 0 already there, 1 failed/)
    const kept = await waggle('two', 'import', 'team', fileOf('bad.jsonl'), '--restore', '--keep-going')
    expect(kept.code).toBe(1)
    expect(kept.stderr).toMatch(/^line 200: fault REQUIRED_FIELD: .*field=id/m)
    expect(kept.stderr).toMatch(/317 lines: 166 recorded, 149 already there, 2 failed/)
  })

  it('an export that is imported without --restore is new records, and the warning says how else', async () => {
    const { waggle, fileOf } = setUp()
    await fill(waggle)
    await waggle('one', 'export', 'team', '--out', fileOf('all.jsonl'))
    const { code, stderr } = await waggle('two', 'import', 'team', fileOf('all.jsonl'), '--dimension', '64')
    expect(code).toBe(0)
    expect(stderr).toContain('--restore')
  })

  it('--out puts a whole file in its place and leaves nothing beside it', async () => {
    const { folder, waggle, fileOf } = setUp()
    await fill(waggle)
    writeFileSync(fileOf('out.jsonl'), 'what was there before')
    await waggle('one', 'export', 'team', '--out', fileOf('out.jsonl'))
    expect(jsonLines(readFileSync(fileOf('out.jsonl'), 'utf8'))).toHaveLength(317)
    expect(readdirSync(folder).sort()).toEqual(['one', 'out.jsonl'])
    const refused = await waggle('one', 'export', 'team', '--out', path.join(folder, 'no such folder', 'out.jsonl'))
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('fault OUTPUT_FAILED')
    const device = await waggle('one', 'export', 'team', '--out', '/dev/null')
    expect([device.code, device.stderr]).toEqual([1, expect.stringContaining('no regular file')])
    symlinkSync('out.jsonl', fileOf('link.jsonl'))
    await waggle('one', 'export', 'team', '--out', fileOf('link.jsonl'))
    expect(lstatSync(fileOf('link.jsonl')).isSymbolicLink()).toBe(true)
    const absent = await waggle('one', 'export', 'nobody', '--out', fileOf('nobody.jsonl'))
    expect(absent.code).toBe(1)
    expect(existsSync(fileOf('nobody.jsonl'))).toBe(false)
  })
})
