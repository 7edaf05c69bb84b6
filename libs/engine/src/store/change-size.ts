import type { StoreChange } from './key-value-store.ts'

/** Bytes of keys and values, as the store's write-ahead log takes them up, its own framing apart. */
export const sizeOfChanges = (changes: readonly StoreChange[]): number =>
  changes.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0)
