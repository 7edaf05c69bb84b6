/** Closing and opening again. */
import { decodeToken, encodeToken, type Sequence } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import { everything, experience, expectRefusal, refusal } from './samples.ts'
import { DIMENSION, withStore, type OpenStore } from './store-under-test.ts'

const calls: readonly [string, (hive: CollectiveHandle) => Promise<unknown>][] = [
  ['record', (hive) => hive.record(experience())],
  ['recordMany', (hive) => hive.recordMany([experience()])],
  ['get', (hive) => hive.get(hive.id)],
  ['list', (hive) => hive.list()],
  ['recent', (hive) => hive.recent()],
  ['search', (hive) => hive.search({ embedding: [1, 0, 0, 0] })],
  ['stats', (hive) => hive.stats()],
  ['deleteCollective', (hive) => hive.deleteCollective()],
]

export const lifecycleContract = (open: OpenStore): void => {
  describe('closing', () => {
    it('every call on what was closed is CLOSED, and closing again does nothing', async () => {
      await withStore(open, async ({ waggle }) => {
        const hive = await waggle.createCollective({ name: 'x', dimension: DIMENSION })
        await Promise.all([waggle.close(), waggle.close()])
        await waggle.close()
        for (const [, call] of calls) expect((await expectRefusal(call(hive), 'CLOSED')).kind).toBe('closed')
        await expectRefusal(waggle.collectives(), 'CLOSED')
        await expectRefusal(waggle.collective('x'), 'CLOSED')
        await expectRefusal(waggle.createCollective({ name: 'y', dimension: 1 }), 'CLOSED')
      })
    })

    it.each(calls.slice(0, -1))(
      'P1 a %s that was begun before closing is answered, and never as INTERNAL',
      async (_name, call) => {
        await withStore(open, async ({ waggle }) => {
          const hive = await waggle.createCollective({ name: 'x', dimension: DIMENSION })
          await hive.recordMany(Array.from({ length: 1000 }, () => experience()))
          const begun = Array.from({ length: 5 }, () => call(hive))
          const closing = waggle.close()
          for (const outcome of await Promise.allSettled(begun)) expect(outcome.status).toBe('fulfilled')
          await closing
          await expectRefusal(call(hive), 'CLOSED')
        })
      },
    )

    it('a read that waits for its token when the store closes is CLOSED, not kept waiting', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'x', dimension: DIMENSION })
        const { token } = await hive.record(experience())
        const decoded = decodeToken(token)
        const future = encodeToken({ ...decoded, sequence: (decoded.sequence + 1_000_000) as Sequence })
        const waiting = refusal(hive.stats({ token: future, timeoutMs: 300_000 }))
        await own.waggle.close()
        expect((await waiting).code).toBe('CLOSED')
      })
    })

    it('P1 test_close_flushes_data: what was acknowledged is there, the rest whole or not at all', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        const acknowledged: string[] = []
        const writing = Promise.allSettled(
          Array.from({ length: 3_000 }, async () => acknowledged.push((await hive.record(experience())).id)),
        )
        await own.waggle.close()
        const refused = (await writing).filter(({ status }) => status === 'rejected')
        const again = await (await own.reopen()).collective('kept')
        const found = new Set((await everything(again)).map(({ id }) => id))
        for (const id of acknowledged) expect(found).toContain(id)
        expect(acknowledged.length + refused.length).toBe(3_000)
        for (const outcome of refused) expect(outcome).toMatchObject({ reason: { code: 'CLOSED' } })
        expect(found.size).toBeGreaterThanOrEqual(acknowledged.length)
      })
    })

    it('test_multiple_open_close_cycles: five times, and everything is still there', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        const ids = [(await hive.record(experience())).id]
        for (let cycle = 0; cycle < 5; cycle += 1) {
          const again = await (await own.reopen()).collective('kept')
          expect((await everything(again)).map(({ id }) => id)).toEqual(ids)
          ids.push((await again.record(experience())).id)
        }
      })
    })

    it('`await using` closes', async () => {
      await withStore(open, async ({ waggle }) => {
        await waggle[Symbol.asyncDispose]()
        await expectRefusal(waggle.collectives(), 'CLOSED')
      })
    })
  })
}
