/**
 * What of a batch passes a filter, from one of its items on, as far as a reply has room and its work may go.
 *
 * I1  Every item that passes is there, in its order, up to where the judging stopped; it goes on from there.
 * I2  At least one item is judged, so that everybody gets to the end (P6).
 */
import type { KeyEntry } from '@waggle/protocol'
import { valueInReply } from '../key-queries.ts'
import type { PageRoom } from '../page-room.ts'
import type { EntryMatcher } from '../selectors.ts'
import type { Work } from '../work.ts'
import type { BatchItem, KeyBatch } from './key-batches.ts'

/** What a call may compute before it ends inside a batch: some 0.5 s, in turns with others. */
const CALL_STEPS_MAX = 2 ** 25
/** What an item costs, whatever is asked of it. */
const ITEM_STEPS = 16

export interface Judging {
  readonly matcher: EntryMatcher
  readonly work: Work
  readonly room: PageRoom
}

export interface PassingItems {
  readonly entries: readonly KeyEntry[]
  readonly deleted: readonly Uint8Array[]
  /** The first item that was not judged; the number of all where none is left. */
  readonly next: number
  /** Whether it stopped because the reply is full. */
  readonly isFull: boolean
}

/** @throws Fault `INVALID_FIELD` as `EntryMatcher` */
export const passingItems = async (batch: KeyBatch, from: number, judging: Judging): Promise<PassingItems> => {
  const { work, room } = judging
  const entries: KeyEntry[] = []
  const deleted: Uint8Array[] = []
  for (let at = from; at < batch.items.length; at++) {
    // I2.
    if (at > from && isSpent(work)) return { entries, deleted, next: at, isFull: false }
    const item = batch.items[at] as BatchItem
    const [key, value] = item
    if (!(await passes(item, judging))) continue
    if (!room.take(key.length, value?.length ?? 0)) return { entries, deleted, next: at, isFull: true }
    if (value === undefined) deleted.push(key)
    else entries.push([key, numbered(valueInReply(value), at)])
  }
  return { entries, deleted, next: batch.items.length, isFull: false }
}

export const isSpent = ({ spent }: Work): boolean => spent >= CALL_STEPS_MAX

const passes = async ([key, value]: BatchItem, { matcher, work }: Judging): Promise<boolean> => {
  work.spend(ITEM_STEPS)
  await work.rest()
  return (await matcher.takesKey(key, work)) && (value === undefined || (await matcher.takesValue(value, work)))
}

/** A value that is read in pieces is asked for by the number of its entry. */
const numbered = (value: KeyEntry[1], entry: number): KeyEntry[1] =>
  value instanceof Uint8Array ? value : { ...value, entry }
