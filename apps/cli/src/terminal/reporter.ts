/**
 * The progress of long work, as one line of a terminal that is drawn over and over. Elsewhere it is silent: a log is no
 * place for a bar.
 */
import type { Clock } from '@waggle/kernel'
import type { TextStream } from '../host.ts'
import { count, duration } from './layout.ts'
import { shorten } from './text.ts'

/** Often enough to look alive, too rarely to cost anything. */
const REDRAW_MS = 80
const BAR_WIDTH = 24
const WIDTH_DEFAULT = 80

export interface ReporterOptions {
  readonly stream: TextStream
  readonly clock: Clock
  /** What is being done: `import`. */
  readonly label: string
  /** What is counted: `lines`. */
  readonly unit: string
  readonly silent?: boolean
}

export class Reporter {
  readonly #options: ReporterOptions
  readonly #startedMs: number
  readonly #visible: boolean
  #drawnMs = Number.NEGATIVE_INFINITY
  #drawn = false

  constructor(options: ReporterOptions) {
    this.#options = options
    this.#startedMs = options.clock.monotonicMs()
    this.#visible = options.stream.isTTY === true && options.silent !== true
  }

  /** `done` units so far; `share` 0..1 of the whole, where the whole is known. */
  progress(done: number, share?: number): void {
    if (!this.#visible) return
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#drawnMs < REDRAW_MS) return
    this.#drawnMs = nowMs
    this.#draw(progressLine({ ...this.#options, done, share, elapsedMs: nowMs - this.#startedMs }))
  }

  /** Wipes the line, so that something else can be written; the next progress draws it again. */
  clear(): void {
    if (!this.#drawn) return
    this.#options.stream.write('\r\u001b[K')
    this.#drawn = false
  }

  #draw(line: string): void {
    const { stream } = this.#options
    this.#drawn = true
    stream.write(`\r\u001b[K${shorten(line, (stream.columns ?? WIDTH_DEFAULT) - 1)}`)
  }
}

interface ProgressState {
  readonly label: string
  readonly unit: string
  readonly done: number
  readonly share: number | undefined
  readonly elapsedMs: number
}

/** `import  ██████░░░░  58%  12,400 lines  9,800/s  1.2 s left`. */
export const progressLine = ({ label, unit, done, share, elapsedMs }: ProgressState): string => {
  const rate = elapsedMs > 0 ? `${count((done / elapsedMs) * 1000)}/s` : ''
  if (share === undefined) return [label, `${count(done)} ${unit}`, rate].filter((part) => part !== '').join('  ')
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH)
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled)
  const left = share > 0 && share < 1 ? `${duration((elapsedMs / share) * (1 - share))} left` : ''
  const parts = [label, bar, `${Math.floor(share * 100)}%`, `${count(done)} ${unit}`, rate, left]
  return parts.filter((part) => part !== '').join('  ')
}
