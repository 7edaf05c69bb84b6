/** What `openWaggle` takes, and that a refused opening leaves nothing behind: no lock, no folder of its own. */
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import { isFault } from '@waggle/kernel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openWaggle, type OpenOptions } from './open-waggle.ts'

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await folder.remove()
})

const outcomeOf = async (options: unknown): Promise<string> => {
  try {
    await (await openWaggle(options as OpenOptions)).close()
    return 'opened'
  } catch (error) {
    if (!isFault(error)) throw error
    return `${error.code} ${String(error.details.field)}`
  }
}

describe('openWaggle', () => {
  test.each([undefined, null, 5, 'path', [], () => undefined])('P10 takes options, not %s', async (options) => {
    expect(await outcomeOf(options)).toBe('INVALID_FIELD options')
  })

  test.each<[string, object, string]>([
    ['no path', { path: undefined }, 'INVALID_FIELD path'],
    ['an empty path', { path: '' }, 'INVALID_FIELD path'],
    ['a path that is none', { path: 5 }, 'INVALID_FIELD path'],
    ['a path with a zero byte', { path: '/tmp/a\0b' }, 'INVALID_FIELD path'],
    ['a tenant with a dot', { tenant: 'a.b' }, 'INVALID_FIELD tenant'],
    ['an empty tenant', { tenant: '' }, 'INVALID_FIELD tenant'],
    ['a tenant that is none', { tenant: null }, 'INVALID_FIELD tenant'],
    ['a tenant of more than 64 bytes', { tenant: 't'.repeat(65) }, 'INVALID_FIELD tenant'],
    ['a negative time limit', { timeoutMs: -1 }, 'INVALID_FIELD timeoutMs'],
    ['a time limit that is none', { timeoutMs: '5' }, 'INVALID_FIELD timeoutMs'],
    ['a time limit of more than five minutes', { timeoutMs: 300_001 }, 'INVALID_FIELD timeoutMs'],
    [
      'embedders that are no list',
      { embedders: { name: 'x', dimension: 4, embed: async () => [] } },
      'INVALID_FIELD embedders',
    ],
    ['an embedder that is none', { embedders: [5] }, 'INVALID_FIELD embedders[0]'],
    ['a text that accepts a loss', { acceptLoss: 'no' }, 'INVALID_FIELD acceptLoss'],
    ['a logger that is none', { logger: 5 }, 'INVALID_FIELD logger'],
    ['a misspelt option', { tennant: 'x' }, 'UNKNOWN_FIELD tennant'],
  ])('P10 %s is refused, and the folder can be opened afterwards', async (_title, options, outcome) => {
    expect(await outcomeOf({ path: folder.path, ...options })).toBe(outcome)
    expect(await outcomeOf({ path: folder.path })).toBe('opened')
  })

  test('test_open_creates_new_database, test_open_with_default_config: absent or empty', async () => {
    expect(await outcomeOf({ path: join(folder.path, 'a', 'b', 'c') })).toBe('opened')
    await mkdir(join(folder.path, 'empty'))
    expect(await outcomeOf({ path: join(folder.path, 'empty') })).toBe('opened')
    expect(await readdir(join(folder.path, 'a', 'b', 'c'))).toEqual(['acknowledged', 'state'])
  })

  test('test_open_existing_database: opened again; options that are undefined are absent', async () => {
    for (let turn = 0; turn < 3; turn += 1)
      expect(await outcomeOf({ path: folder.path, tenant: undefined, timeoutMs: undefined })).toBe('opened')
  })

  test('P10 a path that leads to a file, or through one, is refused', async () => {
    await writeFile(join(folder.path, 'file'), 'mine')
    for (const path of ['file', 'file/inside'])
      expect(await outcomeOf({ path: join(folder.path, path) })).toBe('INVALID_FIELD path')
  })

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written to is a fault', async () => {
    await chmod(folder.path, 0o500)
    expect(await outcomeOf({ path: folder.path })).toMatch(/^STORAGE_FAILED|^INVALID_FIELD path/)
    await chmod(folder.path, 0o700)
  })

  test('other files in the folder are left alone', async () => {
    await writeFile(join(folder.path, 'notes.txt'), 'mine')
    expect(await outcomeOf({ path: folder.path })).toBe('opened')
    expect(await readdir(folder.path)).toContain('notes.txt')
  })
})
