/** The rule by which a journal of keys is kept, as a row of the state; none: everything is kept. */
import type { Retain, Uint64Text } from '@waggle/protocol'
import { retentionKey, type Scope } from '../../state/keyspace.ts'
import type { MutableState, StateView } from '../../state/overlay.ts'
import { encodeRow, readRow } from '../../state/rows.ts'

/** Numbers of rules in rows: never changed. */
const RULE = { keepLatest: 0, greaterThan: 1, greaterThanOrEqual: 2, dropAll: 3 } as const

export const readRetention = (state: StateView, scope: Scope): Retain | undefined => {
  const row = readRow(state, retentionKey(scope))
  return row && retainFrom(row)
}

export const retainFrom = ([rule, value]: readonly unknown[]): Retain => {
  if (rule === RULE.keepLatest) return { keepLatest: { count: value as number } }
  if (rule === RULE.dropAll) return { dropAll: {} }
  const threshold = { threshold: value as Uint64Text }
  return rule === RULE.greaterThan ? { greaterThan: threshold } : { greaterThanOrEqual: threshold }
}

export const putRetention = (state: MutableState, scope: Scope, rule: Retain | undefined): void => {
  if (rule === undefined) state.delete(retentionKey(scope))
  else state.put(retentionKey(scope), encodeRow(retainRow(rule)))
}

export const retainRow = (rule: Retain): readonly unknown[] => {
  if ('keepLatest' in rule) return [RULE.keepLatest, rule.keepLatest.count]
  if ('greaterThan' in rule) return [RULE.greaterThan, rule.greaterThan.threshold]
  if ('greaterThanOrEqual' in rule) return [RULE.greaterThanOrEqual, rule.greaterThanOrEqual.threshold]
  return [RULE.dropAll]
}
