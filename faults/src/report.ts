import type { PauseRow } from './checker/pauses.ts'
import type { Verdict } from './checker/verdict.ts'

const VIOLATIONS_SHOWN = 40

export const pauseLines = (rows: readonly PauseRow[]): readonly string[] => {
  const head = ['fault', 'times', 'operations', 'acknowledged', 'longest pause ms', 'faults met']
  const lines = rows.map(({ fault, times, operations, acknowledged, longestPauseMs, faults }) =>
    [fault, times, operations, acknowledged, Math.round(longestPauseMs), faults].map(String),
  )
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)))
  return [head, ...lines].map((line) =>
    line
      .map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join('  '),
  )
}

export const violationLines = ({ violations }: Verdict): readonly string[] => [
  ...violations.slice(0, VIOLATIONS_SHOWN).map(({ rule, harm, what }) => `VIOLATION ${rule} ${harm}: ${what}`),
  ...(violations.length > VIOLATIONS_SHOWN ? [`and ${violations.length - VIOLATIONS_SHOWN} more`] : []),
]

/** The last line of a run. */
export const lastLine = ({ operations, acknowledged, lost, doubled, stale }: Verdict, seed: number): string => {
  const figures = { operations, acknowledged, lost, doubled, stale, seed }
  return ['faults', ...Object.entries(figures).map(([name, figure]) => `${name}=${figure}`)].join(' ')
}
