/** Random histories of the storage port against a model of plain lists. */
import type { Uuid } from '@waggle/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NOWHERE } from './records.ts'
import { perform, pool, storageCommands, type StorageCommand } from './storage-command.ts'
import { StorageModel } from './storage-model.ts'
import { StorageCase, type CaseOf } from './storage-store.ts'

let histories = 0

export const modelContract = (given: CaseOf, runs: number): void => {
  describe('random histories', () => {
    test('P3 P8 commands are told what the model says and leave what it has, also after reopening', async () => {
      const done: [StorageCase, StorageModel][] = []
      const property = fc.asyncProperty(storageCommands, async (commands) => {
        done.push(await run(commands))
      })
      await fc.assert(property, { numRuns: runs })
      // Once for all of them: opening again may replay a whole log.
      await given().store.reopen()
      for (const [{ tenant }, model] of done) await compare(await StorageCase.open(given().store, tenant), model)
    }, 120_000)
  })

  const run = async (commands: readonly StorageCommand[]): Promise<[StorageCase, StorageModel]> => {
    const { clock } = given().store
    const history = await StorageCase.open(given().store, `history-${(histories += 1)}`)
    const model = new StorageModel(history.storage.instanceId())
    for (const command of commands) {
      clock.advance(1)
      const told = model.run(command, clock.nowMs())
      expect([command, await perform(history.storage, command)]).toEqual([command, told])
    }
    await compare(history, model)
    return [history, model]
  }

  const compare = async (opened: StorageCase, model: StorageModel): Promise<void> => {
    const { storage } = opened
    const collectives = [...model.collectives.values()]
      .sort((left, right) => left.value.createdAt - right.value.createdAt || left.place - right.place)
      .map(({ value }) => value)
    expect(await storage.listCollectives()).toEqual(collectives)
    for (const collective of pool.collectives) await compareCollective(opened, model, collective)
    for (const id of pool.experiences) {
      const experience = model.experiences.get(id)?.value
      expect(await storage.getExperience(id)).toEqual(experience)
      expect(await storage.getEmbedding(id)).toEqual(experience?.embedding)
      expect(await storage.getRelationIdsBySource(id)).toEqual(model.outgoing(id).map((relation) => relation.id))
      expect(await storage.getRelationIdsByTarget(id)).toEqual(model.incoming(id).map((relation) => relation.id))
    }
    for (const id of pool.relations)
      expect(await storage.getRelation(id)).toEqual(model.relations.find(({ value }) => value.id === id)?.value)
    for (const id of pool.insights)
      expect(await storage.getInsight(id)).toEqual(model.insights.find(({ value }) => value.id === id)?.value)
    const { events } = await storage.pollWatchEvents(NOWHERE, 10_000)
    const told = events.map(({ eventType, entityType, entityId }) => `${eventType} ${entityType} ${entityId}`)
    expect(told).toEqual(model.log)
  }

  const compareCollective = async ({ storage, tenant }: StorageCase, model: StorageModel, id: Uuid) => {
    const experiences = model.experiencesOf(id)
    const ids = experiences.map((experience) => experience.id)
    expect(await storage.getCollective(id)).toEqual(model.collectives.get(id)?.value)
    expect(await storage.countExperiencesInCollective(id)).toBe(ids.length)
    expect(await storage.listExperienceIdsInCollective(id)).toEqual(ids)
    expect(await storage.listExperienceIdsPaginated(id, 2, 1)).toEqual(ids.slice(1, 3))
    const recent = experiences.map((experience) => [experience.id, experience.timestamp]).toReversed()
    expect(await storage.getRecentExperienceIds(id, 3)).toEqual(recent.slice(0, 3))
    const relations = ids.flatMap((source) => model.outgoing(source).map((relation) => relation.id))
    const listed = (await storage.listRelationsInCollective(id, 9, 1)).map((relation) => relation.id)
    expect(listed).toEqual(relations.slice(1))
    const insights = model.insightsOf(id).map((insight) => insight.id)
    expect(await storage.listInsightIdsInCollective(id)).toEqual(insights)
    if (model.collectives.has(id)) {
      const { stats } = await given().store.execute(tenant, 'collective.stats', { collective: id })
      expect(stats).toMatchObject({
        ...{ experienceCount: ids.length, relationCount: relations.length, insightCount: insights.length },
        archivedCount: experiences.filter(({ archived }) => archived).length,
      })
    }
    const activities = model.activities.filter(({ collective }) => collective === id)
    expect(await storage.listActivitiesInCollective(id)).toEqual(activities)
  }
}
