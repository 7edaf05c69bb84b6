/** What the cases of the vector and payload store write: small whole vectors, of which every number is exact. */
import type { CollectiveHandle } from '../../collective-handle.ts'

/** The vector that stands for a number. */
export const vectorOf = (n: number): number[] => [n, 1, 0, -n]

export const float32 = (vector: ArrayLike<number>): Float32Array => Float32Array.from(vector)

/** Vectors under the ids from `first` on. */
export const storeVectors = async ({ vectors }: CollectiveHandle, first: number, count: number): Promise<void> => {
  await vectors.storeMany(Array.from({ length: count }, (_, n) => [first + n, vectorOf(first + n)] as const))
}

/** All that is stored, as `[id, vector]`, ascending. */
export const storedVectors = async ({ vectors }: CollectiveHandle) => {
  const ids = await vectors.ids()
  const found = ids.length === 0 ? [] : await vectors.getMany(ids)
  return ids.map((id, index) => [id, found[index] && [...found[index]]] as const)
}

/** What `storedVectors` gives for these numbers. */
export const asStored = (numbers: readonly number[]) => numbers.map((n) => [BigInt(n), vectorOf(n)] as const)

export const idsUpTo = (count: number, first = 1): number[] => Array.from({ length: count }, (_, n) => first + n)
