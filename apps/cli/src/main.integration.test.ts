/** The command as a process: signals, pipes, crashes, and the demonstration. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Experience } from '@waggle/protocol'
import { describe, expect, it, vi } from 'vitest'
import { testFolder } from './testing/store-folder.ts'
import { jsonLines, runWaggle, startWaggle, type WaggleProcess } from './testing/waggle-process.ts'

const COMMAND = fileURLToPath(new URL('../bin/waggle.mjs', import.meta.url))
const DEADLINE = { timeout: 60_000, interval: 5 }

const setUp = () => {
  const folder = testFolder()
  const store = path.join(folder, 'store')
  const file = path.join(folder, 'lines.jsonl')
  const waggle = async (...args: readonly string[]) => runWaggle([...args, '--path', store])
  const contents = async () => {
    const { stdout } = await waggle('experience', 'list', 'team', '--all', '--json')
    return (jsonLines(stdout) as readonly Experience[]).map(({ content }) => content)
  }
  return { folder, store, file, waggle, contents }
}

const linesOf = (number: number): string =>
  Array.from({ length: number }, (_, index) => `{"content":"line ${index}","embedding":[1,${index + 1}]}\n`).join('')

/** Bytes that the store has written so far. */
const written = (store: string): number => {
  const state = path.join(store, 'state')
  return readdirSync(state).reduce((total, name) => total + statSync(path.join(state, name)).size, 0)
}

/** Starts an import that waits for more input after it has written some of what it got. */
const startImport = async (store: string, text: string): Promise<WaggleProcess> => {
  const child = startWaggle(['import', 'team', '-', '--dimension', '2', '--path', store, '--json'])
  child.feed(text)
  await vi.waitFor(() => {
    expect(written(store)).toBeGreaterThan(20_000)
  }, DEADLINE)
  return child
}

describe('an import that is interrupted', () => {
  it('P1, P2: killed in the midst and repeated, has recorded every line once, in order', async () => {
    const { store, file, waggle, contents } = setUp()
    const text = linesOf(2_000)
    const child = await startImport(store, text)
    child.signal('SIGKILL')
    expect((await child.ended).code).toBe('SIGKILL')
    const before = await contents()
    expect(before.length).toBeGreaterThan(0)
    writeFileSync(file, text)
    const { code, stdout } = await waggle('import', 'team', file, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ lines: 2_000, existing: before.length, recorded: 2_000 - before.length })
    expect(await contents()).toEqual(Array.from({ length: 2_000 }, (_, index) => `line ${index}`))
  })

  it('by SIGINT closes the store, says how far it came, and ends with 130', async () => {
    const { store, waggle } = setUp()
    const child = await startImport(store, linesOf(500))
    child.signal('SIGINT')
    const { code, stdout, stderr } = await child.ended
    expect([code, stderr]).toEqual([130, ''])
    const { recorded } = JSON.parse(stdout) as { recorded: number }
    const { stdout: stats } = await waggle('collective', 'stats', 'team', '--json')
    expect(JSON.parse(stats)).toMatchObject({ experienceCount: recorded })
    expect(readdirSync(store)).not.toContain('lock')
  })
})

describe('two processes', () => {
  it('a folder that another process holds is a fault that says so', async () => {
    const { store, waggle } = setUp()
    const holder = await startImport(store, linesOf(500))
    const { code, stderr } = await waggle('collective', 'list')
    expect([code, stderr]).toEqual([1, expect.stringContaining('fault DATABASE_LOCKED')])
    const doctor = await waggle('doctor')
    expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringMatching(/^fail {2}lock .*pid=\d+/m)])
    holder.endInput()
    expect((await holder.ended).code).toBe(0)
    expect((await waggle('collective', 'list')).code).toBe(0)
  })
})

describe('a place that nobody names', () => {
  it('W3, W5: a store that was made here goes before the selected NATS context, and says so', async () => {
    const { folder } = setUp()
    const contexts = path.join(folder, 'config', 'nats')
    mkdirSync(path.join(contexts, 'context'), { recursive: true })
    writeFileSync(path.join(contexts, 'context.txt'), 'team')
    writeFileSync(path.join(contexts, 'context', 'team.json'), '{"url":"nats://127.0.0.1:1"}')
    const here = async () => {
      const environment = { XDG_CONFIG_HOME: path.join(folder, 'config') }
      const child = startWaggle(['collective', 'list'], environment, folder)
      child.endInput()
      return child.ended
    }
    const away = await here()
    expect([away.code, away.stderr]).toEqual([1, expect.stringMatching(/^using the cluster .*context team/)])
    await runWaggle(['collective', 'list', '--path', path.join(folder, 'waggle-data')])
    expect(await here()).toMatchObject({ code: 0, stderr: 'using the folder ./waggle-data, not context team\n' })
  })
})

describe('pipes', () => {
  it('ends quietly when the reader has enough', async () => {
    const { store, file, waggle } = setUp()
    writeFileSync(file, linesOf(3_000))
    await waggle('import', 'team', file, '--dimension', '2')
    const { stdout, stderr } = spawnSync(
      'bash',
      [
        '-c',
        'set -o pipefail; "$0" "$1" export team --path "$2" | head -n 1; echo "${PIPESTATUS[0]}"',
        process.execPath,
      ].concat(COMMAND, store),
      { encoding: 'utf8' },
    )
    expect(stderr).toBe('')
    const [line, code] = stdout.trim().split('\n')
    expect(JSON.parse(line as string)).toMatchObject({ content: 'line 0' })
    expect(code).toBe('0')
    // What the reader missed was not half a change: the store is whole.
    expect((await waggle('doctor')).code).toBe(0)
  })
})

describe('waggle watch', () => {
  it('W1 shows what is there, waits for more, and ends cleanly with Ctrl-C', async () => {
    const { store, waggle } = setUp()
    await waggle('collective', 'create', 'team', '--dimension', '64', '--embedder', 'hashing')
    await waggle('experience', 'record', 'team', '--content', 'seen')
    const child = startWaggle(['watch', 'team', '--from', 'start', '--path', store])
    await vi.waitFor(() => {
      expect(child.output()).toContain('anonymous: seen')
    }, DEADLINE)
    child.signal('SIGINT')
    const { code, stdout, stderr } = await child.ended
    expect([code, stdout.split('\n').length, stderr]).toEqual([0, 3, expect.stringMatching(/^go on: --from \S+\n$/)])
  })
})

describe('waggle demo', () => {
  it('--once shows everything, keeps every promise, and leaves nothing behind', async () => {
    const { folder } = setUp()
    const child = startWaggle(['demo', '--once'], { TMPDIR: folder })
    child.endInput()
    const { code, stdout, stderr } = await child.ended
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^18 of 18 promises kept in /m)
    expect(stdout).toMatch(/acknowledged \d+, lost 0;/)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(70)
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(100)
    expect(stdout).not.toContain('\u001b')
    expect(code).toBe(0)
    expect(readdirSync(folder)).toEqual([])
  })

  it('ends by itself without a terminal; --json is one value; a second run in the folder doubles nothing', async () => {
    const { waggle } = setUp()
    const first = await waggle('demo', '--json')
    expect([first.code, first.stderr]).toEqual([0, ''])
    const report = JSON.parse(first.stdout) as { record: { experiences: number }; broken: readonly string[] }
    expect(report).toMatchObject({ record: { experiences: 318, recorded: 318 }, broken: [] })
    const second = await waggle('demo', '--json')
    expect(second.code).toBe(0)
    expect(JSON.parse(second.stdout)).toMatchObject({ record: { recorded: 0 }, broken: [] })
    const { stdout } = await waggle('collective', 'stats', 'harbour-team', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ experienceCount: 321, relationCount: 1, insightCount: 1 })
  })
})
