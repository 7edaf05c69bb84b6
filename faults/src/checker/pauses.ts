/** How long writes were not acknowledged while something was broken, and what clients met then. */
import { isWrite, type Entry } from '../history/entry.ts'
import { add } from './log.ts'

export interface PauseRow {
  readonly fault: string
  readonly times: number
  /** Operations that were completed, and writes among them, while it lasted and until it had settled. */
  readonly operations: number
  readonly acknowledged: number
  /** Longest time between two acknowledgements of writes to one collective, milliseconds. */
  readonly longestPauseMs: number
  /** Calls that ended with a fault, and were tried again with the same key. */
  readonly faults: number
}

interface Window {
  readonly name: string
  readonly fromMs: number
  toMs: number
}

export const pausesOf = (history: readonly Entry[]): readonly PauseRow[] => {
  const windows = windowsOf(history)
  const acknowledged = new Map<string, number[]>()
  const names = new Map<number, { readonly collective: string; readonly isWrite: boolean }>()
  const completions: { readonly at: number; readonly isWrite: boolean; readonly faults: number }[] = []
  for (const entry of history)
    if (entry.kind === 'invoked')
      names.set(entry.op, { collective: entry.collective, isWrite: isWrite(entry.name) && entry.again === undefined })
    else if (entry.kind === 'completed' && entry.refusal === undefined) {
      const operation = names.get(entry.op)
      if (operation === undefined) continue
      if (operation.isWrite) add(acknowledged, operation.collective, entry.at)
      completions.push({ at: entry.at, isWrite: operation.isWrite, faults: entry.faults?.length ?? 0 })
    }
  const rows = new Map<string, PauseRow>()
  for (const window of windows) {
    const { name, fromMs, toMs } = window
    const its = completions.filter(({ at }) => at >= fromMs && at < toMs)
    const known = rows.get(name) ?? {
      fault: name,
      times: 0,
      operations: 0,
      acknowledged: 0,
      longestPauseMs: 0,
      faults: 0,
    }
    rows.set(name, {
      fault: name,
      times: known.times + 1,
      operations: known.operations + its.length,
      acknowledged: known.acknowledged + its.filter((one) => one.isWrite).length,
      longestPauseMs: Math.max(
        known.longestPauseMs,
        ...[...acknowledged.values()].map((times) => longest(times, window)),
      ),
      faults: known.faults + its.reduce((sum, one) => sum + one.faults, 0),
    })
  }
  return [...rows.values()]
}

/** From each fault to the next, and `none` before the first. */
const windowsOf = (history: readonly Entry[]): readonly Window[] => {
  const first = history.find((entry) => 'at' in entry)
  const windows: Window[] = [
    { name: 'none', fromMs: first !== undefined && 'at' in first ? first.at : 0, toMs: Infinity },
  ]
  for (const entry of history) {
    if (entry.kind !== 'fault' || entry.phase !== 'begin') continue
    const last = windows.at(-1)
    if (last !== undefined) last.toMs = entry.at
    windows.push({ name: entry.name, fromMs: entry.at, toMs: Infinity })
  }
  return windows
}

/** The longest time between two acknowledgements of which the later lies in the window. */
const longest = (times: readonly number[], { fromMs, toMs }: Window): number => {
  let found = 0
  for (let index = 1; index < times.length; index += 1) {
    const [before = 0, after = 0] = [times[index - 1], times[index]]
    if (after >= fromMs && after < toMs) found = Math.max(found, after - before)
  }
  return found
}
