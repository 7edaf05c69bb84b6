/**
 * The collectives that the readers of one moment have looked up. A moment never changes, so neither do they; what is
 * remembered goes with the moment. Without it every read begins with a point read and a decoding of the same row.
 *
 * They stay inside: what is remembered is never handed to a caller, who might change it.
 */
import type { CollectiveId, TenantId } from '@waggle/protocol'
import type { StateView } from '../../state/overlay.ts'
import { readCollective, type StoredCollective } from './collective-rows.ts'

/** Of one moment; those that are looked up beyond it are read each time (P11). */
const REMEMBERED_MAX = 1_024

const moments = new WeakMap<StateView, Map<CollectiveId, StoredCollective>>()

/** From now on what is looked up in `state` is remembered. @param state will never change */
export const rememberCollectives = (state: StateView): void => {
  moments.set(state, new Map())
}

/** As `readCollective`, also of a state that changes. */
export const recallCollective = (
  state: StateView,
  tenant: TenantId,
  id: CollectiveId,
): StoredCollective | undefined => {
  const known = moments.get(state)
  const remembered = known?.get(id)
  // F2: two tenants may have chosen one id.
  if (remembered?.scope.tenant === tenant) return remembered
  const stored = readCollective(state, tenant, id)
  if (stored !== undefined && known !== undefined && known.size < REMEMBERED_MAX) known.set(id, stored)
  return stored
}
