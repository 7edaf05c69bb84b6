/**
 * A mark in a state that was proven wrong, which is no part of the state: whoever opens it again, after a crash in the
 * middle of setting it aside, must not use it.
 */
import { wrongMarkKey } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import { encodeRow } from '../state/rows.ts'
import type { KeyValueStore } from '../store/key-value-store.ts'

/** Resolves when the mark is on the disk. @throws Fault `STORAGE_FAILED` */
export const markWrong = (store: KeyValueStore): Promise<void> =>
  store.write([{ key: wrongMarkKey(), value: encodeRow([]) }], { sync: true })

export const isMarkedWrong = (state: StateView): boolean => state.get(wrongMarkKey()) !== undefined
