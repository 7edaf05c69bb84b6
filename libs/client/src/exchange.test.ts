import type { Fault, Timers } from '@waggle/kernel'
import { manualClock, seededRandom } from '@waggle/kernel/testing'
import { encodeFault, encodeReply, fault, limits, type FaultCode } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { Exchange, type ReplyMap, type Request } from './exchange.ts'
import type { LinkListener } from './link.ts'

interface Timer {
  readonly atMs: number
  readonly fire: () => void
}

/** An exchange over a line and a clock that the test moves. */
const exchangeOver = (request: Partial<Request> = {}) => {
  const clock = manualClock()
  const pending = new Set<Timer>()
  const timers: Timers = {
    after(delayMs, callback) {
      const timer: Timer = { atMs: clock.monotonicMs() + delayMs, fire: callback }
      pending.add(timer)
      return () => pending.delete(timer)
    },
    yield: async () => undefined,
  }
  const sent: { readonly atMs: number; readonly attempt: number; readonly bytes: Uint8Array }[] = []
  const line = {
    isConnected: true,
    refusal: undefined as Fault | undefined,
    servers: 'a:4222',
    listeners: new Set<LinkListener>(),
    broken: undefined as Error | undefined,
    doubts: [] as number[],
    listen(listener: LinkListener) {
      this.listeners.add(listener)
      return 'name'
    },
    forget() {
      this.listeners.clear()
    },
    doubt(sinceMs: number) {
      this.doubts.push(sinceMs)
    },
    send(_name: string, attempt: number, _subject: string, bytes: Uint8Array) {
      if (this.broken !== undefined) throw this.broken
      sent.push({ atMs: Math.round(clock.monotonicMs()), attempt, bytes })
    },
  }
  const exchange = (): Exchange =>
    new Exchange(
      { link: line, clock, timers, random: seededRandom(1) },
      { subject: 's', operation: 'o', bytes: Uint8Array.of(1), isWrite: false, timeoutMs: 20_000, ...request },
    )
  /** Moves the clock on, firing what falls due on the way. */
  const pass = (durationMs: number): void => {
    const untilMs = clock.monotonicMs() + durationMs
    for (;;) {
      const [next] = [...pending].filter(({ atMs }) => atMs <= untilMs).sort((left, right) => left.atMs - right.atMs)
      if (next === undefined) break
      pending.delete(next)
      clock.advance(Math.max(0, next.atMs - clock.monotonicMs()))
      next.fire()
    }
    clock.advance(untilMs - clock.monotonicMs())
  }
  return { exchange, line, sent, pass, pending, clock }
}

const bytesOf = (answer: ReplyMap): Uint8Array => encodeReply(answer, 'messagePack', limits.REPLY_BYTES_MAX).bytes

const refuse = (exchange: Exchange, attempt: number, code: FaultCode, retryAfterMs?: number): void => {
  const refused = fault(code, 'told', {}, retryAfterMs === undefined ? {} : { retryAfterMs })
  exchange.answered(attempt, encodeFault(refused, 'messagePack').bytes, true)
}

const codeOf = async (exchange: Exchange): Promise<string> =>
  exchange.outcome.then(
    () => 'answered',
    (error: unknown) => `${(error as Fault).code} ${(error as Fault).kind}`,
  )

const isPending = async (exchange: Exchange): Promise<boolean> => {
  const pending = Symbol()
  return (await Promise.race([exchange.outcome.catch(() => undefined), Promise.resolve(pending)])) === pending
}

describe('Exchange', () => {
  it('an answer ends it, and nothing of it is left', async () => {
    const { exchange, line, pending, sent } = exchangeOver()
    const one = exchange()
    one.answered(1, bytesOf({ id: 'x' }), false)
    expect(await one.outcome).toEqual({ id: 'x' })
    expect([line.listeners.size, pending.size, sent.length]).toEqual([0, 0, 1])
    // What comes later changes nothing.
    refuse(one, 1, 'NOT_FOUND')
    one.unheard(1)
    one.reconnected()
    one.denied(fault('DENIED', 'late'))
    expect(pending.size).toBe(0)
  })

  it('X1 X5 silence sends the same bytes again after 2, 4 and 8 s, never after the time limit', async () => {
    const { exchange, sent, pass } = exchangeOver()
    const one = exchange()
    pass(21_900)
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 2_000, 6_000, 14_000])
    for (const each of sent) expect(each.bytes).toBe(sent[0]?.bytes)
    expect(await isPending(one)).toBe(true)
    pass(200)
    expect(await codeOf(one)).toBe('SHARD_NOT_READY notReady')
  })

  it('X1 whatever goes out once more says so, and since when it could have been answered', () => {
    const { exchange, line, pass, clock } = exchangeOver({ waitMs: 1_000 })
    const startMs = clock.monotonicMs()
    exchange()
    pass(2_900)
    expect(line.doubts).toEqual([])
    pass(200)
    expect(line.doubts).toEqual([startMs + 1_000])
  })

  it('X2 an answer to an earlier attempt is the answer', async () => {
    const { exchange, pass } = exchangeOver({ isWrite: true })
    const one = exchange()
    pass(7_000)
    one.answered(1, bytesOf({ n: 1 }), false)
    one.answered(2, bytesOf({ n: 2 }), false)
    expect(await one.outcome).toEqual({ n: 1 })
  })

  it('X3 a write that was sent and never answered has an unknown outcome', async () => {
    const { exchange, pass } = exchangeOver({ isWrite: true, timeoutMs: 1_000 })
    const one = exchange()
    pass(3_000)
    expect(await codeOf(one)).toBe('UNAVAILABLE unavailable')
    await expect(one.outcome).rejects.toThrow(/no router answered.*operation=o attempts=1 waitedMs=3000 servers=a:4222/)
  })

  it('X3 a write that nobody heard has had no effect', async () => {
    const { exchange, sent, pass } = exchangeOver({ isWrite: true, timeoutMs: 5_000 })
    const one = exchange()
    for (let turn = 0; turn < 50; turn += 1) {
      one.unheard(sent.length)
      pass(100)
    }
    expect(await codeOf(one)).toBe('SHARD_NOT_READY notReady')
    await expect(one.outcome).rejects.toThrow('no router answered')
    // The pauses grow, and a second word on the same attempt makes no further one.
    expect(sent.length).toBeGreaterThan(5)
    expect(sent.length).toBeLessThan(20)
  })

  it.each(['BUSY', 'CONSISTENCY_NOT_READY', 'SHARD_NOT_READY', 'STORAGE_FULL'] as const)(
    'X3 %s of a second attempt says nothing about the first',
    async (code) => {
      const { exchange, sent, pass } = exchangeOver({ isWrite: true, timeoutMs: 10_000 })
      const one = exchange()
      pass(2_000)
      refuse(one, 2, code, 500)
      expect(await isPending(one)).toBe(true)
      pass(600)
      expect(sent).toHaveLength(3)
      refuse(one, 3, code)
      pass(12_000)
      expect(await codeOf(one)).toBe('UNAVAILABLE unavailable')
    },
  )

  it.each(['BUSY', 'CONSISTENCY_NOT_READY', 'STORAGE_FULL', 'NOT_FOUND', 'INTERNAL'] as const)(
    'X3 %s of the only attempt is told at once, of reads and of writes',
    async (code) => {
      for (const isWrite of [true, false]) {
        const { exchange } = exchangeOver({ isWrite })
        const one = exchange()
        refuse(one, 1, code)
        expect(await codeOf(one)).toContain(code)
      }
    },
  )

  it('X3 a read may be told whatever its last attempt says', async () => {
    const { exchange, pass } = exchangeOver()
    const one = exchange()
    pass(2_000)
    refuse(one, 2, 'BUSY', 500)
    expect(await codeOf(one)).toBe('BUSY busy')
  })

  it.each(['SHARD_NOT_READY', 'UNAVAILABLE', 'CLOSED', 'NOT_LEADING'] as const)(
    'X4 %s passes: it is tried again until it does',
    async (code) => {
      for (const isWrite of [true, false]) {
        const { exchange, sent, pass } = exchangeOver({ isWrite })
        const one = exchange()
        for (let turn = 1; turn <= 5; turn += 1) {
          refuse(one, turn, code)
          pass(1_000)
        }
        expect(sent).toHaveLength(6)
        one.answered(6, bytesOf({ done: true }), false)
        expect(await one.outcome).toEqual({ done: true })
      }
    },
  )

  it.each<[FaultCode, string, string]>([
    ['SHARD_NOT_READY', 'SHARD_NOT_READY notReady', 'SHARD_NOT_READY notReady'],
    ['NOT_LEADING', 'SHARD_NOT_READY notReady', 'SHARD_NOT_READY notReady'],
    ['UNAVAILABLE', 'UNAVAILABLE unavailable', 'UNAVAILABLE unavailable'],
    ['CLOSED', 'SHARD_NOT_READY notReady', 'UNAVAILABLE unavailable'],
  ])('X3 X4 %s up to the time limit ends a read with %s, a write with %s', async (code, ofRead, ofWrite) => {
    for (const isWrite of [false, true]) {
      const { exchange, sent, pass } = exchangeOver({ isWrite, timeoutMs: 3_000 })
      const one = exchange()
      for (let turn = 0; turn < 60; turn += 1) {
        refuse(one, sent.length, code)
        pass(100)
      }
      expect(await codeOf(one)).toBe(isWrite ? ofWrite : ofRead)
    }
  })

  it('X1 X4 without a connection nothing is sent; with a new one it is at once', async () => {
    const { exchange, line, sent, pass } = exchangeOver({ isWrite: true, timeoutMs: 5_000 })
    line.isConnected = false
    const one = exchange()
    pass(3_000)
    expect(sent).toEqual([])
    line.isConnected = true
    one.reconnected()
    pass(100)
    expect(sent).toHaveLength(1)
    line.isConnected = false
    pass(300)
    line.isConnected = true
    one.reconnected()
    pass(100)
    expect(sent.map(({ attempt }) => attempt)).toEqual([1, 2])
    one.answered(2, bytesOf({}), false)
    expect(await one.outcome).toEqual({})
  })

  it('X3 a write that was never sent has had no effect; who is not let in is told so', async () => {
    for (const refusal of [undefined, fault('DENIED', 'no longer')]) {
      const { exchange, line, pass } = exchangeOver({ isWrite: true, timeoutMs: 5_000 })
      Object.assign(line, { isConnected: false, refusal })
      const one = exchange()
      pass(5_000)
      expect(await codeOf(one)).toBe(refusal === undefined ? 'SHARD_NOT_READY notReady' : 'DENIED denied')
    }
  })

  it('a line that refuses to send is waited for like one that is not there', async () => {
    const { exchange, line, pass } = exchangeOver({ isWrite: true, timeoutMs: 2_000 })
    line.broken = new Error('closed connection')
    const one = exchange()
    pass(2_000)
    await expect(one.outcome).rejects.toThrow('could not be sent reason=closed connection')
  })

  it('X5 a time limit of 0 sends once and waits for the answer to travel', async () => {
    const { exchange, sent, pass } = exchangeOver({ timeoutMs: 0 })
    const [one, other] = [exchange(), exchange()]
    pass(1_500)
    one.answered(1, bytesOf({ n: 1 }), false)
    expect(await one.outcome).toEqual({ n: 1 })
    pass(500)
    expect(await codeOf(other)).toBe('SHARD_NOT_READY notReady')
    expect(sent).toHaveLength(2)
  })

  it('a reply that cannot be read is INTERNAL, and for a write tells nothing of what became of it', async () => {
    for (const bytes of [new Uint8Array(0), Uint8Array.of(0xc1), bytesOf({}).subarray(0, 3), Uint8Array.of(0x80)])
      for (const isWrite of [false, true]) {
        const { exchange } = exchangeOver({ isWrite })
        const one = exchange()
        one.answered(1, bytes, false)
        expect(await codeOf(one)).toBe(isWrite ? 'UNAVAILABLE unavailable' : 'INTERNAL internal')
      }
  })

  it('what is abandoned is CLOSED, a write that was sent UNAVAILABLE', async () => {
    const { exchange, line, sent } = exchangeOver({ isWrite: true })
    const read = exchangeOver().exchange()
    const write = exchange()
    line.isConnected = false
    const unsent = exchange()
    for (const one of [read, write, unsent]) one.abandon()
    expect(await Promise.all([read, write, unsent].map(codeOf))).toEqual([
      'CLOSED closed',
      'UNAVAILABLE unavailable',
      'CLOSED closed',
    ])
    expect(sent).toHaveLength(1)
  })

  it('X1 the silence of one that waits at the cluster begins when that time is over', async () => {
    const { exchange, sent, pass } = exchangeOver({ waitMs: 10_000, timeoutMs: 60_000 })
    const [one] = [exchange()]
    pass(11_900)
    expect(sent).toHaveLength(1)
    pass(200)
    expect(sent).toHaveLength(2)
    pass(13_800)
    expect(sent).toHaveLength(2)
    pass(300)
    expect(sent).toHaveLength(3)
    one.reconnected()
    pass(200)
    expect(sent).toHaveLength(4)
    one.answered(1, bytesOf({ n: 1 }), false)
    expect(await one.outcome).toEqual({ n: 1 })
  })

  it('who lacks the right is told at once', async () => {
    const one = exchangeOver({ isWrite: true }).exchange()
    one.denied(fault('DENIED', 'no'))
    expect(await codeOf(one)).toBe('DENIED denied')
  })
})
