/**
 * The progress of long work.
 *
 * R1  On a terminal it is one line of stderr that is drawn over and over, and gone when the work is done or stopped.
 * R2  Elsewhere it is silent, for a log is no place for a bar, unless `--progress` asks for it: then it is JSON, a line
 *     a second and one at the end.
 * R3  It costs a look at the clock: what it reports about is not held up.
 */
import type { Clock } from '@waggle/kernel'
import type { TextStream } from '../host.ts'
import { count, duration } from './layout.ts'
import { columnsOf, shorten } from './text.ts'

/** Often enough to look alive, too rarely to cost anything. */
const REDRAW_MS = 80
const LINE_MS = 1_000
const BAR_WIDTH = 24
const BAR_WIDTH_MIN = 8
const WIDTH_DEFAULT = 80

/** `bar` R1, `lines` and `silent` R2. */
export type ReporterMode = 'bar' | 'lines' | 'silent'

export interface ReporterOptions {
  readonly stream: TextStream
  readonly clock: Clock
  readonly mode: ReporterMode
  /** What is being done: `import`. */
  readonly label: string
  /** What is counted: `lines`. */
  readonly unit: string
}

export class Reporter {
  readonly #options: ReporterOptions
  readonly #startedMs: number
  #shownMs = Number.NEGATIVE_INFINITY
  #drawn = false
  #latest: { readonly done: number; readonly share: number | undefined } | undefined

  constructor(options: ReporterOptions) {
    this.#options = options
    this.#startedMs = options.clock.monotonicMs()
  }

  /** `done` units so far; `share` 0..1 of the whole, where the whole is known. R3 */
  progress(done: number, share?: number): void {
    const { mode, clock } = this.#options
    if (mode === 'silent') return
    this.#latest = { done, share }
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#shownMs < (mode === 'bar' ? REDRAW_MS : LINE_MS)) return
    this.#shownMs = nowMs
    this.#show(nowMs)
  }

  /** Wipes the line, so that something else can be written; the next progress draws it again. R1 */
  clear(): void {
    if (!this.#drawn) return
    this.#options.stream.write(WIPE)
    this.#drawn = false
  }

  /** The work is done, or stopped. */
  end(): void {
    const { mode, clock } = this.#options
    this.clear()
    if (mode === 'lines' && this.#latest !== undefined) this.#show(clock.monotonicMs())
    this.#latest = undefined
  }

  #show(nowMs: number): void {
    if (this.#latest === undefined) return
    const { stream, mode, label, unit } = this.#options
    const state = { label, unit, ...this.#latest, elapsedMs: nowMs - this.#startedMs }
    if (mode === 'lines') {
      stream.write(`${JSON.stringify({ progress: progressForm(state) })}\n`)
      return
    }
    this.#drawn = true
    const width = (stream.columns ?? WIDTH_DEFAULT) - 1
    stream.write(WIPE + shorten(progressLine(state, width), width))
  }
}

/** To the first column, and everything from there on. */
const WIPE = '\r\u001b[K'

interface ProgressState {
  readonly label: string
  readonly unit: string
  readonly done: number
  readonly share: number | undefined
  readonly elapsedMs: number
}

/** Units a second; 0 before any time has passed. */
const perSecondOf = ({ done, elapsedMs }: ProgressState): number => (elapsedMs > 0 ? (done / elapsedMs) * 1_000 : 0)

/** What is left at the speed so far; `undefined` where nobody can tell. */
const leftMsOf = ({ share, elapsedMs }: ProgressState): number | undefined =>
  share !== undefined && share > 0 && share < 1 ? (elapsedMs / share) * (1 - share) : undefined

/** R2 */
const progressForm = (state: ProgressState): object => {
  const { label, unit, done, share } = state
  const leftMs = leftMsOf(state)
  return {
    ...{ label, done, unit },
    ...(share === undefined ? {} : { share: Number(share.toFixed(4)) }),
    perSecond: Math.round(perSecondOf(state)),
    ...(leftMs === undefined ? {} : { leftMs: Math.round(leftMs) }),
  }
}

/** `import  ██████░░░░  58%  12,400 lines  9,800/s  1.2 s left`; the bar gives way where there is little room. */
export const progressLine = (state: ProgressState, width: number): string => {
  const { label, unit, done, share, elapsedMs } = state
  const rate = elapsedMs > 0 ? `${count(perSecondOf(state))}/s` : ''
  const counts = [`${count(done)} ${unit}`, rate]
  const leftMs = leftMsOf(state)
  if (share === undefined) return joined([label, ...counts])
  const left = leftMs === undefined ? '' : `${duration(leftMs)} left`
  const facts = joined([`${Math.floor(share * 100)}%`, ...counts, left])
  const room = width - columnsOf(label) - facts.length - 4
  return joined([label, bar(share, Math.min(BAR_WIDTH, Math.max(BAR_WIDTH_MIN, room))), facts])
}

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('  ')

const bar = (share: number, width: number): string => {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width)
  return '█'.repeat(filled) + '░'.repeat(width - filled)
}
