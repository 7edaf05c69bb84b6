/** How numbers, times and names with their values are set in lines of a terminal. */
import { columnsOf, indented, left, plainLines } from './text.ts'

/** `12345.6` → `12,346`. */
export const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')

/** `1 line`, `2 lines`. */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`

/** Milliseconds with the digits that matter: `0.84 ms`, `12 ms`, `3.4 s`. */
export const duration = (ms: number): string => {
  if (ms < 9.95) return `${ms.toFixed(ms < 0.995 ? 2 : 1)} ms`
  if (ms < 999.5) return `${ms.toFixed(0)} ms`
  return `${(ms / 1000).toFixed(ms < 9_950 ? 2 : 1)} s`
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** `1536` → `1.5 KB`. */
export const size = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 99.5 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[unit]}`
}

/** `2026-11-21 12:07:31Z`: the same on every machine. */
export const moment = (timeMs: number): string => new Date(timeMs).toISOString().replace('T', ' ').slice(0, 19) + 'Z'

/**
 * Names and values below each other, the values aligned; further lines of a value stand below its first one, so that no
 * content passes for a field. Absent values are left out.
 */
export const fields = (pairs: Readonly<Record<string, string | number | boolean | undefined>>): readonly string[] => {
  const present = Object.entries(pairs).filter(([, value]) => value !== undefined)
  const width = Math.max(...present.map(([name]) => columnsOf(name)))
  return present.flatMap(([name, value]) => {
    const [first = '', ...rest] = plainLines(String(value))
    return [`${left(name, width)}  ${first}`.trimEnd(), ...indented(rest, width + 2)]
  })
}
