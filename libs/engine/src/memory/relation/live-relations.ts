/** Which relations are to be seen: one that has expired is not, and neither is one of whose ends has. */
import { mayExpire } from '../../expiry/expiry-rows.ts'
import { isExpired } from '../../expiry/is-expired.ts'
import type { Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { isLiveExperience } from '../experience/experience-rows.ts'
import type { RelationRow } from './relation-rows.ts'

/** Asks of rows of one state and moment; ends are looked at only where experiences expire at all. */
export const liveRelations = (state: StateView, scope: Scope, atMs: number): ((row: RelationRow) => boolean) => {
  const endsExpire = mayExpire(state, scope, 'experience')
  const isThere = (id: RelationRow['source']): boolean => isLiveExperience(state, scope, id, atMs)
  return ({ expiresAt, source, target }) =>
    !isExpired(expiresAt, atMs) && (!endsExpire || (isThere(source) && isThere(target)))
}
