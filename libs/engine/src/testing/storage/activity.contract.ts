/** The storage port's activities. */
import { describe, expect, test } from 'vitest'
import { expectRefused, type CaseOf } from './storage-store.ts'
import { anActivity, freshId, savedCollective, T0 } from './records.ts'

export const activityContract = (given: CaseOf): void => {
  describe('activities', () => {
    test('saveActivity and getActivity: one an agent and collective, replaced whole', async () => {
      const [one, two] = [await savedCollective(given()), await savedCollective(given())]
      const { storage } = given()
      const activity = anActivity(one.id)
      await storage.saveActivity(activity)
      expect(await storage.getActivity('scout', one.id)).toEqual(activity)
      expect(await storage.getActivity('scout', two.id)).toBeUndefined()
      expect(await storage.getActivity('scou', one.id)).toBeUndefined()
      expect(await storage.getActivity('scout', freshId())).toBeUndefined()
      const again = { collective: one.id, agent: 'scout', startedAt: T0 + 1, lastHeartbeat: T0 + 2 }
      await storage.saveActivity(again)
      expect(await storage.getActivity('scout', one.id)).toEqual(again)
      await given().reopen()
      expect(await given().storage.listActivitiesInCollective(one.id)).toEqual([again])
    })

    test('nothing of activities is logged', async () => {
      const { id } = await savedCollective(given())
      const before = await given().storage.getWalSequence()
      await given().storage.saveActivity(anActivity(id))
      await given().storage.deleteActivity('scout', id)
      await given().storage.saveActivity(anActivity(id))
      await given().storage.deleteActivitiesByCollective(id)
      expect(await given().storage.getWalSequence()).toEqual(before)
    })

    test('deleteActivity: true and gone, then false', async () => {
      const { id } = await savedCollective(given())
      await given().storage.saveActivity(anActivity(id))
      expect(await given().storage.deleteActivity('scout', id)).toBe(true)
      expect(await given().storage.getActivity('scout', id)).toBeUndefined()
      expect(await given().storage.deleteActivity('scout', id)).toBe(false)
      expect(await given().storage.deleteActivity('scout', freshId())).toBe(false)
    })

    test("listActivitiesInCollective: its own, stale ones too, by the bytes of agents' names", async () => {
      const [one, two] = [await savedCollective(given()), await savedCollective(given())]
      const { storage } = given()
      for (const agent of ['b', 'ab', 'Z', 'é']) await storage.saveActivity(anActivity(one.id, { agent }))
      await storage.saveActivity(anActivity(one.id, { agent: 'old', startedAt: 0, lastHeartbeat: 0 }))
      await storage.saveActivity(anActivity(two.id, { agent: 'other' }))
      const agents = (await storage.listActivitiesInCollective(one.id)).map(({ agent }) => agent)
      expect(agents).toEqual(['Z', 'ab', 'b', 'old', 'é'])
      expect(await storage.listActivitiesInCollective(freshId())).toEqual([])
    })

    test('deleteActivitiesByCollective: how many; those of others stay', async () => {
      const [one, two] = [await savedCollective(given()), await savedCollective(given())]
      const { storage } = given()
      for (const agent of ['a', 'b', 'c']) await storage.saveActivity(anActivity(one.id, { agent }))
      await storage.saveActivity(anActivity(two.id))
      expect(await storage.deleteActivitiesByCollective(one.id)).toBe(3)
      expect(await storage.listActivitiesInCollective(one.id)).toEqual([])
      expect(await storage.listActivitiesInCollective(two.id)).toHaveLength(1)
      expect(await storage.deleteActivitiesByCollective(one.id)).toBe(0)
      expect(await storage.deleteActivitiesByCollective(freshId())).toBe(0)
    })

    test.each([
      ['no agent', { agent: '' }, 'REQUIRED_FIELD', 'agent'],
      ['an agent of 256 bytes', { agent: 'x'.repeat(256) }, 'INVALID_FIELD', 'agent'],
      ['a task of 1,025 bytes', { task: 'x'.repeat(1_025) }, 'CONTENT_TOO_LARGE', 'task'],
      ['a summary of 1,025 bytes', { summary: 'x'.repeat(1_025) }, 'CONTENT_TOO_LARGE', 'summary'],
      ['a time before 1970', { startedAt: -1 }, 'INVALID_FIELD', 'startedAt'],
    ])('P10 refuses %s; the original does not at this port', async (_, wrong, code, field) => {
      const { id } = await savedCollective(given())
      await expectRefused(given().storage.saveActivity(anActivity(id, wrong)), code, { field })
      expect(await given().storage.listActivitiesInCollective(id)).toEqual([])
    })

    test('P10 refuses a collective that is not there; the original stores it', async () => {
      const saving = given().storage.saveActivity(anActivity(freshId()))
      await expectRefused(saving, 'NOT_FOUND', { entity: 'collective' })
    })
  })
}
