/** Cursors that are kept in the store, for readers that come back (P9). */
import { decodeWatchCursor, encodeWatchCursor, limits, type Generation } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import { expectRefusal, recorded } from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

const present = async (hive: CollectiveHandle): Promise<string> => (await hive.poll()).next

export const cursorsContract = (open: OpenStore): void => {
  describe('saved cursors', () => {
    const store = sharedStore(open)

    it('are listed by name with their place and time, and a reader goes on from there', async () => {
      const hive = await store.collective()
      const first = await present(hive)
      const [id] = await recorded(hive, 1)
      const second = await present(hive)
      await hive.cursors.save('mirror', first)
      const { token } = await hive.cursors.save('audit', second)
      const saved = await hive.cursors.list({ token })
      const keepMs = limits.CURSOR_KEEP_MS_DEFAULT
      const [audit, mirror] = saved.map(({ savedAt }) => ({
        journal: 'memory',
        savedAt,
        keepMs,
        dropsAt: savedAt + keepMs,
      }))
      expect(saved).toEqual([
        { ...audit, name: 'audit', cursor: second, unseen: 0 },
        { ...mirror, name: 'mirror', cursor: first, unseen: 1 },
      ])
      const { changes } = await hive.poll({ from: saved[1]!.cursor })
      expect(changes).toMatchObject([{ kind: 'created', id }])
    })

    it('move forwards only: a save that comes late changes nothing', async () => {
      const hive = await store.collective()
      const first = await present(hive)
      await recorded(hive, 1)
      const second = await present(hive)
      for (const cursor of [first, second, first]) await hive.cursors.save('mirror', cursor)
      expect(await hive.cursors.list()).toMatchObject([{ cursor: second }])
    })

    it('P2 a repeated save is one', async () => {
      const hive = await store.collective()
      const cursor = await present(hive)
      const options = { idempotencyKey: 'k' }
      const first = await hive.cursors.save('mirror', cursor, options)
      expect(await hive.cursors.save('mirror', cursor, options)).toEqual(first)
      await expectRefusal(hive.cursors.save('other', cursor, options), 'IDEMPOTENCY_KEY_REUSED', 'idempotencyKey')
      const dropped = await hive.cursors.drop('mirror', options)
      expect(await hive.cursors.drop('mirror', options)).toEqual(dropped)
      expect(await hive.cursors.list()).toEqual([])
    })

    it('dropped, one is gone', async () => {
      const hive = await store.collective()
      await hive.cursors.save('mirror', await present(hive))
      await hive.cursors.drop('mirror')
      expect(await hive.cursors.list()).toEqual([])
      expect((await expectRefusal(hive.cursors.drop('mirror'), 'NOT_FOUND', 'name')).details.entity).toBe('cursor')
    })

    it('P11 so many at most', async () => {
      const hive = await store.collective()
      const cursor = await present(hive)
      for (let n = 0; n < limits.CURSORS_PER_COLLECTIVE_MAX; n += 1) await hive.cursors.save(`reader ${n}`, cursor)
      const fault = await expectRefusal(hive.cursors.save('one more', cursor), 'TOO_MANY_ITEMS', 'name')
      expect(fault.details.limit).toBe(limits.CURSORS_PER_COLLECTIVE_MAX)
      await hive.cursors.save('reader 0', cursor)
      await hive.cursors.drop('reader 1')
      await hive.cursors.save('one more', cursor)
    })

    it('P10 names and cursors are judged', async () => {
      const hive = await store.collective()
      const cursor = await present(hive)
      await hive.cursors.save('é'.repeat(50), cursor)
      await expectRefusal(hive.cursors.save('', cursor), 'REQUIRED_FIELD', 'name')
      await expectRefusal(hive.cursors.save('n'.repeat(101), cursor), 'CONTENT_TOO_LARGE', 'name')
      await expectRefusal(hive.cursors.save('mirror', ''), 'REQUIRED_FIELD', 'cursor')
      await expectRefusal(hive.cursors.save('mirror', 'start'), 'INVALID_CURSOR', 'cursor')
      await recorded(hive, 3)
      const { cursor: ofList } = await hive.list({ limit: 1 })
      await expectRefusal(hive.cursors.save('mirror', ofList!), 'INVALID_CURSOR', 'cursor')
    })

    it('P9 one of another life of the store would hold nothing, and is refused', async () => {
      const hive = await store.collective()
      const cursor = decodeWatchCursor(await present(hive), 'cursor')
      const foreign = encodeWatchCursor({ ...cursor, generation: '00000000000000aa' as Generation })
      const fault = await expectRefusal(hive.cursors.save('mirror', foreign), 'HISTORY_LOST', 'cursor')
      expect((await hive.poll({ from: fault.details.next as string })).lost).toBeUndefined()
    })

    it('P12 a cursor belongs to one collective', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      const cursor = await present(left)
      await expectRefusal(right.cursors.save('mirror', cursor), 'INVALID_CURSOR', 'cursor')
      await left.cursors.save('mirror', cursor)
      expect(await right.cursors.list()).toEqual([])
      await expectRefusal(right.cursors.drop('mirror'), 'NOT_FOUND', 'name')
    })

    it('P1 they survive a restart; a collective that is made anew has none', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        await hive.cursors.save('mirror', await present(hive))
        const before = await hive.cursors.list()
        const waggle = await own.reopen()
        const again = await waggle.collective('kept')
        expect(await again.cursors.list()).toEqual(before)
        await again.deleteCollective()
        await expectRefusal(again.cursors.list(), 'NOT_FOUND')
        const anew = await waggle.createCollective({ id: hive.id, name: 'anew', dimension: DIMENSION })
        expect(await anew.cursors.list()).toEqual([])
      })
    })
  })
}
