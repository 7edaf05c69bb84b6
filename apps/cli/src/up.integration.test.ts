/** `waggle up` as a process: what it prints, and that it goes with everything it started. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { sharedFolder } from './testing/store-folder.ts'
import { jsonLines, runWaggle, startWaggle, type WaggleProcess } from './testing/waggle-process.ts'

const READY = { timeout: 90_000, interval: 20 }
const GONE = { timeout: 20_000, interval: 20 }

const folder = sharedFolder()

/** Starts a cluster of two shards in the folder that the tests share, so that each goes on where the last one ended. */
const startUp = async (...more: readonly string[]): Promise<Started> => {
  const dir = path.join(folder(), 'cluster')
  const state = path.join(folder(), 'state')
  const child = startWaggle(['up', '--dir', dir, '--port', '0', ...more], { XDG_STATE_HOME: state })
  await vi.waitFor(() => {
    expect(child.output()).toMatch(/^nats:\/\/127\.0\.0\.1:\d+\nready\n$/)
  }, READY)
  const { children } = JSON.parse(readFileSync(path.join(dir, 'cluster.json'), 'utf8')) as Listed
  return { child, dir, url: child.output().split('\n')[0] as string, pids: children.map(({ pid }) => pid) }
}

interface Listed {
  readonly children: readonly { readonly role: string; readonly pid: number }[]
}

interface Started {
  readonly child: WaggleProcess
  readonly dir: string
  readonly url: string
  readonly pids: readonly number[]
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('waggle up', () => {
  it('serves, refuses a second one in its folder, and drains on SIGTERM', async () => {
    const { child, dir, url, pids } = await startUp('--shards', '2', '--routers', '2')
    expect(pids).toHaveLength(5)
    const server = ['--server', url]
    const created = await runWaggle(['collective', 'create', 'kept', '--dimension', '2', ...server])
    expect(created.code).toBe(0)
    const second = await runWaggle(['up', '--dir', dir, '--port', '0'])
    expect([second.code, second.stdout, second.stderr]).toEqual([1, '', expect.stringContaining('DATABASE_LOCKED')])
    const taken = await runWaggle(['up', '--dir', path.join(folder(), 'other'), '--port', new URL(url).port])
    expect([taken.code, taken.stdout, taken.stderr]).toEqual([1, '', expect.stringContaining('PORT_TAKEN')])
    child.signal('SIGTERM')
    const { code, stdout, stderr } = await child.ended
    expect([code, stdout]).toEqual([0, `${url}\nready\n`])
    expect(stderr).toMatch(
      /^starting in .*: 1 nats-server, 2 routers, 1 node, 1 compactor\n2 shards in .*\ndraining\n$/,
    )
    expect(pids.filter(isRunning)).toEqual([])
  })

  it('goes on with its data, and kill -9 leaves no child behind', async () => {
    const { child, url, pids } = await startUp()
    const { stdout } = await runWaggle(['collective', 'list', '--json', '--server', url])
    expect(jsonLines(stdout)).toMatchObject([{ name: 'kept' }])
    child.signal('SIGKILL')
    expect((await child.ended).code).toBe('SIGKILL')
    await vi.waitFor(() => {
      expect(pids.filter(isRunning)).toEqual([])
    }, GONE)
  })

  it('is told wrong usage from a fault', async () => {
    expect(await runWaggle(['up', '--shards', '0'])).toMatchObject({ code: 2, stdout: '' })
    expect(await runWaggle(['up', '--path', 'x'])).toMatchObject({ code: 2, stdout: '' })
    const dir = path.join(folder(), 'cluster')
    const fixed = await runWaggle(['up', '--dir', dir, '--shards', '3', '--port', '0'])
    expect([fixed.code, fixed.stderr]).toEqual([1, expect.stringContaining('SHARDS_FIXED')])
  })
})
