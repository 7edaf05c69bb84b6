import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { systemRandom, type Random } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startChild, type ChildScript } from '../testing/child-script.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'
import { acquireFolderLock, type FolderLock } from './folder-lock.ts'
import { currentHolder, type LockHolder } from './lock-holder.ts'

const TAKER = new URL('../testing/lock-taker.child.ts', import.meta.url)

/** A pid that no process has: it has just ended and been waited for. */
const deadPid = async (): Promise<number> => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await new Promise((resolve) => child.once('close', resolve))
  return child.pid!
}

/** Runs what takes its effect in the call itself as another thread would: without this one's map of held paths. */
const inAnotherThread = async <Result>(run: () => Promise<Result>): Promise<Result> => {
  const registry = Symbol.for('@waggle/engine/held-paths')
  const thread = globalThis as { [registry]?: unknown }
  const own = thread[registry]
  thread[registry] = undefined
  const result = run()
  thread[registry] = own
  return result
}

/** Randomness that is asked for between looking at the lock and taking it, and lets something happen there, once. */
const interrupted = (happen: () => Promise<void>): Random => {
  let hasHappened = false
  return {
    bytes(length) {
      if (!hasHappened) void happen()
      hasHappened = true
      return systemRandom.bytes(length)
    },
  }
}

describe('folder lock', () => {
  let folder: TemporaryFolder
  let file: string
  const locks: FolderLock[] = []
  const children: ChildScript[] = []

  const take = async (target = folder.path): Promise<FolderLock> => {
    const lock = await acquireFolderLock(target)
    locks.push(lock)
    return lock
  }
  const startTaker = async (): Promise<ChildScript> => {
    const child = startChild(TAKER, { args: [folder.path] })
    children.push(child)
    expect(await child.line()).toBe('ready')
    return child
  }
  const answer = async (child: ChildScript, line: string): Promise<string> => {
    child.tell(line)
    return child.line()
  }
  const leave = async (holder: Partial<LockHolder>): Promise<void> => {
    await writeFile(file, JSON.stringify({ ...currentHolder('aa'), ...holder }))
  }
  const refusedBy = (pid: number) => ({ code: 'DATABASE_LOCKED', details: { path: folder.path, pid } })

  beforeEach(async () => {
    folder = await temporaryFolder()
    file = path.join(folder.path, 'lock')
  })
  afterEach(async () => {
    for (const lock of locks.splice(0)) await lock.release()
    for (const child of children.splice(0)) {
      child.signal('SIGKILL')
      await child.ended
    }
    await folder.remove()
  })

  it('writes who holds the folder, and removes it on release', async () => {
    const lock = await take()
    const holder = JSON.parse(await readFile(file, 'utf8')) as LockHolder
    expect(holder).toEqual(currentHolder(holder.token))
    expect(holder).toMatchObject({ pid: process.pid, host: hostname() })
    expect(await readdir(folder.path)).toEqual(['lock'])
    await lock.release()
    await lock.release()
    expect(await readdir(folder.path)).toEqual([])
  })

  it('refuses a second taking by the same process, through symbolic links too, until the release', async () => {
    const alias = `${folder.path}-alias`
    const lock = await take()
    await symlink(folder.path, path.join(folder.path, 'self'))
    for (const target of [folder.path, path.join(folder.path, 'self'), path.join(folder.path, 'self', 'self', '.')]) {
      await expect(take(target)).rejects.toMatchObject(refusedBy(process.pid))
    }
    await lock.release()
    await take(path.join(folder.path, 'self'))
    await expect(take(alias)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
  })

  it('lets one of several callers in the same process in', async () => {
    const results = await Promise.allSettled(Array.from({ length: 5 }, async () => take()))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('refuses another thread of the same process, which shares nothing but the file', async () => {
    await take()
    await inAnotherThread(async () => {
      await expect(take()).rejects.toMatchObject(refusedBy(process.pid))
    })
  })

  it('refuses another process while the holder lives, also when it is stopped', async () => {
    const child = await startTaker()
    expect(await answer(child, 'take')).toBe('taken')
    await expect(take()).rejects.toMatchObject(refusedBy(child.pid))
    child.signal('SIGSTOP')
    await expect(take()).rejects.toMatchObject(refusedBy(child.pid))
    child.signal('SIGCONT')
    expect(await answer(child, 'give')).toBe('given')
    await take()
    expect(await answer(child, 'take')).toBe('DATABASE_LOCKED')
  })

  it('takes the folder over at once from a holder that was killed', async () => {
    const child = await startTaker()
    expect(await answer(child, 'take')).toBe('taken')
    child.signal('SIGKILL')
    await child.ended
    await take()
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid })
    expect(await readdir(folder.path)).toEqual(['lock'])
  })

  it.runIf(process.platform === 'linux')(
    'sees that a pid was given to another process, or before another boot',
    async () => {
      const self = currentHolder('aa')
      for (const past of [{ startedAt: self.startedAt! - 1 }, { bootId: '00000000-0000-0000-0000-000000000000' }]) {
        await leave(past)
        await (await take()).release()
      }
      await leave({})
      await expect(take()).rejects.toMatchObject(refusedBy(process.pid))
    },
  )

  it('without /proc a live pid counts as the holder', async () => {
    await leave({ startedAt: null, bootId: null })
    await expect(take()).rejects.toMatchObject(refusedBy(process.pid))
    await leave({ startedAt: null, bootId: null, pid: await deadPid() })
    await take()
  })

  it('refuses when the holder is on another host, dead or alive, and says why', async () => {
    const pid = await deadPid()
    await leave({ host: 'elsewhere', pid })
    await expect(take()).rejects.toMatchObject({ code: 'DATABASE_LOCKED', details: { pid, host: 'elsewhere' } })
    await expect(take()).rejects.toThrow('another host')
  })

  it.each([
    '',
    '{"pid":1',
    'null',
    '{}',
    '[]',
    '{"pid":0,"startedAt":null,"bootId":null,"host":"a","token":"b"}',
    '\0',
  ])('a lock file that holds %j proves no holder', async (content) => {
    await writeFile(file, content)
    await take()
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid })
    expect(await readdir(folder.path)).toEqual(['lock'])
  })

  it('H2 follows a chain of successors that died before they had the name, and clears it away', async () => {
    const pid = await deadPid()
    await leave({ pid, token: 'a1' })
    for (const [name, token] of [
      ['lock.a1', 'b2'],
      ['lock.b2', 'c3'],
    ] as const) {
      await writeFile(path.join(folder.path, name), JSON.stringify({ ...currentHolder(token), pid }))
    }
    await take()
    expect(await readdir(folder.path)).toEqual(['lock'])
  })

  it('H2 refuses when the end of the chain is alive', async () => {
    await leave({ pid: await deadPid(), token: 'a1' })
    await writeFile(path.join(folder.path, 'lock.a1'), JSON.stringify(currentHolder('b2')))
    await expect(take()).rejects.toMatchObject(refusedBy(process.pid))
  })

  it('H4 the slower of two that found the same stale lock steps back', async () => {
    await leave({ pid: await deadPid(), token: 'a1' })
    let faster: FolderLock | undefined
    const slower = acquireFolderLock(
      folder.path,
      interrupted(async () => {
        faster = await inAnotherThread(async () => take())
      }),
    )
    await expect(slower).rejects.toMatchObject(refusedBy(process.pid))
    expect(faster).toBeDefined()
    expect(await readdir(folder.path)).toEqual(['lock'])
  })

  it('H4 the slower of two gets the lock when the faster has given it back meanwhile', async () => {
    await leave({ pid: await deadPid(), token: 'a1' })
    const random = interrupted(async () => {
      void inAnotherThread(async () => acquireFolderLock(folder.path))
      rmSync(file)
    })
    locks.push(await acquireFolderLock(folder.path, random))
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid })
    expect(await readdir(folder.path)).toEqual(['lock'])
  })

  it('does not remove a lock that is not its own any more', async () => {
    const lock = await take()
    await leave({ token: 'bb' })
    await lock.release()
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ token: 'bb' })
  })

  it('a folder that does not exist, or takes no files, is STORAGE_FAILED and not held', async () => {
    const absent = path.join(folder.path, 'absent')
    await expect(take(absent)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    await mkdir(absent)
    await mkdir(path.join(absent, 'lock'))
    await expect(take(absent)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    await expect(take(absent)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
  })

  it('H1 H3 H4 of eight processes that want a stale lock, exactly one gets it', { timeout: 60_000 }, async () => {
    const takers = await Promise.all(Array.from({ length: 8 }, startTaker))
    const pid = await deadPid()
    const random = seededRandom(5)
    for (let round = 0; round < 20; round += 1) {
      // A dead holder, a damaged file, a chain of two dead holders.
      if (round % 3 === 0) await leave({ pid, token: random.uint32().toString(16) })
      if (round % 3 === 1) await writeFile(file, '{"pid":')
      if (round % 3 === 2) {
        await leave({ pid, token: `d${round}` })
        await writeFile(path.join(folder.path, `lock.d${round}`), JSON.stringify({ ...currentHolder('e'), pid }))
      }
      const results = await Promise.all(takers.map(async (taker) => answer(taker, 'take')))
      expect(results.toSorted()).toEqual([...Array<string>(7).fill('DATABASE_LOCKED'), 'taken'])
      const winner = takers[results.indexOf('taken')]!
      expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: winner.pid })
      expect(await answer(winner, 'give')).toBe('given')
      expect(await readdir(folder.path)).toEqual([])
    }
  })
})
