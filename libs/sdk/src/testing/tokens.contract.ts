/** Tokens: what one agent wrote, another one reads when it is handed the token (P5). */
import { decodeToken, encodeToken, type Generation, type Sequence } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { CallOptions } from '../session.ts'
import { experience, expectRefusal, idsOf } from './samples.ts'
import { sharedStore, withStore, type OpenStore } from './store-under-test.ts'

const calls: readonly [string, (hive: CollectiveHandle, options: CallOptions) => Promise<unknown>][] = [
  ['get', (hive, options) => hive.get(hive.id, options)],
  ['getMany', (hive, options) => hive.getMany([], options)],
  ['list', (hive, options) => hive.list({}, options)],
  ['recent', (hive, options) => hive.recent({}, options)],
  ['search', (hive, options) => hive.search({ embedding: [1, 0, 0, 0] }, options)],
  ['stats', (hive, options) => hive.stats(options)],
  ['record', (hive, options) => hive.record(experience(), options)],
  ['recordMany', (hive, options) => hive.recordMany([], options)],
]

/** The token of a record that the store will not reach in this test. */
const futureOf = (token: string): string => {
  const decoded = decodeToken(token)
  return encodeToken({ ...decoded, sequence: (decoded.sequence + 1_000_000) as Sequence })
}

const foreignOf = (token: string): string =>
  encodeToken({ ...decodeToken(token), generation: '00000000000000aa' as Generation })

export const tokensContract = (open: OpenStore): void => {
  describe('tokens', () => {
    const store = sharedStore(open)

    it('P5 what one agent wrote, another one reads with its token', async () => {
      const writer = await store.collective({ name: 'handed over' })
      const reader = await store.waggle.collective('handed over')
      for (let turn = 0; turn < 20; turn += 1) {
        const { id, token } = await writer.record(experience())
        expect((await reader.get(id, { token }))?.id).toBe(id)
        const { results } = await reader.search({ embedding: [1, 0, 0, 0], k: 100 }, { token })
        expect(idsOf(results.map((hit) => hit.experience))).toContain(id)
      }
    })

    it('P5 one client reads its own writes, of every kind', async () => {
      const hive = await store.collective()
      const { id } = await hive.record(experience())
      expect((await hive.stats()).experienceCount).toBe(1)
      await hive.update(id, { domain: ['new'] })
      expect(idsOf(await hive.recent({ filter: { domains: ['new'] } }))).toEqual([id])
      await hive.archive(id)
      expect(await hive.recent()).toEqual([])
      await hive.delete(id)
      expect((await hive.list()).items).toEqual([])
    })

    it('P4 a writer’s tokens rise with every write, and a read’s is not older than the write before', async () => {
      const hive = await store.collective()
      let newest = 0
      const risen = (token: string): boolean => {
        const { sequence } = decodeToken(token)
        const isRisen = sequence > newest
        newest = Math.max(newest, sequence)
        return isRisen
      }
      const { id, token } = await hive.record(experience())
      risen(token)
      for (const write of [
        () => hive.recordMany([experience()]),
        () => hive.update(id, { importance: 1 }),
        () => hive.archive(id),
        () => hive.unarchive(id),
        () => hive.reinforce(id),
        () => hive.delete(id),
      ])
        expect(risen((await write()).token)).toBe(true)
      const searched = await hive.search({ embedding: [1, 0, 0, 0] })
      expect(decodeToken(searched.token).sequence).toBeGreaterThanOrEqual(newest)
      expect(risen((await hive.deleteCollective()).token)).toBe(true)
    })

    it('P5 a token outlives a restart', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: 4 })
        const { id, token } = await hive.record(experience())
        const again = await (await own.reopen()).collective('kept')
        expect((await again.get(id, { token }))?.id).toBe(id)
      })
    })

    it.each(calls)('P5 %s with a token that is not reached in time: CONSISTENCY_NOT_READY', async (_name, call) => {
      const hive = await store.collective()
      const { token } = await hive.record(experience())
      const startMs = performance.now()
      const fault = await expectRefusal(call(hive, { token: futureOf(token), timeoutMs: 30 }), 'CONSISTENCY_NOT_READY')
      expect(fault.kind).toBe('notReady')
      expect(performance.now() - startMs).toBeGreaterThan(20)
      expect((await hive.stats()).experienceCount).toBe(1)
    })

    it('P5 the time limit of the client counts where a call names none; 0 does not wait at all', async () => {
      await withStore(open, async (own) => {
        await own.waggle.createCollective({ name: 'kept', dimension: 4 })
        const hive = await (await own.reopen({ timeoutMs: 40 })).collective('kept')
        const token = futureOf((await hive.record(experience())).token)
        const startMs = performance.now()
        await expectRefusal(hive.stats({ token }), 'CONSISTENCY_NOT_READY')
        await expectRefusal(hive.stats({ token, timeoutMs: 0 }), 'CONSISTENCY_NOT_READY')
        expect(performance.now() - startMs).toBeLessThan(10_000)
      })
    })

    it('P5 a read that waits for its token is answered when the writes come, and reflects them', async () => {
      const hive = await store.collective()
      const { token } = await hive.record(experience())
      const decoded = decodeToken(token)
      // A few on: the next number may go to a record that is none of this collective.
      const wanted = (decoded.sequence + 5) as Sequence
      const reading = hive.list({}, { token: encodeToken({ ...decoded, sequence: wanted }), timeoutMs: 20_000 })
      const written: string[] = []
      for (let reached = decoded.sequence; reached < wanted;) {
        const { id, token: next } = await hive.record(experience())
        reached = decodeToken(next).sequence
        if (reached <= wanted) written.push(id)
      }
      const seen = idsOf((await reading).items)
      for (const id of written) expect(seen).toContain(id)
    })

    it('consistency any does without the token, strong and token wait for it', async () => {
      const hive = await store.collective()
      const token = futureOf((await hive.record(experience())).token)
      expect((await hive.stats({ token, consistency: 'any' })).experienceCount).toBe(1)
      for (const consistency of ['token', 'strong'] as const)
        await expectRefusal(hive.stats({ token, consistency, timeoutMs: 0 }), 'CONSISTENCY_NOT_READY')
      expect((await hive.stats({ consistency: 'strong' })).experienceCount).toBe(1)
    })

    it.each(calls)('P10 %s with what is no token: INVALID_TOKEN', async (_name, call) => {
      const hive = await store.collective()
      const { token } = await hive.record(experience())
      for (const text of ['x', 'not a token', token.slice(0, -1), `${token}A`, token.replace(/.$/, '-'), '🐝'])
        await expectRefusal(call(hive, { token: text }), 'INVALID_TOKEN', 'token')
      await expectRefusal(call(hive, { token: 7 } as never), 'INVALID_FIELD', 'token')
      // A session that has seen nothing yet says the same.
      const fresh = await store.waggle.collective(hive.id)
      await expectRefusal(call(fresh, { token: 'x' }), 'INVALID_TOKEN', 'token')
    })

    it('P10 a token that was changed in any one character is refused', async () => {
      const hive = await store.collective()
      const { token } = await hive.record(experience())
      for (const at of [...token].keys()) {
        const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
        await expectRefusal(hive.stats({ token: changed }), 'INVALID_TOKEN', 'token')
      }
    })

    it.each(calls)('%s with a token of another life of the store: GENERATION_CHANGED', async (_name, call) => {
      const hive = await store.collective()
      const { token } = await hive.record(experience())
      const fault = await expectRefusal(call(hive, { token: foreignOf(token) }), 'GENERATION_CHANGED', 'token')
      expect(fault.kind).toBe('lost')
      expect((await hive.stats()).experienceCount).toBe(1)
    })

    it('P10 options that there are not are refused, and so are values that they cannot have', async () => {
      const hive = await store.collective()
      for (const [_name, call] of calls) {
        await expectRefusal(call(hive, { idempotencykey: 'k' } as never), 'UNKNOWN_FIELD', 'options.idempotencykey')
        await expectRefusal(call(hive, { issuedAt: 1 } as never), 'UNKNOWN_FIELD', 'options.issuedAt')
        await expectRefusal(call(hive, { consistency: 'weak' } as never), 'INVALID_FIELD', 'consistency')
        for (const timeoutMs of [-1, 0.5, NaN, 300_001, '5', 5n])
          await expectRefusal(call(hive, { timeoutMs } as never), 'INVALID_FIELD', 'timeoutMs')
        await expectRefusal(call(hive, null as never), 'INVALID_FIELD', 'options')
        await expectRefusal(call(hive, 5 as never), 'INVALID_FIELD', 'options')
      }
      expect((await hive.stats({ token: undefined, timeoutMs: null as never })).experienceCount).toBe(0)
    })
  })
}
