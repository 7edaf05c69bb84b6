/** Damage to the files of a folder with pages: it is refused, or a fault names the page; never silently less. */
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { isFault, silentLogger, systemClock, systemIds, systemRandom, systemTimers } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import { DEFAULT_TENANT } from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { memoryPageKey, pageKey, type Scope } from '../state/keyspace.ts'
import { openFolderCall } from '../testing/memory/folder-call.ts'
import { PageHistory } from '../testing/pages/page-history.ts'
import { largeContent, memory, memoryId } from '../testing/pages/page-rig.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'
import { openEmbeddedEngine } from './embedded-engine.ts'

const FLIPS = 40
const collective = memoryId(0xd0)

let folder: TemporaryFolder
let whole: string
beforeEach(async () => {
  folder = await temporaryFolder()
  whole = join(folder.path, 'whole')
})
afterEach(async () => {
  await folder.remove()
})

const scopeOf = async (path: string): Promise<Scope> => {
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, ids: systemIds }
  const engine = await openEmbeddedEngine({ path, acceptLoss: false, logger: silentLogger, ...ports })
  const stored = await engine.engine.read(({ state }) => readCollective(state, DEFAULT_TENANT, collective))
  await engine.close()
  return (stored as { readonly scope: Scope }).scope
}

describe('S4 a row of a page that LevelDB gives as it is', () => {
  test('test_checksum_verified_on_read: a row that fails its checksum names its page, the store goes on', async () => {
    const first = await openFolderCall(whole)
    await first.call('collective.create', { id: collective, name: 'damaged', dimension: 3 })
    const memories = [memory(1), memory(2, { content: largeContent(2) }), memory(3)]
    await first.call('pages.store', { collective, memories })
    await first.close()
    const scope = await scopeOf(whole)
    const key = pageKey(scope, 3)
    const raw = new Level<Uint8Array, Uint8Array>(join(whole, 'state'), { keyEncoding: 'view', valueEncoding: 'view' })
    const bytes = Buffer.from(await raw.get(key))
    bytes[40] = (bytes[40] as number) ^ 4
    await raw.put(key, bytes)
    await raw.put(memoryPageKey(scope, memoryId(3)), bytes.subarray(0, 9))
    await raw.close()
    const { call, close } = await openFolderCall(whole)
    const named = { code: 'CORRUPT', details: { entity: 'page', page: 3, key: Buffer.from(key).toString('hex') } }
    await expect(call('pages.read', { collective, page: 3 })).rejects.toMatchObject(named)
    await expect(call('pages.load', { collective, id: memoryId(2) })).rejects.toMatchObject(named)
    expect(await call('pages.scan', { collective })).toMatchObject({ items: [{ page: 1 }, { page: 4 }], damaged: [3] })
    await expect(call('pages.load', { collective, id: memoryId(3) })).rejects.toMatchObject({
      ...{ code: 'CORRUPT', details: { entity: 'memory', id: memoryId(3) } },
    })
    expect(await call('pages.load', { collective, page: 4 })).toMatchObject({ memory: { id: memoryId(3) } })
    expect(await call('pages.store', { collective, memories: [memory(5)] })).toMatchObject({ pages: [5] })
    await call('pages.store', { collective, memories: memories.slice(0, 2) })
    expect(await call('pages.scan', { collective })).toMatchObject({ damaged: [] })
    await close()
  })
})

describe('S4 a damaged folder with pages is refused or whole', () => {
  const history = new PageHistory(7, 30)
  const trial = (): string => join(folder.path, 'trial')

  const outcome = async (): Promise<string> => {
    let close: (() => Promise<void>) | undefined
    try {
      const opened = await openFolderCall(trial())
      ;({ close } = opened)
      return JSON.stringify(await history.read(opened.call))
    } catch (error) {
      if (!isFault(error) || error.kind === 'internal') throw error
      return `fault ${error.kind}`
    } finally {
      await close?.()
    }
  }

  test(`after a flipped bit, at ${FLIPS} places of the files of the state`, async () => {
    const first = await openFolderCall(whole)
    await history.create(first.call)
    for (let step = 0; step < 25; step += 1) expect(await history.step(first.call, step)).toBeUndefined()
    await first.close()
    // Opening again turns the write-ahead log into tables; what is written now stays in the next log.
    const second = await openFolderCall(whole)
    for (let step = 25; step < 30; step += 1) expect(await history.step(second.call, step)).toBeUndefined()
    await second.close()
    const expected = JSON.stringify(history.state)
    const files = (await readdir(join(whole, 'state'))).filter((name) => /\.(?:ldb|log)$/u.test(name)).sort()
    expect(files.some((name) => name.endsWith('.ldb'))).toBe(true)
    const random = seededRandom(44)
    let refused = 0
    for (let flip = 0; flip < FLIPS; flip += 1) {
      const name = files[flip % files.length] as string
      await rm(trial(), { recursive: true, force: true })
      await cp(whole, trial(), { recursive: true })
      const file = join(trial(), 'state', name)
      const bytes = await readFile(file)
      if (bytes.length === 0) continue
      const offset = random.uint32() % bytes.length
      bytes[offset] = (bytes[offset] as number) ^ (1 << (random.uint32() % 8))
      await writeFile(file, bytes)
      const found = await outcome()
      expect(['fault corrupt', expected].includes(found), `${name} byte ${offset}`).toBe(true)
      if (found !== expected) refused += 1
    }
    expect(refused).toBeGreaterThan(0)
  })
})
