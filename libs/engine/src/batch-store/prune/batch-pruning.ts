/**
 * Which of a journal's first batches may go: by the rule that is set, or up to where a policy says.
 *
 * B1  A batch goes whole, with everything before it. `keepLatest` counts batches, not sequences; what a prune of keys
 *     told is none, and goes with the batches around it.
 * B2  No batch goes that a watcher with a registered cursor has not seen whole (P9).
 * B3  Rows of a batch that was too large for one step are left behind it; they go first in the next.
 */
import { endOfBatch, type Address } from '@waggle/protocol'
import { JOURNAL_STORE, type Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { readCursors } from '../../watch/cursor-rows.ts'
import { readKeyStore } from '../key-rows.ts'
import { isPruneRow } from './prune-rows.ts'
import { readPrunedBatch } from './pruned-batches.ts'
import { readRetention } from './retention-rows.ts'
import { lowestKept, type SingleRule } from './single-rule.ts'

/** The first rows of a journal of keys. */
export interface FirstRows {
  /** Ascending, none left out. */
  readonly addresses: readonly Address[]
  /** The row after them, if there is one. */
  readonly next?: Address
}

/** What goes of them. */
export interface PrunableRows {
  /** How many of the first rows. */
  readonly rows: number
  /** Batches that are there until then. */
  readonly batches: number
}

/** @param cutOff batches below it go; absent: those that the rule does not keep */
export const prunableRows = (
  view: StateView,
  scope: Scope,
  { addresses, next }: FirstRows,
  cutOff: number | undefined,
): PrunableRows => {
  const mayGo = cutOff === undefined ? ruleOf(view, scope) : ({ sequence }: Candidate) => sequence < cutOff
  const pruned = readPrunedBatch(view, scope)
  const seen = lowestSeenBatch(view, scope)
  let [rows, batches] = [0, 0]
  for (const group of bySequence(addresses)) {
    const { sequence } = group[0] as Address
    // B3.
    if (sequence > pruned) {
      const isBatch = group.some((address) => !isPruneRow(view, scope, address))
      // A record has fewer steps of prunes than a step has rows: the next one shows whether a batch is among them.
      if (!isBatch && next?.sequence === sequence) break
      // B2.
      if (seen !== undefined && sequence > seen) break
      if (!mayGo({ sequence, batches: batches + (isBatch ? 1 : 0) })) break
      batches += isBatch ? 1 : 0
    }
    rows += group.length
  }
  return { rows, batches }
}

/** A batch that may go, and how many would have gone with it. */
interface Candidate {
  readonly sequence: number
  readonly batches: number
}

const ruleOf = (view: StateView, scope: Scope): ((candidate: Candidate) => boolean) => {
  const rule = readRetention(view, scope)
  if (rule === undefined) return () => false
  if ('keepLatest' in rule) {
    const surplus = readKeyStore(view, scope).batchCount - rule.keepLatest.count
    return ({ batches }) => batches <= surplus
  }
  return ({ sequence }) => isBelow(sequence, rule)
}

/** Whether a batch is below what the rule keeps, whatever else there is. */
export const isBelow = (sequence: number, rule: SingleRule): boolean => {
  const lowest = lowestKept(rule)
  return lowest === undefined || BigInt(sequence) < lowest
}

/** B2: the last batch that every registered cursor has seen whole; `undefined` where none is registered. */
const lowestSeenBatch = (view: StateView, scope: Scope): number | undefined => {
  const cursors = readCursors(view, scope, JOURNAL_STORE.keys)
  if (cursors.length === 0) return undefined
  return Math.min(...cursors.map(({ address }) => (isEnd(address) ? address.sequence : address.sequence - 1)))
}

const isEnd = ({ sequence, index }: Address): boolean => index === endOfBatch(sequence).index

/** Rows of one sequence each. */
function* bySequence(addresses: readonly Address[]): Generator<readonly Address[]> {
  for (let start = 0, end = 0; start < addresses.length; start = end) {
    const { sequence } = addresses[start] as Address
    while (addresses[end]?.sequence === sequence) end += 1
    yield addresses.slice(start, end)
  }
}
