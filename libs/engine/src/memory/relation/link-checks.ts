/** What must hold before something may hang on an experience: a relation's end, an insight's evidence. */
import { fault, limits, tooManyItems, type ExperienceId } from '@waggle/protocol'
import { countIds } from '../../state/id-list.ts'
import type { Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { isExperience } from '../experience/experience-rows.ts'

/** That the experience is there; one of another collective or tenant is none. @throws Fault `NOT_FOUND` */
export const checkEnd = (view: StateView, scope: Scope, id: ExperienceId, field: string): void => {
  if (!isExperience(view, scope, id))
    throw fault('NOT_FOUND', `experience not found field=${field} id=${id}`, { field, entity: 'experience', id })
}

/** Whether one more may hang on an experience. @throws Fault `TOO_MANY_ITEMS` */
export const checkRoom = (view: StateView, links: Uint8Array, field: string): void => {
  const limit = limits.LINKS_PER_EXPERIENCE_MAX
  const count = countIds(view, links)
  if (count >= limit) throw tooManyItems(field, count + 1, limit)
}
