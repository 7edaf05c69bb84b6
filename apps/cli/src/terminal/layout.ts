/** How numbers and texts are set in lines of a terminal. Widths are counted in code points, which is right for text
 * without wide characters and never cuts one in two. */

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

/** One line of any text: white space and control characters become single spaces, so no content can move a cursor. */
export const oneLine = (text: string): string => text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()

/** At most `width` code points; what is cut off leaves an ellipsis. */
export const shorten = (text: string, width: number): string => {
  if (text.length <= width) return text
  const points = [...text]
  return points.length <= width
    ? text
    : `${points
        .slice(0, Math.max(0, width - 1))
        .join('')
        .trimEnd()}…`
}

/** Padded at the right to `width`. */
export const left = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - [...text].length))

/** Padded at the left to `width`. */
export const right = (text: string, width: number): string => ' '.repeat(Math.max(0, width - [...text].length)) + text

/** `2026-11-21 12:07:31Z`: the same on every machine. */
export const moment = (timeMs: number): string => new Date(timeMs).toISOString().replace('T', ' ').slice(0, 19) + 'Z'

/** Names and values below each other, the values aligned. Absent ones are left out. */
export const fields = (pairs: Readonly<Record<string, string | number | boolean | undefined>>): readonly string[] => {
  const present = Object.entries(pairs).filter(([, value]) => value !== undefined)
  const width = Math.max(...present.map(([name]) => name.length))
  return present.map(([name, value]) => `${left(name, width)}  ${String(value)}`)
}
