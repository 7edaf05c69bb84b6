import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { progressLine, Reporter } from './reporter.ts'

const streamOf = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY, columns: 60 })

const textOf = (stream: PassThrough): string => (stream.read() as Buffer | null)?.toString() ?? ''

describe('progressLine', () => {
  it('shows the share, the count, the speed and what is left', () => {
    expect(progressLine({ label: 'import', unit: 'lines', done: 1200, share: 0.5, elapsedMs: 2000 })).toBe(
      'import  ████████████░░░░░░░░░░░░  50%  1,200 lines  600/s  2.00 s left',
    )
  })

  it('does without what is not known', () => {
    expect(progressLine({ label: 'import', unit: 'lines', done: 7, share: undefined, elapsedMs: 0 })).toBe(
      'import  7 lines',
    )
    expect(progressLine({ label: 'x', unit: 'y', done: 1, share: 1.2, elapsedMs: 1 })).toContain('█'.repeat(24))
  })
})

describe('Reporter', () => {
  it('draws one line, not too often, within the terminal, and wipes it', () => {
    const stream = streamOf(true)
    let nowMs = 0
    const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
    const reporter = new Reporter({ stream, clock, label: 'import', unit: 'lines' })
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

  it('is silent where there is no terminal, or when told so', () => {
    const clock = { nowMs: () => 0, monotonicMs: () => 0 }
    for (const [isTTY, silent] of [
      [false, false],
      [true, true],
    ] as const) {
      const stream = streamOf(isTTY)
      const reporter = new Reporter({ stream, clock, label: 'import', unit: 'lines', silent })
      reporter.progress(1, 0.5)
      reporter.clear()
      expect(textOf(stream)).toBe('')
    }
  })
})
