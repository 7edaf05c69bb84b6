import type { Timers } from '@waggle/kernel'
import { manualClock, seededRandom } from '@waggle/kernel/testing'
import { uuidV7Source } from '@waggle/kernel'
import { encodeToken, fault, type BuiltName, type Generation, type Sequence } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { ReplyBody, RequestBody } from './caller.ts'
import { Gate } from './gate.ts'
import { Session } from './session.ts'

const OLD = '00000000000000aa'
const NEW = '00000000000000bb'

const tokenAt = (sequence: number, generation = OLD, shard = 0): string =>
  encodeToken({ shard, generation: generation as Generation, sequence: sequence as Sequence })

const joined = (...tokens: string[]): string => tokens.join('.')

const reply = (token: string | undefined): ReplyBody => (token === undefined ? {} : { token })

const busy = () => fault('BUSY', 'full', {}, { retryAfterMs: 100 })

const foreign = (shard?: number) =>
  fault('GENERATION_CHANGED', 'another life', { field: 'token', ...(shard === undefined ? {} : { shard }) })

/** A session over an answerer of the test's own; timers fire at once and move the clock. */
const sessionOver = (
  answer: (body: RequestBody, operation: BuiltName) => ReplyBody | Promise<ReplyBody>,
  timeoutMs?: number,
) => {
  const clock = manualClock()
  const sent: RequestBody[] = []
  const delays: number[] = []
  const timers: Timers = {
    after(delayMs, callback) {
      delays.push(delayMs)
      queueMicrotask(() => {
        clock.advance(delayMs)
        callback()
      })
      return () => undefined
    },
    yield: async () => undefined,
  }
  const caller = {
    async call(operation: BuiltName, body: RequestBody) {
      sent.push(body)
      return answer(body, operation)
    },
    close: async () => undefined,
  }
  const ids = uuidV7Source(clock, seededRandom(1))
  return {
    session: new Session({ caller, clock, timers, ids, gate: new Gate(4, timers) }, timeoutMs),
    sent,
    delays,
    clock,
  }
}

describe('Session', () => {
  it('C1 a write carries a key and the time when it was made, and both are kept when it is tried again', async () => {
    let tries = 0
    const { session, sent, clock } = sessionOver(() => {
      tries += 1
      if (tries < 4) throw busy()
      return reply(tokenAt(1))
    })
    const startMs = clock.nowMs()
    await session.call('experience.archive', { id: 'x' })
    expect(sent).toHaveLength(4)
    for (const body of sent) expect(body).toEqual(sent[0])
    expect(sent[0]).toMatchObject({ id: 'x', issuedAt: startMs })
    expect(sent[0]?.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/)
    await session.call('experience.archive', { id: 'x' })
    expect(sent[4]?.idempotencyKey).not.toBe(sent[0]?.idempotencyKey)
  })

  it('C1 a key that the caller gives is the one that is sent; a read carries neither key nor time', async () => {
    const { session, sent } = sessionOver(() => reply(tokenAt(1)))
    await session.call('experience.archive', {}, { idempotencyKey: 'mine' })
    await session.call('experience.get', {})
    expect(sent[0]?.idempotencyKey).toBe('mine')
    expect(sent[1]).not.toHaveProperty('idempotencyKey')
    expect(sent[1]).not.toHaveProperty('issuedAt')
  })

  it('C2 the newest token that was seen is sent along, and an older one does not take its place', async () => {
    const tokens = [tokenAt(5), tokenAt(3), tokenAt(9)]
    const { session, sent } = sessionOver(() => reply(tokens.shift() ?? tokenAt(1)))
    for (let call = 0; call < 4; call += 1) await session.call('experience.get', {})
    expect(sent.map(({ token }) => token)).toEqual([undefined, tokenAt(5), tokenAt(5), tokenAt(9)])
  })

  it('C2 a token that the caller passes is sent where it asks for more, or is of another life', async () => {
    const { session, sent } = sessionOver(() => reply(tokenAt(5)))
    await session.call('experience.get', {})
    for (const token of [tokenAt(4), tokenAt(6), tokenAt(1, NEW)]) await session.call('experience.get', {}, { token })
    expect(sent.slice(1).map(({ token }) => token)).toEqual([tokenAt(5), tokenAt(6), tokenAt(1, NEW)])
  })

  it('C2 the newest token of each shard is sent along, joined; of two lives the one seen later', async () => {
    const tokens = [tokenAt(5), tokenAt(2, OLD, 7), tokenAt(4), joined(tokenAt(6), tokenAt(1, NEW, 7)), undefined]
    const { session, sent } = sessionOver(() => reply(tokens.shift()))
    for (let call = 0; call < 6; call += 1) await session.call('experience.get', {})
    const both = joined(tokenAt(5), tokenAt(2, OLD, 7))
    const later = joined(tokenAt(6), tokenAt(1, NEW, 7))
    expect(sent.map(({ token }) => token)).toEqual([undefined, tokenAt(5), both, both, later, later])
  })

  it('C2 tokens that the caller passes may be joined, and are merged shard by shard', async () => {
    const { session, sent } = sessionOver(() => reply(joined(tokenAt(5), tokenAt(5, OLD, 7))))
    await session.call('experience.get', {})
    await session.call('experience.get', {}, { token: joined(tokenAt(9), tokenAt(2, OLD, 7), tokenAt(1, NEW, 3)) })
    expect(sent[1]?.token).toBe(joined(tokenAt(9), tokenAt(5, OLD, 7), tokenAt(1, NEW, 3)))
    await session.call('experience.get', {})
    expect(sent[2]?.token).toBe(joined(tokenAt(5), tokenAt(5, OLD, 7)))
  })

  it('C2 a collective’s session has seen what its parent has, which sees what it sees, not the reverse', async () => {
    let sequence = 0
    const { session, sent } = sessionOver(() => reply(tokenAt((sequence += 1))))
    await session.call('experience.get', {})
    const [one, other] = [session.forCollective(), session.forCollective()]
    for (const each of [one, session, one, other]) await each.call('experience.get', {})
    expect(sent.map(({ token }) => token)).toEqual([undefined, tokenAt(1), tokenAt(2), tokenAt(2), tokenAt(1)])
  })

  it('C2 a session of one collective sends the token of its shard alone, once a reply told which', async () => {
    const tokens = [joined(tokenAt(5), tokenAt(5, OLD, 7)), tokenAt(6, OLD, 7)]
    const { session, sent } = sessionOver(() => reply(tokens.shift()))
    await session.call('experience.get', {})
    const unknown = session.forCollective()
    const known = session.forCollective(tokenAt(4, OLD, 7))
    const token = joined(tokenAt(9), tokenAt(8, OLD, 7))
    await unknown.call('experience.get', {})
    for (const each of [unknown, known]) {
      await each.call('experience.get', {})
      await each.call('experience.get', {}, { token })
      await each.call('experience.get', {}, { token: tokenAt(9) })
    }
    const [five, six, eight] = [5, 6, 8].map((sequence) => tokenAt(sequence, OLD, 7))
    expect(sent.slice(1).map(({ token: each }) => each)).toEqual([
      joined(tokenAt(5), tokenAt(5, OLD, 7)),
      ...[six, eight, six],
      ...[five, eight, five],
    ])
  })

  it('P10 what is no token is refused before anything is sent; where a reply has it, it is INTERNAL', async () => {
    const { session, sent } = sessionOver(() => reply('no token'))
    for (const token of ['x', '', '.', `${tokenAt(1)}.`, joined(tokenAt(1), tokenAt(2))]) {
      const call = session.call('experience.get', {}, { token })
      await expect(call).rejects.toMatchObject({ code: 'INVALID_TOKEN', details: { field: 'token' } })
    }
    expect(sent).toEqual([])
    await expect(session.call('experience.get', {})).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  it('C3 busy is waited for as long as it says, up to the time limit, and then told', async () => {
    const { session, sent, delays } = sessionOver(() => {
      throw busy()
    }, 350)
    await expect(session.call('experience.archive', {})).rejects.toMatchObject({ code: 'BUSY' })
    expect(delays).toEqual([100, 100, 100])
    expect(sent[0]).toMatchObject({ timeoutMs: 350 })
    await expect(session.call('experience.archive', {}, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'BUSY' })
    expect(delays).toHaveLength(3)
  })

  it('C3 P11 only so many writes are under way at once, and those that wait for too long are BUSY', async () => {
    let underWay = 0
    let most = 0
    const { session, sent } = sessionOver(async () => {
      underWay += 1
      most = Math.max(most, underWay)
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
      underWay -= 1
      return reply(tokenAt(1))
    })
    const reads = Array.from({ length: 10 }, () => session.call('experience.get', {}))
    await Promise.all(reads)
    expect(most).toBe(10)
    most = 0
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) => session.call('experience.archive', { n })),
    )
    expect(most).toBe(4)
    // The timers of this test fire at once, so those that had to wait gave up.
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(4)
    for (const outcome of outcomes.slice(4))
      expect(outcome).toMatchObject({ reason: { code: 'BUSY', kind: 'busy', retryAfterMs: 100 } })
    expect(sent).toHaveLength(14)
  })

  it.each([NaN, Infinity, -5, -Infinity, 0])(
    'C3 P10 a delay of %d, which another process may name, does not stop the client, nor make it ask without a pause',
    async (retryAfterMs) => {
      const { session, delays } = sessionOver(() => {
        throw fault('BUSY', 'full', {}, { retryAfterMs })
      }, 1_000)
      await expect(session.call('experience.archive', {})).rejects.toMatchObject({ code: 'BUSY' })
      expect(delays.length).toBeGreaterThan(0)
      for (const delayMs of delays) expect(delayMs).toBeGreaterThanOrEqual(1)
    },
  )

  it('C3 other faults are told at once, whatever their kind', async () => {
    const { session, sent } = sessionOver(() => {
      throw fault('UNAVAILABLE', 'outcome unknown')
    })
    await expect(session.call('experience.archive', {})).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(sent).toHaveLength(1)
  })

  it('C4 a remembered token of another life is dropped silently, once', async () => {
    let generation = OLD
    const { session, sent } = sessionOver(({ token }) => {
      if (token !== undefined && token !== tokenAt(1, generation)) throw foreign()
      return reply(tokenAt(1, generation))
    })
    await session.call('experience.get', {})
    generation = NEW
    await session.call('experience.archive', {})
    await session.call('experience.get', {})
    expect(sent.map(({ token }) => token)).toEqual([undefined, tokenAt(1), undefined, tokenAt(1, NEW)])
    // The key of the write is the same on both tries.
    expect(sent[2]?.idempotencyKey).toBe(sent[1]?.idempotencyKey)
  })

  it('C4 of calls at the same time none is told of a token that it did not pass', async () => {
    let generation = OLD
    const { session } = sessionOver(async ({ token }) => {
      await Promise.resolve()
      if (token !== undefined && token !== tokenAt(1, generation)) throw foreign()
      return reply(tokenAt(1, generation))
    })
    await session.call('experience.get', {})
    generation = NEW
    await Promise.all(Array.from({ length: 10 }, () => session.call('experience.get', {})))
  })

  it('C4 a token that the caller passed is his business', async () => {
    const { session, sent } = sessionOver(({ token }) => {
      if (token === tokenAt(1, NEW)) throw foreign()
      return reply(tokenAt(1))
    })
    await session.call('experience.get', {})
    const call = session.call('experience.get', {}, { token: tokenAt(1, NEW) })
    await expect(call).rejects.toMatchObject({ code: 'GENERATION_CHANGED' })
    await session.call('experience.get', {})
    expect(sent.at(-1)?.token).toBe(tokenAt(1))
  })

  it('C4 only the token of the shard that changed its life is dropped, where the fault names it', async () => {
    const all = joined(tokenAt(5), tokenAt(5, OLD, 3), tokenAt(5, OLD, 7))
    const lost = new Set([3, 7])
    const { session, sent } = sessionOver(({ token }) => {
      if (token === undefined) return reply(all)
      for (const shard of lost) if ((token as string).includes(tokenAt(5, OLD, shard))) throw foreign(shard)
      return reply(tokenAt(6))
    })
    await session.call('experience.get', {})
    await session.call('experience.get', {})
    expect(sent.slice(1).map(({ token }) => token)).toEqual([all, joined(tokenAt(5), tokenAt(5, OLD, 7)), tokenAt(5)])
    // One that was passed for another shard does not make it the caller's business.
    lost.delete(3)
    await expect(session.call('experience.get', {}, { token: tokenAt(5, OLD, 7) })).rejects.toThrow('another life')
    await session.call('experience.get', {}, { token: tokenAt(5, OLD, 3) })
  })

  it('C4 where the fault names no shard, all that were remembered are dropped', async () => {
    const { session, sent } = sessionOver(({ token }) => {
      if (token !== undefined) throw foreign()
      return reply(joined(tokenAt(5), tokenAt(5, OLD, 7)))
    })
    await session.call('experience.get', {})
    await session.call('experience.get', {})
    expect(sent.map(({ token }) => token)).toEqual([undefined, joined(tokenAt(5), tokenAt(5, OLD, 7)), undefined])
  })

  it('C4 a store that calls every token foreign, however new, is believed in the end', async () => {
    let sequence = 0
    const { session } = sessionOver(async ({ token, consistency }) => {
      if (consistency !== 'any' && token !== undefined) {
        await other.call('experience.get', {}, { consistency: 'any' })
        throw foreign()
      }
      return reply(tokenAt((sequence += 1)))
    })
    const other = session.forCollective()
    await session.call('experience.get', {})
    await expect(session.call('experience.get', {})).rejects.toMatchObject({ code: 'GENERATION_CHANGED' })
  })

  it('C4 a cursor of another life costs the session nothing', async () => {
    const { session, sent } = sessionOver(({ cursor }) => {
      if (cursor !== undefined) throw fault('GENERATION_CHANGED', 'another life', { field: 'cursor' })
      return reply(tokenAt(1))
    })
    await session.call('experience.list', {})
    await expect(session.call('experience.list', { cursor: 'c' })).rejects.toMatchObject({ code: 'GENERATION_CHANGED' })
    await session.call('experience.list', {})
    expect(sent.map(({ token }) => token)).toEqual([undefined, tokenAt(1), tokenAt(1)])
  })

  it.each(['token', 'consistency', 'timeoutMs', 'idempotencyKey', 'issuedAt'])(
    'P10 a field may not pass for the option %s',
    async (field) => {
      const { session, sent } = sessionOver(() => reply(tokenAt(1)))
      const call = session.call('experience.archive', { [field]: 'x' })
      await expect(call).rejects.toMatchObject({ code: 'UNKNOWN_FIELD', details: { field } })
      expect(sent).toEqual([])
    },
  )

  it.each([-1, 1.5, NaN, 300_001, Infinity])('P10 a client takes no time limit of %d', (timeoutMs) => {
    expect(() => sessionOver(() => reply(tokenAt(1)), timeoutMs)).toThrow('field=timeoutMs')
  })
})
