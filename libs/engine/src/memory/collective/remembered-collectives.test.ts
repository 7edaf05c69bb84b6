import type { Collective, CollectiveId, Sequence, TenantId } from '@waggle/protocol'
import { expect, test } from 'vitest'
import { Overlay } from '../../state/overlay.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import { putCollective } from './collective-rows.ts'
import { recallCollective, rememberCollectives } from './remembered-collectives.ts'

const ID = '00000000-0000-8000-8000-000000000001' as CollectiveId
const [OURS, THEIRS] = ['ours' as TenantId, 'theirs' as TenantId]

const collective = (name: string): Collective => ({ id: ID, name, dimension: 3, createdAt: 1, updatedAt: 1 })

const put = async (store: MemoryStore, tenant: TenantId, name: string, sequence: number): Promise<void> => {
  const overlay = new Overlay(store)
  const incarnation = { sequence: sequence as Sequence, index: 0 }
  putCollective(overlay, { collective: collective(name), scope: { tenant, incarnation } })
  await store.write(overlay.changes(), { sync: true })
}

test('R1 a moment reads a collective once; a later moment, and a state that changes, read it anew', async () => {
  const store = new MemoryStore()
  await put(store, OURS, 'bees', 1)
  const before = store.snapshot()
  rememberCollectives(before)
  const first = recallCollective(before, OURS, ID)
  expect(first?.collective.name).toBe('bees')
  await put(store, OURS, 'wasps', 2)
  expect(recallCollective(before, OURS, ID)).toBe(first)
  const after = store.snapshot()
  rememberCollectives(after)
  for (const state of [after, store]) expect(recallCollective(state, OURS, ID)?.collective.name).toBe('wasps')
  await put(store, OURS, 'hornets', 3)
  expect(recallCollective(store, OURS, ID)?.collective.name).toBe('hornets')
})

test('F2 P12 the same id of another tenant is another collective, or none', async () => {
  const store = new MemoryStore()
  await put(store, OURS, 'bees', 1)
  const moment = store.snapshot()
  rememberCollectives(moment)
  expect(recallCollective(moment, OURS, ID)?.scope.tenant).toBe(OURS)
  expect(recallCollective(moment, THEIRS, ID)).toBeUndefined()
  await put(store, THEIRS, 'wasps', 2)
  const both = store.snapshot()
  rememberCollectives(both)
  for (const tenant of [OURS, THEIRS, OURS, THEIRS])
    expect(recallCollective(both, tenant, ID)?.scope.tenant).toBe(tenant)
})
