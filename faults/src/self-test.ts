/** Whether the checker would notice: one record is removed, repeated and aged behind its back. */
import { judge } from './checker/judge.ts'
import type { Change, Completed, Entry } from './history/entry.ts'

export interface SelfTest {
  readonly name: 'removed' | 'repeated' | 'aged'
  /** What was done to the history. */
  readonly what: string
  readonly isFound: boolean
}

/** @param history of a run in which nothing is wrong */
export const selfTests = (history: readonly Entry[]): readonly SelfTest[] => {
  const created = acknowledgedRecord(history)
  const read = oldRead(history)
  const removed = judge(history.filter((entry) => entry !== created))
  const repeated = judge(history.flatMap((entry) => (entry === created ? [entry, again(created)] : [entry])))
  const aged = judge(history.map((entry) => (entry === read.entry ? read.aged : entry)))
  return [
    { name: 'removed', what: `${created.id} is not in the log`, isFound: removed.lost > 0 },
    { name: 'repeated', what: `${created.id} is in the log twice`, isFound: repeated.doubled > 0 },
    { name: 'aged', what: `operation ${read.entry.op} sees what was overwritten`, isFound: aged.stale > 0 },
  ]
}

/** From the middle of the log. */
const acknowledgedRecord = (history: readonly Entry[]): Change => {
  const ids = new Set(
    history.flatMap((entry) => (entry.kind === 'completed' && entry.result?.id !== undefined ? [entry.result.id] : [])),
  )
  const found = history.filter(
    (entry): entry is Change =>
      entry.kind === 'change' && entry.change === 'created' && entry.entity === 'experience' && ids.has(entry.id),
  )
  const one = found[Math.floor(found.length / 2)]
  if (one === undefined) throw new Error('the history has no record that was acknowledged')
  return one
}

const again = (change: Change): Change => ({ ...change, index: change.index + 1_000 })

/** A read of keys that saw a value, with the value that stood there before. */
const oldRead = (history: readonly Entry[]): { readonly entry: Completed; readonly aged: Completed } => {
  const overwritten = new Map<string, string>()
  const collectives = new Map<number, string>()
  const latest = new Map<string, string>()
  for (const entry of history)
    if (entry.kind === 'frame')
      for (const [key, value] of entry.entries) {
        const name = `${entry.collective} ${key}`
        const before = latest.get(name)
        if (before !== undefined) overwritten.set(`${name} ${value}`, before)
        latest.set(name, value)
      }
    else if (entry.kind === 'invoked') collectives.set(entry.op, entry.collective)
  for (const entry of history) {
    if (entry.kind !== 'completed') continue
    for (const [key, value] of Object.entries(entry.result?.values ?? {})) {
      const before = value === null ? undefined : overwritten.get(`${collectives.get(entry.op)} ${key} ${value}`)
      if (before === undefined) continue
      const values = { ...entry.result?.values, [key]: before }
      return { entry, aged: { ...entry, result: { ...entry.result, values } } }
    }
  }
  throw new Error('the history has no read of a key that was overwritten')
}
