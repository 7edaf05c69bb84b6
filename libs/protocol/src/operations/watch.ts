import { changeEntities, changeKinds } from '../change.ts'
import {
  CHANGES_DEFAULT,
  CURSOR_KEEP_MS_MAX,
  CURSOR_KEEP_MS_MIN,
  CURSOR_NAME_BYTES_MAX,
  WATCH_WAIT_MS_MAX,
} from '../limits.ts'
import { optional, withDefault } from '../schema/decoder.ts'
import { map } from '../schema/map.ts'
import { integer, list, oneOf, text, uuid } from '../schema/values.ts'
import { experienceFilterFields, include } from './experience-fields.ts'
import { operation } from './operation.ts'
import { resultCount } from './page-fields.ts'

const cursor = text({ bytesMin: 1, bytesMax: 200 })
const name = text({ bytesMin: 1, bytesMax: CURSOR_NAME_BYTES_MAX })

const changeFilter = map({
  ...experienceFilterFields,
  entities: optional(list(oneOf(changeEntities), { itemsMax: changeEntities.length })),
  kinds: optional(list(oneOf(changeKinds), { itemsMax: changeKinds.length })),
})

export const watchOperations = {
  /** `from`: a cursor, or `start` for the oldest change that is kept; absent: what happens from now on. */
  'watch.next': operation('read', {
    collective: uuid,
    from: optional(cursor),
    filter: optional(changeFilter),
    max: withDefault(resultCount, CHANGES_DEFAULT),
    waitMs: withDefault(integer({ min: 0, max: WATCH_WAIT_MS_MAX }), 0),
    include,
  }),
  /** `keepMs`: abandoned when it is not saved again for longer; absent: as before, a week at first. */
  'cursor.save': operation('write', {
    ...{ collective: uuid, name, cursor },
    keepMs: optional(integer({ min: CURSOR_KEEP_MS_MIN, max: CURSOR_KEEP_MS_MAX })),
  }),
  'cursor.list': operation('admin', { collective: uuid }),
  'cursor.drop': operation('admin', { collective: uuid, name }),
} as const
