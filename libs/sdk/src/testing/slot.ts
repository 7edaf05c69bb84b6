import type { CollectiveHandle } from '../collective-handle.ts'
import type { Waggle } from '../waggle.ts'

export interface Target {
  readonly waggle: Waggle
  readonly hive: CollectiveHandle
}

/** A place where a value is expected, filled with another one. */
export type Slot = (target: Target, value: never) => Promise<unknown>
