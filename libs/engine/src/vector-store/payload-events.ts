/** What the events of payloads do to the state. */
import { utf8 } from '@waggle/kernel'
import type { Appliers } from '../event/applier.ts'
import { deletePoints, payloadTable, putPoints } from './point-rows.ts'

export const payloadAppliers: Pick<Appliers, 'PayloadsStored' | 'PayloadsDeleted'> = {
  PayloadsStored({ items }, { state, scope }) {
    const rows = items.map(({ id, json }) => [id, utf8(json)] as const)
    putPoints(state, scope(), payloadTable, rows)
  },

  PayloadsDeleted({ ids }, { state, scope }) {
    deletePoints(state, scope(), payloadTable, ids)
  },
}
