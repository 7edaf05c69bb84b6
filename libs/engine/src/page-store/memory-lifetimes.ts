/** Lifetimes of memories: they stand with their places. */
import type { Uuid } from '@waggle/kernel'
import { mayExpire, moveExpiries } from '../expiry/expiry-rows.ts'
import { isExpired } from '../expiry/is-expired.ts'
import type { Scope } from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { readMemoryPlace } from './page-rows.ts'

/** A memory that is stored anew, or forgotten, expires no more. */
export const forgetMemoryExpiry = (state: MutableState, scope: Scope, id: Uuid): void => {
  // No place is read where no memory expires.
  if (!mayExpire(state, scope, 'memory')) return
  moveExpiries(state, scope, 'memory', [{ id, before: readMemoryPlace(state, scope, id)?.expiresAt }])
}

/** Asks of memories of one state and moment; places are looked at only where memories expire at all. */
export const liveMemories = (state: StateView, scope: Scope, atMs: number): ((id: Uuid) => boolean) => {
  if (!mayExpire(state, scope, 'memory')) return () => true
  return (id) => !isExpired(readMemoryPlace(state, scope, id)?.expiresAt, atMs)
}
