/** A store with imported conversations, opened again, beside the reference of each. */
import type { CollectiveHandle, Waggle } from '@waggle/sdk'
import { DotLoop, ExactSearch } from '../exact-search.ts'
import type { Imported } from './import.ts'

/** Results asked for, everywhere here. */
export const K = 10

export interface Shelf extends Imported {
  readonly hive: CollectiveHandle
  readonly exact: ExactSearch
  readonly dotLoop: DotLoop
}

export interface Reopening {
  /** Until the store can be used. */
  readonly openMs: number
  /** Until every collective has answered its first search, opening included. */
  readonly searchableMs: number
}

/** Opens a store and searches every collective once. */
export const reopen = async (
  open: () => Promise<Waggle>,
  imported: readonly Imported[],
): Promise<{ readonly waggle: Waggle; readonly hives: readonly CollectiveHandle[]; readonly took: Reopening }> => {
  const start = performance.now()
  const waggle = await open()
  const openMs = performance.now() - start
  const hives: CollectiveHandle[] = []
  for (const { collective, conversation } of imported) {
    const hive = await waggle.collective(collective)
    const [question] = conversation.questions
    if (question !== undefined) await hive.search({ embedding: question.embedding, k: K })
    hives.push(hive)
  }
  return { waggle, hives, took: { openMs, searchableMs: performance.now() - start } }
}

export const shelvesOf = (imported: readonly Imported[], hives: readonly CollectiveHandle[]): readonly Shelf[] =>
  imported.map((one, index) => {
    const hive = hives[index]
    if (hive === undefined) throw new Error('a conversation without a collective')
    const { turns } = one.conversation
    const rows = turns.map(({ embedding }, row) => ({ id: one.ids[row] as string, vector: embedding }))
    const dimension = hive.dimension
    const vectors = turns.map(({ embedding }) => embedding)
    return { ...one, hive, exact: new ExactSearch(rows, dimension), dotLoop: new DotLoop(vectors, dimension) }
  })
