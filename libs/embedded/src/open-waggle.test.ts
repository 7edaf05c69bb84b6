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
    ['a text that only reads', { readOnly: 'yes' }, 'INVALID_FIELD readOnly'],
    ['no room for blocks', { cacheMb: 0 }, 'INVALID_FIELD cacheMb'],
    ['decay that is none', { decay: 5 }, 'INVALID_FIELD decay'],
    ['a half-life of nothing', { decay: { halfLifeMs: 0 } }, 'INVALID_FIELD decay.halfLifeMs'],
    ['reinforcements that count negatively', { decay: { freqWeight: -0.1 } }, 'INVALID_FIELD decay.freqWeight'],
    ['reinforcements that count infinitely', { decay: { freqWeight: Infinity } }, 'INVALID_FIELD decay.freqWeight'],
    ['a floor above 1', { decay: { floor: 1.1 } }, 'INVALID_FIELD decay.floor'],
    [
      'weights that do not sum to 1',
      { decay: { weights: { similarity: 1, energy: 1 } } },
      'INVALID_FIELD decay.weights',
    ],
    ['a misspelt setting of decay', { decay: { halfLive: 1 } }, 'UNKNOWN_FIELD decay.halfLive'],
    ['a negative time to go stale', { activityStaleMs: -1 }, 'INVALID_FIELD activityStaleMs'],
    ['a time to go stale that is none', { activityStaleMs: '5' }, 'INVALID_FIELD activityStaleMs'],
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

  test('P10 readOnly: reads go on, every write is refused, and nothing is made where no store is', async () => {
    const writer = await openWaggle({ path: folder.path })
    const written = await writer.createCollective({ name: 'kept', dimension: 2 })
    const { id } = await written.record({ content: 'one', embedding: [1, 2] })
    await writer.close()
    const reader = await openWaggle({ path: folder.path, readOnly: true })
    const hive = await reader.collective('kept')
    expect((await hive.get(id))?.content).toBe('one')
    expect((await hive.search({ embedding: [1, 2] }, { consistency: 'strong' })).results).toHaveLength(1)
    expect(await hive.stats()).toMatchObject({ experienceCount: 1 })
    const refusals = await Promise.all(
      [
        reader.createCollective({ name: 'new', dimension: 2 }),
        hive.record({ content: 'two', embedding: [1, 2] }),
        hive.reinforce(id),
        hive.deleteCollective(),
      ].map(async (write) => write.catch((error: unknown) => error)),
    )
    for (const refusal of refusals)
      expect(refusal).toMatchObject({
        ...{ code: 'READ_ONLY', kind: 'denied', message: 'Database is in read-only mode' },
      })
    await reader.close()
    expect(await outcomeOf({ path: join(folder.path, 'none'), readOnly: true })).toBe('NOT_FOUND path')
    expect(await readdir(folder.path)).not.toContain('none')
  })
})
