/** The storage port's experiences and their vectors. */
import { fault, storedRecord, type CollectiveId, type ExperienceId } from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import { readEmbedding, readExperience } from '../memory/experience/experience-rows.ts'
import { readStatistics } from '../memory/collective/statistics.ts'
import type { EmbeddingStorage, ExperienceStorage } from './storage-engine.ts'
import type { StoredExperience } from './storage-records.ts'
import { embeddingKey, experienceKey, orderPrefix } from '../state/keyspace.ts'
import type { StoredCollective } from '../memory/collective/collective-rows.ts'
import { deleteAll } from './bulk-deletion.ts'
import { idsInOrder, pageOf } from './ordered-ids.ts'
import { refuseMove } from './record-commands.ts'
import type { StorageSession } from './storage-session.ts'
import type { TenantReading } from './tenant-reading.ts'

export const experienceStorage = (session: StorageSession): ExperienceStorage => ({
  ...lists(session),
  ...records(session),
})

type ListMethods = Pick<
  ExperienceStorage,
  | 'countExperiencesInCollective'
  | 'deleteExperiencesByCollective'
  | 'listExperienceIdsInCollective'
  | 'getRecentExperienceIds'
  | 'listExperienceIdsPaginated'
>

const lists = (session: StorageSession): ListMethods => ({
  async countExperiencesInCollective(id) {
    const known = storedRecord('id', id, 'id')
    return session.read((reading) => {
      const scope = reading.collective(known)?.scope
      return scope === undefined ? 0 : readStatistics(reading.state, scope).experienceCount
    })
  },

  async deleteExperiencesByCollective(id) {
    const collective = storedRecord('id', id, 'id')
    return deleteAll(session, {
      collective,
      async *list({ state }, scope) {
        for await (const { id: experience } of idsInOrder(state, orderPrefix(scope))) yield experience
      },
      step: (names) =>
        session.command(
          'storage.deleteExperiences',
          { collective, ids: names as readonly ExperienceId[] },
          { collective },
        ),
    })
  },

  listExperienceIdsInCollective: async (id) => pageOfIds(session, storedRecord('id', id, 'id')),

  async getRecentExperienceIds(collective, limit) {
    const known = storedRecord('id', collective, 'collective')
    const page = { limit: storedRecord('count', limit, 'limit') }
    return session.read(async (reading) => {
      const scope = reading.collective(known)?.scope
      if (scope === undefined) return []
      const newest = await pageOf(idsInOrder(reading.state, orderPrefix(scope), { reverse: true }), page)
      return newest.map(({ id, createdAt }) => [id, createdAt] as const)
    })
  },

  async listExperienceIdsPaginated(collective, limit, offset) {
    return pageOfIds(session, storedRecord('id', collective, 'collective'), {
      limit: storedRecord('count', limit, 'limit'),
      offset: storedRecord('count', offset, 'offset'),
    })
  },
})

const records = (session: StorageSession): Omit<ExperienceStorage, keyof ListMethods> => ({
  async saveExperience(experience) {
    const known = storedRecord('experience', experience, '')
    const { id, collective, content, embedding } = known
    await session.inTurn(id, async () => {
      const holder = await session.read((reading) => reading.holderOf(id, experienceKey))
      if (holder !== undefined && holder.collective.id !== collective) refuseMove(holder.collective.id)
      const bytes = content.length + embedding.byteLength
      await session.command('storage.saveExperience', known, { collective, bytes })
      session.remember(id, collective)
    })
  },

  async getExperience(id) {
    const known = storedRecord('id', id, 'id')
    return session.read(async (reading) => {
      const holder = await reading.holderOf(known, experienceKey)
      return holder && storedExperience(reading, holder, known)
    })
  },

  async updateExperience(id, update) {
    const patch = storedRecord('update', update, '')
    const found = await withHolder(session, id, (fields) =>
      session.command('storage.updateExperience', { ...fields, update: patch }, fields),
    )
    return found?.found ?? false
  },

  async deleteExperience(id) {
    const found = await withHolder(session, id, (fields) => session.command('storage.deleteExperience', fields, fields))
    return found?.found ?? false
  },

  async reinforceExperience(id) {
    const counted = await withHolder(session, id, (fields) =>
      session.command('storage.reinforceExperience', fields, fields),
    )
    return counted?.applications
  },
})

export const embeddingStorage = (session: StorageSession): EmbeddingStorage => ({
  async saveEmbedding(id, embedding) {
    const vector = storedRecord('embedding', embedding, 'embedding')
    const bytes = vector.byteLength
    const found = await withHolder(session, id, (fields) =>
      session.command('storage.saveEmbedding', { ...fields, embedding: vector }, { ...fields, bytes }),
    )
    if (found?.found !== true)
      throw fault('NOT_FOUND', `experience not found id=${id}`, { field: 'id', entity: 'experience', id })
  },

  async getEmbedding(id) {
    const known = storedRecord('id', id, 'id')
    return session.read(async (reading) => {
      const holder = await reading.holderOf(known, embeddingKey)
      return holder && readEmbedding(reading.state, holder.scope, known)
    })
  },
})

/** Ids oldest first; of a collective that is not there none. */
const pageOfIds = (
  session: StorageSession,
  collective: CollectiveId,
  page: { readonly limit?: number; readonly offset?: number } = {},
): Promise<readonly ExperienceId[]> =>
  session.read(async (reading) => {
    const scope = reading.collective(collective)?.scope
    if (scope === undefined) return []
    return (await pageOf(idsInOrder(reading.state, orderPrefix(scope)), page)).map(({ id }) => id)
  })

/** Runs `use` with where an experience is; `undefined` if it is nowhere. The command looks again. */
const withHolder = async <Result>(
  session: StorageSession,
  id: ExperienceId,
  use: (fields: { readonly collective: CollectiveId; readonly id: ExperienceId }) => Promise<Result>,
): Promise<Result | undefined> => {
  const known = storedRecord('id', id, 'id')
  const holder = await session.read((reading) => reading.holderOf(known, experienceKey))
  return holder && use({ collective: holder.collective.id, id: known })
}

const storedExperience = (
  { state }: TenantReading,
  { collective, scope }: StoredCollective,
  id: ExperienceId,
): StoredExperience | undefined => {
  const row = readExperience(state, scope, id)
  if (row === undefined) return undefined
  const embedding = readEmbedding(state, scope, id)
  if (embedding === undefined)
    throw engineFault('CORRUPT', `embedding of an experience is missing id=${id}`, { entity: 'experience', id })
  const { address: _address, version: _version, createdAt: timestamp, ...fields } = row
  return { ...fields, collective: collective.id, timestamp, embedding }
}
