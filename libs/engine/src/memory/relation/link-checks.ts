/** What must hold before something may hang on an experience: a relation's end, an insight's evidence. */
import type { Uuid } from '@waggle/kernel'
import { fault, limits, tooManyItems, type ExperienceId } from '@waggle/protocol'
import { countIds, readIds } from '../../state/id-list.ts'
import type { Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { isLiveExperience } from '../experience/experience-rows.ts'

/** Where and when it must hold: what has expired by then is not there. */
export interface When {
  readonly scope: Scope
  readonly atMs: number
}

/** That the experience is there; one of another collective or tenant is none. @throws Fault `NOT_FOUND` */
export const checkEnd = (view: StateView, { scope, atMs }: When, id: ExperienceId, field: string): void => {
  if (!isLiveExperience(view, scope, id, atMs))
    throw fault('NOT_FOUND', `experience not found field=${field} id=${id}`, { field, entity: 'experience', id })
}

/**
 * Whether one more may hang on an experience. Where the list is full, what has expired makes room.
 * @returns what goes of the list
 * @throws Fault `TOO_MANY_ITEMS`
 */
export const makeRoom = (
  view: StateView,
  links: Uint8Array,
  field: string,
  hasExpired: (id: Uuid) => boolean,
): readonly Uuid[] => {
  const limit = limits.LINKS_PER_EXPERIENCE_MAX
  const count = countIds(view, links)
  if (count < limit) return []
  const gone = readIds(view, links).filter(hasExpired)
  if (gone.length === 0) throw tooManyItems(field, count + 1, limit)
  return gone
}
