import type { Fault, Timers } from '@waggle/kernel'
import { uuidV7Source } from '@waggle/kernel'
import { manualClock, seededRandom } from '@waggle/kernel/testing'
import { encodeToken, fault, type BuiltName, type Generation, type Sequence } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { ReplyBody, RequestBody } from './caller.ts'
import { CollectiveCall } from './collective-call.ts'
import { Gate } from './gate.ts'
import { Session } from './session.ts'
import { pollChanges, Watch, type WatchInput } from './watch.ts'

const token = encodeToken({ shard: 0, generation: '00000000000000aa' as Generation, sequence: 1 as Sequence })

const change = (cursor: string, fields: object = {}) => ({
  ...{ cursor, kind: 'created', entity: 'experience', id: `id of ${cursor}`, time: 1 },
  ...fields,
})

type Answer = (body: RequestBody, index: number) => object | Promise<object>

const pending = (): Promise<object> => new Promise(() => undefined)

/** A watch over answers of the test's own; timers fire at once. */
const watched = (answer: Answer) => {
  const clock = manualClock()
  const sent: RequestBody[] = []
  const delays: number[] = []
  const timers: Timers = {
    after(delayMs, callback) {
      delays.push(delayMs)
      queueMicrotask(callback)
      return () => undefined
    },
    yield: async () => undefined,
  }
  const caller = {
    async call(_: BuiltName, body: RequestBody): Promise<ReplyBody> {
      sent.push(body)
      return { token, ...(await answer(body, sent.length - 1)) }
    },
    close: async () => undefined,
  }
  const ids = uuidV7Source(clock, seededRandom(1))
  const session = new Session({ caller, clock, timers, ids, gate: new Gate(4, timers) })
  const call = new CollectiveCall(session, 'hive')
  return { call, sent, delays, watch: (input?: WatchInput) => new Watch(call, input) }
}

const cursorsOf = async (watch: Watch, count: number): Promise<string[]> => {
  const cursors: string[] = []
  while (cursors.length < count) {
    const { value } = await watch.next()
    if (value === undefined) break
    cursors.push(value.cursor)
  }
  return cursors
}

const passing = [
  fault('UNAVAILABLE', 'x'),
  fault('SHARD_NOT_READY', 'x'),
  fault('NOT_LEADING', 'x'),
  fault('CONSISTENCY_NOT_READY', 'x'),
  fault('BUSY', 'x', {}, { retryAfterMs: 60_000 }),
]

describe('a watch', () => {
  it('asks where now is as soon as it is made, without waiting, and goes on from there', async () => {
    const { sent, watch } = watched((_, index) =>
      index === 0 ? { changes: [], next: 'now' } : { changes: [change('a'), change('b')], next: 'end' },
    )
    const watching = watch({ filter: { kinds: ['created'] }, max: 5, include: ['embedding'] })
    const fields = { collective: 'hive', filter: { kinds: ['created'] }, max: 5, include: ['embedding'] }
    expect(sent).toMatchObject([{ ...fields, waitMs: 0 }])
    expect(sent[0]?.from).toBeUndefined()
    await watching.ready
    expect(await cursorsOf(watching, 2)).toEqual(['a', 'b'])
    expect(sent[1]).toMatchObject({ ...fields, from: 'now', waitMs: 10_000, timeoutMs: 20_000 })
  })

  it.each(passing)('W1 asks again from the same place after $code, in pauses that grow', async (passed) => {
    let failures = 0
    const { sent, delays, watch } = watched((_, index) => {
      if (index % 5 !== 4) throw ((failures += 1), passed)
      return { changes: index < 8 ? [] : [change(`${index}`)], next: `after ${index}` }
    })
    const watching = watch()
    expect(await cursorsOf(watching, 2)).toEqual(['9', '14'])
    expect(failures).toBe(12)
    expect(sent.map(({ from }) => from)).toEqual([
      ...Array<undefined>(5).fill(undefined),
      ...Array<string>(5).fill('after 4'),
      ...Array<string>(5).fill('after 9'),
    ])
    const [first = 0, second = 0] = delays
    expect(second).toBeGreaterThanOrEqual(first)
    expect(Math.max(...delays)).toBeLessThanOrEqual(5_000)
  })

  it('W1 empty replies and those that looked at a part are gone on from', async () => {
    const replies = [
      { changes: [], next: 'b', more: true },
      { changes: [], next: 'c' },
      { changes: [change('x')], next: 'd', partial: true, more: true },
      { changes: [change('y')], next: 'e' },
    ]
    const { sent, watch } = watched((_, index) => replies[index] ?? pending())
    expect(await cursorsOf(watch({ from: 'a' }), 2)).toEqual(['x', 'y'])
    expect(sent.map(({ from }) => from)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('W2 holds one reply: the next is asked for when the last change was taken', async () => {
    const { sent, watch } = watched((_, index) => ({
      changes: [change(`${index}a`), change(`${index}b`)],
      next: `${index}`,
    }))
    const watching = watch({ from: 'start' })
    expect(await cursorsOf(watching, 2)).toEqual(['0a', '0b'])
    expect(sent).toHaveLength(1)
    expect(await cursorsOf(watching, 1)).toEqual(['1a'])
    expect(sent).toHaveLength(2)
  })

  it('W2 where there is more, one more reply is asked for, and not a third', async () => {
    const { sent, watch } = watched((_, index) => ({
      changes: [change(`${index}a`), change(`${index}b`)],
      next: `${index}`,
      more: true,
    }))
    const watching = watch({ from: 'start' })
    expect(await cursorsOf(watching, 1)).toEqual(['0a'])
    expect(sent.map(({ from }) => from)).toEqual(['start', '0'])
    expect(await cursorsOf(watching, 2)).toEqual(['0b', '1a'])
    expect(sent.map(({ from }) => from)).toEqual(['start', '0', '1'])
    await watching.return()
  })

  it('W2 W4 what the reply after that one says is told after what came before it', async () => {
    const { watch } = watched((_, index) =>
      index === 0
        ? { changes: [change('a'), change('b')], next: 'b', more: true }
        : { changes: [], next: 'c', lost: true },
    )
    const watching = watch({ from: 'start' })
    expect(await cursorsOf(watching, 2)).toEqual(['a', 'b'])
    await expect(watching.next()).rejects.toMatchObject({ code: 'HISTORY_LOST' })
    expect(await watching.next()).toMatchObject({ done: true })
  })

  it('several that ask at once get the changes in order', async () => {
    const { watch } = watched((_, index) => ({ changes: [change(`${index}`)], next: `${index}` }))
    const watching = watch({ from: 'start' })
    const taken = await Promise.all([watching.next(), watching.next(), watching.next()])
    expect(taken.map(({ value }) => value?.cursor)).toEqual(['0', '1', '2'])
  })

  it.each(['abort', 'return'] as const)(
    'W3 %s ends it at once, also while it waits, and it stays ended',
    async (how) => {
      const { watch, sent } = watched((_, index) => (index === 0 ? { changes: [], next: 'now' } : pending()))
      const controller = new AbortController()
      const watching = watch({ signal: controller.signal })
      await watching.ready
      const waiting = Promise.all([watching.next(), watching.next()])
      await new Promise((resolve) => setImmediate(resolve))
      if (how === 'abort') controller.abort()
      else await watching.return()
      const done = { value: undefined, done: true }
      expect(await waiting).toEqual([done, done])
      expect(await watching.next()).toEqual(done)
      expect(sent).toHaveLength(2)
    },
  )

  it('W3 a signal that was aborted before asks for nothing', async () => {
    const { watch, sent } = watched(() => ({ changes: [change('a')], next: 'b' }))
    const cursors: string[] = []
    for await (const { cursor } of watch({ signal: AbortSignal.abort() })) cursors.push(cursor)
    expect([cursors, sent]).toEqual([[], []])
  })

  it('W3 leaving the loop ends it; what was begun may fail unheard', async () => {
    const controller = new AbortController()
    const { watch } = watched((_, index) =>
      index === 0 ? { changes: [change('a'), change('b')], next: 'c' } : Promise.reject(fault('CLOSED', 'x')),
    )
    const watching = watch({ from: 'start', signal: controller.signal })
    for await (const { cursor } of watching) {
      expect(cursor).toBe('a')
      break
    }
    expect((await watching.next()).done).toBe(true)
    controller.abort()
  })

  it('W3 aborting ends it in the middle of a pause', async () => {
    const controller = new AbortController()
    const { watch, delays } = watched((_, index) => {
      if (index === 3) controller.abort()
      throw fault('SHARD_NOT_READY', 'x')
    })
    const watching = watch({ signal: controller.signal })
    expect(await watching.next()).toEqual({ value: undefined, done: true })
    await watching.ready
    expect(delays.length).toBeLessThanOrEqual(4)
  })

  it('W3 ending it ends also whoever waits for its place, and leaves no timer behind', async () => {
    let refuse: (reason: Fault) => void = () => undefined
    const { watch, delays } = watched(() => new Promise((_resolve, reject) => (refuse = reject)))
    const watching = watch()
    const taking = watching.next()
    await new Promise((resolve) => setImmediate(resolve))
    await watching.return()
    expect(await Promise.all([taking, watching.ready])).toEqual([{ value: undefined, done: true }, undefined])
    refuse(fault('SHARD_NOT_READY', 'x'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(delays).toEqual([])
  })

  it('W4 history that is gone is a fault that tells where to begin anew, and the end', async () => {
    const { watch } = watched(() => ({ changes: [], next: 'oldest', lost: true }))
    const watching = watch({ from: 'old' })
    await expect(watching.next()).rejects.toMatchObject({
      ...{ kind: 'lost', code: 'HISTORY_LOST', details: { next: 'oldest' } },
    })
    expect((await watching.next()).done).toBe(true)
  })

  it.each(['CLOSED', 'NOT_FOUND', 'INVALID_CURSOR', 'DENIED'] as const)('W4 %s ends it', async (code) => {
    const { watch } = watched(() => {
      throw fault(code, 'x')
    })
    for (const watching of [watch(), watch({ from: 'a' })]) {
      await expect(watching.next()).rejects.toMatchObject({ code })
      expect((await watching.next()).done).toBe(true)
    }
  })

  it('W4 the deletion of the collective is its last change', async () => {
    const { watch, sent } = watched(() => ({
      changes: [change('a'), change('b', { entity: 'collective', kind: 'deleted' })],
      next: 'c',
    }))
    expect(await cursorsOf(watch({ from: 'start' }), 5)).toEqual(['a', 'b'])
    expect(sent).toHaveLength(1)
  })

  it.each([
    [{ form: 'start' }, 'UNKNOWN_FIELD'],
    [{ signal: {} }, 'INVALID_FIELD'],
    ['start', 'INVALID_FIELD'],
  ])('P10 %j is refused at once', (input, code) => {
    const { watch, sent } = watched(pending)
    expect(() => watch(input as WatchInput)).toThrow(expect.objectContaining({ code }) as Error)
    expect(sent).toEqual([])
  })
})

describe('a poll', () => {
  it('gives the reply of the store, and goes on over what did not match', async () => {
    const { call, sent } = watched((_, index) =>
      index === 0 ? { changes: [], next: 'b', more: true } : { changes: [change('x')], next: 'c', more: true },
    )
    expect(await pollChanges(call, { from: 'a', max: 1 }, { timeoutMs: 5_000, waitMs: 100 })).toEqual({
      ...{ changes: [change('x')], next: 'c', more: true },
    })
    expect(sent).toMatchObject([
      { from: 'a', max: 1, timeoutMs: 5_000, waitMs: 100 },
      { from: 'b', max: 1, timeoutMs: 5_000, waitMs: 100 },
    ])
  })

  it('P6 fixes its place before it waits, so that a poll that is made again misses nothing', async () => {
    const { call, sent } = watched((_, index) => {
      if (index === 1) throw fault('BUSY', 'x', {}, { retryAfterMs: 1 })
      return { changes: index === 0 ? [] : [change('x')], next: `${index}` }
    })
    expect((await pollChanges(call, {}, { waitMs: 100 })).changes).toEqual([change('x')])
    expect(sent.map(({ from, waitMs }) => [from, waitMs])).toEqual([
      [undefined, 0],
      ['0', 100],
      ['0', 100],
    ])
  })

  it('says that history is gone, as no fault', async () => {
    const { call } = watched(() => ({ changes: [], next: 'oldest', lost: true }))
    expect(await pollChanges(call, { from: 'a' })).toEqual({ changes: [], next: 'oldest', lost: true })
  })
})
