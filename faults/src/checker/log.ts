/** The log of a history, as it was read when all was over, arranged for the questions that the checker asks. */
import type { Change, Entry, Frame } from '../history/entry.ts'

export interface Log {
  /** Changes of memories by collective, in the order of the log. */
  readonly changes: ReadonlyMap<string, readonly Change[]>
  /** Batches of keys by collective, likewise. */
  readonly frames: ReadonlyMap<string, readonly Frame[]>
  /** What happened to an experience or a relation: `created <id>`, `updated <id>`, `deleted <id>`. */
  readonly happened: ReadonlyMap<string, readonly Change[]>
  /** Where a value of a key was put. */
  readonly put: ReadonlyMap<string, readonly { readonly frame: Frame; readonly key: string }[]>
}

export const logOf = (history: readonly Entry[]): Log => {
  const changes = new Map<string, Change[]>()
  const frames = new Map<string, Frame[]>()
  const happened = new Map<string, Change[]>()
  const put = new Map<string, { frame: Frame; key: string }[]>()
  for (const entry of history)
    if (entry.kind === 'change') {
      add(changes, entry.collective, entry)
      add(happened, `${entry.change} ${entry.id}`, entry)
    } else if (entry.kind === 'frame') {
      add(frames, entry.collective, entry)
      for (const [key, value] of entry.entries) add(put, value, { frame: entry, key })
    }
  return { changes, frames, happened, put }
}

export const add = <Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void => {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}
