/** The collective whose three stores are measured. */
import { encodeStoredRow } from '@waggle/protocol'
import type { CollectiveHandle } from '@waggle/sdk'
import { DotLoop } from '../exact-search.ts'
import { seededRandom, type SeededRandom } from '../seeded-random.ts'
import { inWindows } from '../write-modes.ts'

export const DIMENSION = 384
/** Entries of one put. */
export const BATCH = 64
/** A value: a stored row of three columns. */
export const VALUE_BYTES = 200
export const KINDS = 8
const PUT = 1_024
const VECTORS_PER_STORE = 500
const SEED = 20_261_122
/** MenteDB's times are microseconds. */
const NOW_US = 1_763_769_600_000_000

export interface Filled {
  readonly hive: CollectiveHandle
  readonly keys: number
  readonly vectors: number
  readonly pages: readonly number[]
  readonly random: SeededRandom
  readonly dotLoop: DotLoop
}

export const keyOf = (number: number): string => `row/${String(number).padStart(9, '0')}`
export const valueOf = (number: number): Uint8Array => {
  const row = [{ int64: number }, { utf8: `kind ${number % KINDS}` }]
  const rest = VALUE_BYTES - encodeStoredRow([...row, { bytes: new Uint8Array(0) }]).length - 1
  return encodeStoredRow([...row, { bytes: new Uint8Array(rest) }])
}
export const entriesFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => [keyOf(first + index), valueOf(first + index)] as const)

const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

export const memoryOf = (number: number, random: SeededRandom) => ({
  ...{ id: idOf(number), agentId: idOf(0), memoryType: 'semantic' as const, createdAt: NOW_US, accessedAt: NOW_US },
  ...{ content: `what was learnt in step ${number}, at some length`, embedding: random.unitVector(DIMENSION) },
})

export const fill = async (
  hive: CollectiveHandle,
  { keys, vectors, pages }: { readonly keys: number; readonly vectors: number; readonly pages: number },
): Promise<Filled> => {
  const random = seededRandom(SEED)
  for (let from = 0; from < keys; from += PUT) await hive.keys.put(entriesFrom(from, Math.min(PUT, keys - from)))
  const all = Array.from({ length: vectors }, () => random.unitVector(DIMENSION))
  const items = all.map((vector, id) => ({ id, vector }))
  for (const window of inWindows(items, VECTORS_PER_STORE)) await hive.vectors.storeMany(window)
  const memories = Array.from({ length: pages }, (_, number) => memoryOf(number, random))
  const numbers: number[] = []
  for (const window of inWindows(memories, BATCH)) numbers.push(...(await hive.pages.storeMemories(window)).pages)
  return { hive, keys, vectors, pages: numbers, random, dotLoop: new DotLoop(all, DIMENSION) }
}
