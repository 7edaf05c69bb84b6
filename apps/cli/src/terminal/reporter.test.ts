import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { progressLine, Reporter } from './reporter.ts'

const streamOf = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY, columns: 60 })

const textOf = (stream: PassThrough): string => (stream.read() as Buffer | null)?.toString() ?? ''

describe('progressLine', () => {
  it('shows the share, the count, the speed and what is left', () => {
    expect(progressLine({ label: 'import', unit: 'lines', done: 1200, share: 0.5, elapsedMs: 2000 }, 80)).toBe(
      'import  ████████████░░░░░░░░░░░░  50%  1,200 lines  600/s  2.00 s left',
    )
  })

  it('gives the room of the bar to the figures', () => {
    const line = progressLine({ label: 'import', unit: 'lines', done: 1200, share: 0.5, elapsedMs: 2000 }, 60)
    expect(line).toBe('import  ███████░░░░░░░  50%  1,200 lines  600/s  2.00 s left')
  })

  it('does without what is not known', () => {
    expect(progressLine({ label: 'import', unit: 'lines', done: 7, share: undefined, elapsedMs: 0 }, 80)).toBe(
      'import  7 lines',
    )
    expect(progressLine({ label: 'x', unit: 'y', done: 1, share: 1.2, elapsedMs: 1 }, 80)).toContain('█'.repeat(24))
  })
})

describe('Reporter', () => {
  it('draws one line, not too often, within the terminal, and wipes it', () => {
    const stream = streamOf(true)
    let nowMs = 0
    const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
    const reporter = new Reporter({ stream, clock, mode: 'bar', label: 'import', unit: 'lines' })
    reporter.progress(1, 0.1)
    const first = textOf(stream)
    expect(first.startsWith('\r\u001b[Kimport')).toBe(true)
    expect([...first].length).toBeLessThanOrEqual(60 + 4)
    nowMs = 10
    reporter.progress(2, 0.2)
    expect(textOf(stream)).toBe('')
    nowMs = 100
    reporter.progress(3, 0.3)
    expect(textOf(stream)).toContain('30%')
    reporter.clear()
    expect(textOf(stream)).toBe('\r\u001b[K')
    reporter.clear()
    expect(textOf(stream)).toBe('')
  })

  it('R2: is silent where nobody asked for it, and else a line of JSON a second, and one at the end', () => {
    let nowMs = 0
    const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
    const reported = (mode: 'lines' | 'silent') => {
      nowMs = 0
      const stream = streamOf(false)
      const reporter = new Reporter({ stream, clock, mode, label: 'import', unit: 'lines' })
      for (const [atMs, done] of [
        [0, 0],
        [500, 5],
        [1_000, 10],
        [1_500, 15],
      ] as const) {
        nowMs = atMs
        reporter.progress(done, done / 20)
      }
      reporter.end()
      reporter.end()
      return textOf(stream)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as unknown)
    }
    expect(reported('silent')).toEqual([])
    expect(reported('lines')).toEqual([
      { progress: { label: 'import', done: 0, unit: 'lines', share: 0, perSecond: 0 } },
      { progress: { label: 'import', done: 10, unit: 'lines', share: 0.5, perSecond: 10, leftMs: 1_000 } },
      { progress: { label: 'import', done: 15, unit: 'lines', share: 0.75, perSecond: 10, leftMs: 500 } },
    ])
  })
})
