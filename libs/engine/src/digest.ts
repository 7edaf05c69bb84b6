/**
 * A digest over the whole state: SHA-256 over every row in key order, lengths in front. Two replicas at the same
 * sequence have the same digest, or one of them is wrong (P8). What is outside of it `checkpoint/state-frames.ts` says.
 */
import { hexOf, sha256Stream } from '@waggle/kernel'
import type { Sequence } from '@waggle/protocol'
import { stateFrames, unpaced, type Pace } from './checkpoint/state-frames.ts'
import { readPosition } from './recovery/position.ts'
import type { KeyValueStore, StoreReader } from './store/key-value-store.ts'

export interface StateDigest {
  /** The record after which the state was like this; 0 before the first. */
  readonly sequence: Sequence
  /** 64 hexadecimal digits. */
  readonly digest: string
}

/** Reads one snapshot whole: O(state). @throws Fault `CORRUPT` */
export const digestState = async (store: KeyValueStore, pace: Pace = unpaced): Promise<StateDigest> => {
  const snapshot = store.snapshot()
  try {
    return await digestSnapshot(snapshot, pace)
  } finally {
    await snapshot.close()
  }
}

/** The same of a snapshot, which stays the caller's to close. @throws Fault `CORRUPT` */
export const digestSnapshot = async (snapshot: StoreReader, pace: Pace): Promise<StateDigest> => {
  const hash = sha256Stream()
  for await (const frames of stateFrames(snapshot, pace)) hash.update(frames)
  return { sequence: readPosition(snapshot)?.applied ?? (0 as Sequence), digest: hexOf(hash.digest()) }
}
