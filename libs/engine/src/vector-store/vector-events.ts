/** What the events of vectors do to the state. */
import { float32FromBytes } from '@waggle/protocol'
import type { Appliers } from '../event/applier.ts'
import { deletePoints, putDurability, putPoints, vectorTable } from './point-rows.ts'

export const vectorAppliers: Pick<Appliers, 'VectorsStored' | 'VectorsDeleted' | 'VectorsConfigured'> = {
  VectorsStored({ items }, { state, scope, tell }) {
    putPoints(state, scope(), vectorTable, items)
    tell({ kind: 'vectors', scope: scope(), items: items.map(([id, bytes]) => [id, float32FromBytes(bytes)]) })
  },

  VectorsDeleted({ ids }, { state, scope, tell }) {
    deletePoints(state, scope(), vectorTable, ids)
    tell({ kind: 'vectors', scope: scope(), items: ids.map((id) => [id, undefined]) })
  },

  VectorsConfigured({ durability }, { state, scope }) {
    putDurability(state, scope(), durability)
  },
}
