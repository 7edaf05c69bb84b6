/** What `forget.child.ts` stores and forgets. */
import { memoryId } from './page-rig.ts'

export const FORGET_COLLECTIVE = memoryId(0xf0)
export const STORED = 20
export const FORGOTTEN: readonly number[] = [0, 7, 12, 19]
