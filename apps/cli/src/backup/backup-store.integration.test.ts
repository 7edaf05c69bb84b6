/** Backups of a store in a folder. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openWaggle } from '@waggle/embedded'
import { beforeEach, describe, expect, it } from 'vitest'
import { testFolder } from '../testing/store-folder.ts'
import { jsonLines } from '../testing/waggle-process.ts'
import { run } from '../testing/waggle-run.ts'
import type { BackupManifest } from './backup-manifest.ts'

let folder: string
beforeEach(() => {
  folder = testFolder()
})

const place = (name: string): string => path.join(folder, name)

const one = async <Value>(...args: readonly string[]): Promise<Value> => {
  const { code, stdout, stderr } = await run([...args, '--json'])
  expect([code, stderr]).toEqual([0, ''])
  return jsonLines(stdout)[0] as Value
}

/** Something of every store; the token of the last write. */
const fill = async (store: string): Promise<string> => {
  const waggle = await openWaggle({ path: store })
  const hive = await waggle.createCollective({ name: 'all of it', dimension: 2 })
  const first = await hive.record({ content: 'first', embedding: [1, 0] }, { idempotencyKey: 'once' })
  const second = await hive.record({ content: 'second', embedding: [0, 1], ttlMs: 3_600_000 })
  await hive.relate({ source: first.id, target: second.id, type: 'implies' })
  await hive.keys.put([['key', 'value']])
  const { token } = await hive.record({ content: 'third', embedding: [1, 1] })
  await waggle.close()
  return token
}

describe('a backup of a folder', () => {
  it('P1 P8: is restored into a new one with equal content, as another life of it, and takes writes', async () => {
    const token = await fill(place('store'))
    const taken = await one<BackupManifest>('backup', 'create', place('backup'), '--path', place('store'))
    expect(taken).toMatchObject({ source: 'folder', shards: 1 })
    await one('backup', 'restore', place('backup'), '--path', place('restored'))
    const again = await one<BackupManifest>('backup', 'create', place('again'), '--path', place('restored'))
    const [before, after] = [taken.states[0], again.states[0]]
    expect([after?.content, after?.sequence]).toEqual([before?.content, before?.sequence])
    expect(after?.generation).not.toBe(before?.generation)
    for (let life = 0; life < 2; life += 1) {
      const waggle = await openWaggle({ path: place('restored') })
      const hive = await waggle.collective('all of it')
      expect((await hive.list()).items.map(({ content }) => content).slice(0, 3)).toEqual(['first', 'second', 'third'])
      expect(await hive.keys.get('key')).toEqual(new TextEncoder().encode('value'))
      // P2: what was done once before the backup is not done again.
      await hive.record({ content: 'first', embedding: [1, 0] }, { idempotencyKey: 'once' })
      await hive.record({ content: `life ${life}`, embedding: [1, 0] })
      expect((await hive.stats()).experienceCount).toBe(4 + life)
      await expect(hive.list({}, { token })).rejects.toMatchObject({ code: 'GENERATION_CHANGED' })
      await waggle.close()
    }
    expect(await one('verify', '--path', place('restored'))).toMatchObject({ verified: true })
  })

  it('P10: takes no place where something is, and leaves none where it was refused', async () => {
    await fill(place('store'))
    await one('backup', 'create', place('backup'), '--path', place('store'))
    const refused = await run(['backup', 'restore', place('backup'), '--path', place('store')])
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('INVALID_FIELD')])
    const file = path.join(place('backup'), 'shard-0.checkpoint')
    writeFileSync(file, 'no checkpoint')
    const damaged = await run(['backup', 'restore', place('backup'), '--path', place('restored')])
    expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringContaining('file=shard-0.checkpoint')])
    expect(existsSync(place('restored'))).toBe(false)
  })

  it('F1: what an interrupted restore left is no store, and goes with the next', async () => {
    await fill(place('store'))
    await one('backup', 'create', place('backup'), '--path', place('store'))
    mkdirSync(place('.restored.restoring/state'), { recursive: true })
    writeFileSync(place('.restored.restoring/state/CURRENT'), 'half of it')
    await one('backup', 'restore', place('backup'), '--path', place('restored'))
    expect(existsSync(place('.restored.restoring'))).toBe(false)
    expect(await one('verify', '--path', place('restored'))).toMatchObject({ verified: true })
  })
})
