/** What a benchmark takes from the command line. */
import { parseArgs } from 'node:util'

/** The caller's mistake: the process ends with 2. */
export class UsageError extends Error {}

export type OptionValues = Readonly<Record<string, string | undefined>>

/** What stands for an option without a value that was given. */
const GIVEN = 'yes'

/**
 * The values of the options that `names` allows, and of those in `flags`, which take no value; `out` and `dir` are
 * everybody's. @throws UsageError
 */
export const parseOptions = (
  args: readonly string[],
  names: readonly string[],
  flags: readonly string[] = [],
): OptionValues => {
  const options = Object.fromEntries([
    ...[...names, 'out', 'dir'].map((name) => [name, { type: 'string' as const }]),
    ...flags.map((name) => [name, { type: 'boolean' as const }]),
  ]) as Record<string, { readonly type: 'string' | 'boolean' }>
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false })
    const texts = Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : GIVEN])
    return Object.fromEntries(texts) as OptionValues
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** A whole number from `min` on, or the value when absent. @throws UsageError */
export const wholeNumber = (
  values: OptionValues,
  name: string,
  { absent, min }: { readonly absent: number; readonly min: number },
): number => {
  const text = values[name]
  if (text === undefined) return absent
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < min)
    throw new UsageError(`--${name} takes a whole number from ${min} on, got ${text}`)
  return number
}

/** A number greater than 0, or the value when absent. @throws UsageError */
export const positiveNumber = (values: OptionValues, name: string, absent: number): number => {
  const text = values[name]
  if (text === undefined) return absent
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number <= 0)
    throw new UsageError(`--${name} takes a number greater than 0, got ${text}`)
  return number
}
