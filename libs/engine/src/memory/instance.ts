import { deriveUuid } from '@waggle/kernel'
import type { Generation } from '@waggle/protocol'
import type { InstanceId } from '../storage-port/storage-records.ts'

/** The instance that a store is: one for each life of its log. Reinforcements are counted under it. */
export const instanceIdOf = (generation: Generation): InstanceId => deriveUuid(['instance', generation])
