import { open, readdir, readFile, readlink, symlink, writeFile, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { utf8 } from '@waggle/kernel'
import { Level } from 'level'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keyValueStoreContract } from '../testing/key-value-store.contract.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'
import { openLevelStore, type LevelStore } from './level-store.ts'
import { WRITE_BUFFER_BYTES } from './write-buffer.ts'
import { sealValue } from './value-seal.ts'

keyValueStoreContract('LevelStore', async () => {
  const folder = await temporaryFolder()
  const store = await openLevelStore(folder.path)
  const opened = [store]
  return {
    store,
    reopen: async () => {
      const again = await openLevelStore(folder.path)
      opened.push(again)
      return again
    },
    dispose: async () => {
      for (const each of opened) await each.close()
      await folder.remove()
    },
  }
})

const everything = { gte: new Uint8Array(0) }
const row = (key: string, value: string) => ({ key: utf8(key), value: utf8(value) })

/** Changes rows behind the back of the store's checksums. */
const writeRaw = async (location: string, rows: readonly (readonly [Uint8Array, Uint8Array])[]): Promise<void> => {
  const raw = new Level<Uint8Array, Uint8Array>(location, { keyEncoding: 'view', valueEncoding: 'view' })
  for (const [key, value] of rows) await raw.put(key, value)
  await raw.close()
}

describe('LevelStore', () => {
  let folder: TemporaryFolder
  let store: LevelStore | undefined

  beforeEach(async () => {
    folder = await temporaryFolder()
  })
  afterEach(async () => {
    await store?.close()
    store = undefined
    await folder.remove()
  })

  const writeAndClose = async (): Promise<void> => {
    const first = await openLevelStore(folder.path)
    await first.write([row('a', 'one'), row('b', 'two'), row('c', 'three')], { sync: true })
    await first.close()
  }

  it.each([
    ['another value', sealValue(utf8('b'), utf8('twO')).with(2, 0x6f)],
    ['the row of another key', sealValue(utf8('a'), utf8('one'))],
    ['less than a checksum', Uint8Array.of(1, 2, 3)],
    ['nothing', new Uint8Array(0)],
  ])('S4 never gives out %s that stands under a key', async (_, sealed) => {
    await writeAndClose()
    await writeRaw(folder.path, [[utf8('b'), sealed]])
    store = await openLevelStore(folder.path)
    const corrupt: unknown = expect.objectContaining({ code: 'CORRUPT', details: { path: folder.path, key: '62' } })
    expect(() => store!.get(utf8('b'))).toThrow(corrupt)
    expect(store.get(utf8('a'))).toEqual(utf8('one'))
    const snapshot = store.snapshot()
    expect(() => snapshot.get(utf8('b'))).toThrow(corrupt)
    await snapshot.close()
    const seen: Uint8Array[] = []
    const reading = (async () => {
      for await (const [key] of store.scan(everything)) seen.push(key)
    })()
    await expect(reading).rejects.toThrow(corrupt)
    expect(seen).toEqual([utf8('a')])
    const chunks = store.scanChunks(everything)
    await expect(chunks.next()).rejects.toThrow(corrupt)
    expect(await chunks.next()).toEqual({ done: true, value: undefined })
  })

  it('S4 does not make a new database where there has to be one', async () => {
    await expect(openLevelStore(folder.path, { createIfMissing: false })).rejects.toMatchObject({ code: 'CORRUPT' })
    const absent = path.join(folder.path, 'absent')
    await expect(openLevelStore(absent, { createIfMissing: false })).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  it('says what it verified at opening', async () => {
    await writeAndClose()
    store = await openLevelStore(folder.path, { createIfMissing: false })
    expect(store.files).toMatchObject({ exists: true, tables: 0, tornTail: false })
    expect(store.files.bytes).toBeGreaterThan(0)
  })

  it('opens a folder once in a process, through a symbolic link too, and again after the close', async () => {
    store = await openLevelStore(path.join(folder.path, 'state'))
    await symlink(path.join(folder.path, 'state'), path.join(folder.path, 'alias'))
    for (const name of ['state', 'alias', 'alias/.']) {
      const again = openLevelStore(path.join(folder.path, name))
      await expect(again).rejects.toMatchObject({ code: 'DATABASE_LOCKED' })
    }
    await store.write([row('a', 'one')], { sync: true })
    await store.close()
    store = await openLevelStore(path.join(folder.path, 'alias'))
    expect(store.get(utf8('a'))).toEqual(utf8('one'))
  })

  it('makes every folder on the way', async () => {
    store = await openLevelStore(path.join(folder.path, 'deep', 'er', '..', 'er', 'state'))
    await store.write([row('a', 'one')], { sync: true })
    expect(store.get(utf8('a'))).toEqual(utf8('one'))
  })

  it('a folder that cannot be used is no damage', async () => {
    const file = path.join(folder.path, 'file')
    await writeFile(file, '')
    await expect(openLevelStore(path.join(file, 'state'))).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
  })

  it.runIf(process.platform === 'linux')(
    'S2 a synced write flushes the logs before its own as well, once, when unsynced writes lie in them',
    async () => {
      const flushed: string[] = []
      const probe = await open(folder.path)
      const spy = vi.spyOn(Object.getPrototypeOf(probe) as FileHandle, 'sync')
      spy.mockImplementation(async function (this: FileHandle) {
        flushed.push(path.basename(await readlink(`/proc/self/fd/${this.fd}`)))
      })
      await probe.close()
      try {
        const state = path.join(folder.path, 'state')
        store = await openLevelStore(state)
        expect(flushed.splice(0)).toEqual([path.basename(folder.path)])
        await store.write([row('a', 'one')], { sync: true })
        expect(flushed).toEqual([])
        // Fills the first log, so that the last of these goes into a second one.
        const value = new Uint8Array(WRITE_BUFFER_BYTES / 2)
        for (const key of ['b', 'c', 'd']) await store.write([{ key: utf8(key), value }], { sync: false })
        const logs = (await readdir(state)).filter((name) => name.endsWith('.log'))
        await store.write([], { sync: true })
        expect(flushed.at(-1)).toBe('state')
        const stillThere = (await readdir(state)).filter((name) => logs.includes(name))
        expect(flushed).toEqual(expect.arrayContaining(stillThere))
        flushed.length = 0
        await store.write([], { sync: true })
        expect(flushed).toEqual([])
      } finally {
        spy.mockRestore()
      }
    },
  )

  it('an open scan ends with an error when the store is closed under it, and does not hold up the close', async () => {
    store = await openLevelStore(folder.path)
    await store.write([row('a', 'one'), row('b', 'two')], { sync: false })
    const [scan, chunks] = [store.scan(everything), store.scanChunks(everything)]
    const snapshot = store.snapshot()
    await store.close()
    await expect(scan.next()).rejects.toThrow('the store is closed')
    await expect(chunks.next()).rejects.toThrow('the store is closed')
    expect(() => snapshot.get(utf8('a'))).toThrow('the store is closed')
    await snapshot.close()
  })

  it('keeps its hands off what stands in its folder and is not its own', async () => {
    await writeAndClose()
    await writeFile(path.join(folder.path, 'notes.txt'), 'mine')
    store = await openLevelStore(folder.path)
    expect(await readFile(path.join(folder.path, 'notes.txt'), 'utf8')).toBe('mine')
  })
})
