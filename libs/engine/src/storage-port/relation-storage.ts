/** The storage port's relations. */
import { fault, storedRecord, type CollectiveId, type ExperienceId, type RelationId } from '@waggle/protocol'
import { findRelation, readRelation, type RelationRow } from '../memory/relation/relation-rows.ts'
import type { RelationStorage } from './storage-engine.ts'
import type { ExperienceRelation } from './storage-records.ts'
import { countIds, readIds } from '../state/id-list.ts'
import { experienceKey, LINK, linksKey, orderPrefix, relationKey, type Link, type Scope } from '../state/keyspace.ts'
import { idsInOrder, pageOf } from './ordered-ids.ts'
import { refuseMove } from './record-commands.ts'
import type { StorageSession } from './storage-session.ts'
import type { TenantReading } from './tenant-reading.ts'

export const relationStorage = (session: StorageSession): RelationStorage => ({
  async saveRelation(relation) {
    const known = storedRecord('relation', relation, '')
    const { id, source } = known
    await session.inTurn(id, async () => {
      const [holder, place] = await session.read(async (reading) => [
        await reading.holderOf(id, relationKey),
        await reading.holderOf(source, experienceKey),
      ])
      if (place === undefined)
        throw fault('NOT_FOUND', `experience not found field=source id=${source}`, {
          ...{ field: 'source', entity: 'experience', id: source },
        })
      const collective = place.collective.id
      if (holder !== undefined && holder.collective.id !== collective) refuseMove(holder.collective.id)
      const bytes = known.metadata?.length ?? 0
      await session.command('storage.saveRelation', { collective, relation: known }, { collective, bytes })
      session.remember(id, collective)
    })
  },

  async getRelation(id) {
    const known = storedRecord('id', id, 'id')
    return session.read(async (reading) => {
      const holder = await reading.holderOf(known, relationKey)
      const row = holder && readRelation(reading.state, holder.scope, known)
      return row && shown(row)
    })
  },

  async deleteRelation(id) {
    const known = storedRecord('id', id, 'id')
    const holder = await session.read((reading) => reading.holderOf(known, relationKey))
    if (holder === undefined) return false
    const collective = holder.collective.id
    return (await session.command('storage.deleteRelation', { collective, id: known }, { collective })).found
  },

  getRelationIdsBySource: async (experience) => linked(session, LINK.outgoing, experience),

  getRelationIdsByTarget: async (experience) => linked(session, LINK.incoming, experience),

  async deleteRelationsForExperience(experience) {
    const id = storedRecord('id', experience, 'experience')
    const holder = await session.read((reading) => reading.holderOf(id, experienceKey))
    if (holder === undefined) return 0
    const collective = holder.collective.id
    return (await session.command('storage.deleteRelations', { collective, id }, { collective })).count
  },

  async relationExists(source, target, type) {
    const triple = {
      source: storedRecord('id', source, 'source'),
      target: storedRecord('id', target, 'target'),
      type: storedRecord('relationType', type, 'type'),
    }
    return session.read(async (reading) => {
      const holder = await reading.holderOf(triple.source, experienceKey)
      return holder !== undefined && findRelation(reading.state, holder.scope, triple) !== undefined
    })
  },

  async listRelationsInCollective(collective, limit, offset) {
    const known = storedRecord('id', collective, 'collective')
    const page = { limit: storedRecord('count', limit, 'limit'), offset: storedRecord('count', offset, 'offset') }
    return session.read((reading) => relationsIn(reading, known, page))
  },
})

const shown = ({ address: _address, ...relation }: RelationRow): ExperienceRelation => relation

const linked = async (session: StorageSession, link: Link, id: ExperienceId): Promise<readonly RelationId[]> => {
  const known = storedRecord('id', id, 'experience')
  return session.read(async (reading) => {
    const holder = await reading.holderOf(known, experienceKey)
    return holder === undefined ? [] : readIds(reading.state, linksKey(holder.scope, link, known))
  })
}

const relationsIn = async (
  reading: TenantReading,
  collective: CollectiveId,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<readonly ExperienceRelation[]> => {
  const scope = reading.collective(collective)?.scope
  if (scope === undefined) return []
  const ids = await pageOf(relationIdsBehind(reading, scope, offset), { limit })
  return ids.flatMap((id) => readRelation(reading.state, scope, id) ?? []).map(shown)
}

/** In the order of their sources, without the first `offset`, which are counted by the length of rows. */
async function* relationIdsBehind({ state }: TenantReading, scope: Scope, offset: number): AsyncGenerator<RelationId> {
  let toSkip = offset
  for await (const { id } of idsInOrder(state, orderPrefix(scope))) {
    const key = linksKey(scope, LINK.outgoing, id)
    const count = countIds(state, key)
    if (count > toSkip) yield* readIds(state, key).slice(toSkip)
    toSkip = Math.max(0, toSkip - count)
  }
}
