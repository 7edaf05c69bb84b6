/**
 * Progress on a real terminal: `script` of util-linux gives the command one. Where it is not installed nothing can be
 * tried, and the report of the tests says so.
 */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { testFolder } from '../testing/store-folder.ts'

const COMMAND = fileURLToPath(new URL('../../bin/waggle.mjs', import.meta.url))
const DEADLINE = { timeout: 60_000, interval: 20 }
/** Stands for what wipes a line, so that it can be read. */
const WIPED = '<wipe>'
const hasScript = String(spawnSync('script', ['--version']).stdout).includes('util-linux')

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`

/** The command on a terminal of its own; what the terminal was sent, and what a user types. */
const onTerminal = (...args: readonly string[]) => {
  const command = [process.execPath, COMMAND, ...args].map(quoted).join(' ')
  const child = spawn('script', ['-qefc', `stty cols 60; ${command}`, '/dev/null'], {
    stdio: 'pipe',
    env: { ...process.env, TERM: 'xterm' },
  })
  let sent = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (sent += text))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    sent: () => sent.replaceAll('\r\u001b[K', WIPED),
    type: (text: string) => void child.stdin.write(text),
    ended,
  }
}

const setUp = (lines: number) => {
  const folder = testFolder()
  const file = path.join(folder, 'lines.jsonl')
  const text = Array.from({ length: lines }, (_, index) => `{"content":"line ${index}","embedding":[1,${index + 1}]}\n`)
  writeFileSync(file, text.join(''))
  const store = path.join(folder, 'store')
  return { folder, store, importing: ['import', 'team', file, '--dimension', '2', '--path', store] }
}

describe.skipIf(!hasScript)('progress on a real terminal (needs `script` of util-linux)', () => {
  it('R1: is one line within the terminal, gone before anything else is said', async () => {
    const { folder, store, importing } = setUp(1_000)
    const imported = onTerminal(...importing)
    expect(await imported.ended).toBe(0)
    const [said = '', ...frames] = imported.sent().split(WIPED).reverse()
    expect(frames.length).toBeGreaterThan(0)
    expect(frames.pop()).toBe('')
    for (const frame of frames) expect(frame).toMatch(/^import {2}[█░]+ {2}\d+% {2}[^\r\n]*$/)
    expect(Math.max(...frames.map((frame) => [...frame].length))).toBeLessThan(60)
    expect(said).toMatch(/^1,000 lines: 1,000 recorded[^\r\n]*\r\n$/)
    const out = path.join(folder, 'out.jsonl')
    const exported = onTerminal('export', 'team', '--out', out, '--path', store)
    expect(await exported.ended).toBe(0)
    expect(exported.sent()).toMatch(/<wipe>export {2}█[^\r\n<]*<wipe>1,000 records in /)
    expect(readFileSync(out, 'utf8').split('\n')).toHaveLength(1_001)
  })

  it('R1: Ctrl-C leaves no line behind, and the terminal as it was', async () => {
    const { importing } = setUp(200_000)
    const { sent, type, ended } = onTerminal(...importing)
    await vi.waitFor(() => {
      expect(sent()).toContain('import  ')
    }, DEADLINE)
    type('\u0003')
    expect(await ended).toBe(130)
    expect(sent()).toMatch(/<wipe>[\d,]+ lines: [^\r\n]*\r\ninterrupted: [^\r\n]*\r\n$/)
    // No mode was switched on that would have to be switched off again.
    expect(sent()).not.toContain('\u001b[?')
  })
})
