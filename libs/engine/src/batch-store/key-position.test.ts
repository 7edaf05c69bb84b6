/** Where the journal of keys begins, among rows that tell of prunes. */
import { DEFAULT_TENANT, type Sequence } from '@waggle/protocol'
import { expect, test } from 'vitest'
import { JOURNAL_STORE, journalKey, type Scope } from '../state/keyspace.ts'
import { Overlay } from '../state/overlay.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { oldestBatch } from './key-position.ts'
import { markPruneRow } from './prune/prune-rows.ts'
import { putPrunedBatch } from './prune/pruned-batches.ts'

const SCOPE: Scope = { tenant: DEFAULT_TENANT, incarnation: { sequence: 1 as Sequence, index: 0 } }

/** A journal of rows at these sequences, those of prunes with a mark, pruned up to a batch. */
const journalOf = (batches: readonly number[], prunes: readonly number[], pruned?: number): MemoryStore => {
  const store = new MemoryStore()
  const state = new Overlay(store)
  for (const sequence of [...batches, ...prunes] as Sequence[]) {
    const address = { sequence, index: prunes.includes(sequence) ? 0 : 1 }
    state.put(journalKey(SCOPE, JOURNAL_STORE.keys, address), new Uint8Array())
    if (prunes.includes(sequence)) markPruneRow(state, SCOPE, address)
  }
  if (pruned !== undefined) putPrunedBatch(state, SCOPE, pruned)
  void store.write(state.changes(), { sync: false })
  return store
}

const between = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index)

test.each([
  ['an empty journal', [], [], undefined, undefined],
  ['the first batch', [5, 6], [], undefined, 5],
  ['a batch of the record that created the collective', [1], [], undefined, 1],
  ['what is left of a batch that is being pruned', [5, 6], [], 5, 6],
  ['nothing but rows of prunes', [], [3, 4], undefined, undefined],
  ['one row of a prune before it', [4], [3], undefined, 4],
  ['63 rows of prunes before it', [90], between(10, 73), undefined, 90],
  ['64 rows of prunes before it', [90], between(10, 74), undefined, 90],
  ['65 rows of prunes before it', [90], between(10, 75), undefined, 90],
  ['66 rows of prunes alone', [], between(10, 76), undefined, undefined],
  ['200 rows of prunes before it', [900], between(10, 210), 20, 900],
])('the oldest batch: %s', async (_title, batches, prunes, pruned, expected) => {
  expect(await oldestBatch(journalOf(batches, prunes, pruned), SCOPE)).toBe(expected)
})
