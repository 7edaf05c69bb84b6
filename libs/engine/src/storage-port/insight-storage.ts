/** The storage port's insights. */
import { storedRecord, type CollectiveId, type InsightId } from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import type { StoredCollective } from '../memory/collective/collective-rows.ts'
import { readInsight, readInsightEmbedding } from '../memory/insight/insight-rows.ts'
import type { InsightStorage } from './storage-engine.ts'
import type { DerivedInsight } from './storage-records.ts'
import { insightKey, insightOrderPrefix } from '../state/keyspace.ts'
import { deleteAll } from './bulk-deletion.ts'
import { idsInOrder, pageOf } from './ordered-ids.ts'
import { refuseMove } from './record-commands.ts'
import type { StorageSession } from './storage-session.ts'
import type { TenantReading } from './tenant-reading.ts'

export const insightStorage = (session: StorageSession): InsightStorage => ({
  async saveInsight(insight) {
    const known = storedRecord('insight', insight, '')
    const { id, collective, content, embedding } = known
    await session.inTurn(id, async () => {
      const holder = await session.read((reading) => reading.holderOf(id, insightKey))
      if (holder !== undefined && holder.collective.id !== collective) refuseMove(holder.collective.id)
      const bytes = content.length + embedding.byteLength
      await session.command('storage.saveInsight', known, { collective, bytes })
      session.remember(id, collective)
    })
  },

  async getInsight(id) {
    const known = storedRecord('id', id, 'id')
    return session.read(async (reading) => {
      const holder = await reading.holderOf(known, insightKey)
      return holder && derivedInsight(reading, holder, known)
    })
  },

  async deleteInsight(id) {
    const known = storedRecord('id', id, 'id')
    const holder = await session.read((reading) => reading.holderOf(known, insightKey))
    if (holder === undefined) return false
    const collective = holder.collective.id
    return (await session.command('storage.deleteInsight', { collective, id: known }, { collective })).found
  },

  listInsightIdsInCollective: async (id) => pageOfIds(session, storedRecord('id', id, 'id')),

  async deleteInsightsByCollective(id) {
    const collective = storedRecord('id', id, 'id')
    return deleteAll(session, {
      collective,
      async *list({ state }, scope) {
        for await (const { id: insight } of idsInOrder(state, insightOrderPrefix(scope))) yield insight
      },
      step: (names) =>
        session.command('storage.deleteInsights', { collective, ids: names as readonly InsightId[] }, { collective }),
    })
  },

  async listInsightIdsPaginated(collective, limit, offset) {
    return pageOfIds(session, storedRecord('id', collective, 'collective'), {
      limit: storedRecord('count', limit, 'limit'),
      offset: storedRecord('count', offset, 'offset'),
    })
  },
})

const pageOfIds = (
  session: StorageSession,
  collective: CollectiveId,
  page: { readonly limit?: number; readonly offset?: number } = {},
): Promise<readonly InsightId[]> =>
  session.read(async (reading) => {
    const scope = reading.collective(collective)?.scope
    if (scope === undefined) return []
    return (await pageOf(idsInOrder(reading.state, insightOrderPrefix(scope)), page)).map(({ id }) => id)
  })

const derivedInsight = (
  { state }: TenantReading,
  { collective, scope }: StoredCollective,
  id: InsightId,
): DerivedInsight | undefined => {
  const row = readInsight(state, scope, id)
  if (row === undefined) return undefined
  const embedding = readInsightEmbedding(state, scope, id)
  if (embedding === undefined)
    throw engineFault('CORRUPT', `embedding of an insight is missing id=${id}`, { entity: 'insight', id })
  const { address: _address, lostSources: _lost, ...fields } = row
  return { ...fields, collective: collective.id, embedding }
}
