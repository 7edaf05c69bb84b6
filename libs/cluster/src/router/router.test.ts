import { silentLogger, systemIds, type Logger } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import {
  apiSubject,
  beatSubject,
  compactorBeatSubject,
  decodeReply,
  DEFAULT_TENANT,
  encodeBody,
  encodeClusterMessage,
  encodeReply,
  nodeBeatSubject,
} from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { sampleBeat, sampleId } from '../testing/sample-beat.ts'
import { FAN_OUTS_MAX, TICK_MS } from './limits.ts'
import { Router, type PublishOptions } from './router.ts'

interface Published extends PublishOptions {
  readonly subject: string
  readonly bytes: Uint8Array
}

/** A router whose messages and time the test sees. */
const scripted = (logger: Logger = silentLogger) => {
  const clock = manualClock()
  const published: Published[] = []
  const timers = new Set<{ atMs: number; callback: () => void }>()
  const router = new Router({
    ...{ id: sampleId(77), inbox: 'waggle.internal.router.x', node: 'router-1', pid: 1, clock, ids: systemIds, logger },
    outbox: {
      payloadBytesMax: 1_000_000,
      publish: (subject, bytes, options) => void published.push({ subject, bytes, ...options }),
    },
    timers: {
      after(delayMs, callback) {
        const timer = { atMs: clock.monotonicMs() + delayMs, callback }
        timers.add(timer)
        return () => void timers.delete(timer)
      },
      yield: () => Promise.resolve(),
    },
  })
  const wait = (durationMs: number) => {
    for (let ms = 0; ms < durationMs; ms += TICK_MS) {
      clock.advance(TICK_MS)
      for (const timer of [...timers])
        if (timer.atMs <= clock.monotonicMs()) {
          timers.delete(timer)
          timer.callback()
        }
    }
  }
  const beat = (shard: number, shards: number) =>
    router.shardBeat({
      subject: beatSubject(shard),
      data: encodeClusterMessage(sampleBeat({ epoch: 5, shard, shards })),
    })
  const ask = (operation: string, body: object) =>
    router.request({
      subject: apiSubject(DEFAULT_TENANT, operation),
      reply: '_INBOX.a',
      data: encodeBody(body, 'json'),
    })
  /** Codes of the refusals, and results, in the inbox of the client. */
  const answers = () =>
    published.flatMap<unknown>(({ subject, bytes }) => {
      if (subject !== '_INBOX.a') return []
      try {
        return [decodeReply(bytes)]
      } catch (error) {
        return [(error as { code: string }).code]
      }
    })
  const forwarded = () => published.filter(({ subject }) => subject.startsWith('shard.'))
  return { router, published, wait, beat, ask, answers, forwarded, timers }
}

describe('W1 P10 what is no beat', () => {
  it('changes nothing and stops nothing', () => {
    const { router, beat, ask, forwarded } = scripted()
    for (const data of [new Uint8Array(), Buffer.from('noise'), encodeBody({ kind: 'shard' }, 'messagePack')]) {
      router.shardBeat({ subject: beatSubject(0), data })
      router.nodeBeat({ subject: nodeBeatSubject('n'), data })
      router.compactorBeat({ subject: compactorBeatSubject('c'), data })
      for (const subject of [
        'waggle.internal.router.x',
        'waggle.internal.router.x.1.0',
        'waggle.internal.router.x.a.b',
      ])
        router.answer({ subject, data })
    }
    expect(router.figures()).toMatchObject({ undecodable: 9, failures: 0 })
    beat(0, 1)
    ask('experience.record', { collective: sampleId(3), content: 'x' })
    expect(forwarded()).toHaveLength(1)
  })

  it('W3 is one on another’s subject', () => {
    const { router } = scripted()
    router.shardBeat({ subject: beatSubject(1), data: encodeClusterMessage(sampleBeat({ epoch: 5, shards: 2 })) })
    expect(router.figures()).toMatchObject({ undecodable: 1 })
  })

  it('is said when it fails, and no more than that', () => {
    const said: unknown[] = []
    const { router, answers, ask } = scripted({ ...silentLogger, error: (message) => void said.push(message) })
    router.request(undefined as never)
    expect([said, router.figures().failures]).toEqual([['a message failed'], 1])
    ask('keys.steal', {})
    expect(answers()).toEqual(['UNKNOWN_OPERATION'])
  })
})

describe('W2 what is forwarded', () => {
  it('keeps body and reply subject, under headers of the router’s own', () => {
    const { beat, ask, forwarded } = scripted()
    beat(0, 1)
    const body = { collective: sampleId(3), content: 'x' }
    ask('experience.record', body)
    const [message] = forwarded()
    expect(message).toMatchObject({ subject: 'shard.0.5.cmd', reply: '_INBOX.a' })
    expect(Buffer.from(message!.bytes).toString()).toBe(JSON.stringify(body))
    expect(message?.headers).toEqual([
      ['Waggle-Forwarded', expect.stringMatching(`^default experience.record [0-9a-f-]{36} ${sampleId(77)} 1 1$`)],
    ])
  })

  it('is a copy: the connection reuses what it received', () => {
    const { router, beat, forwarded } = scripted()
    const data = encodeBody({ collective: sampleId(3), content: 'x' }, 'json')
    router.request({ subject: apiSubject(DEFAULT_TENANT, 'experience.record'), reply: '_INBOX.a', data })
    data.fill(0)
    beat(0, 1)
    expect(Buffer.from(forwarded()[0]!.bytes).toString()).toContain('"content":"x"')
  })
})

describe('a request to all shards', () => {
  const answer = { items: [] }

  it('O1 is answered in the router’s inbox, and ends with the last answer', () => {
    const { router, beat, ask, forwarded, answers } = scripted()
    beat(0, 2)
    beat(1, 2)
    ask('collective.list', {})
    for (const { reply } of forwarded()) {
      expect(reply).toMatch(/^waggle\.internal\.router\.x\.1\.[01]$/)
      expect(answers()).toEqual([])
      router.answer({ subject: reply!, data: encodeReply(answer, 'json', 1_000).bytes })
    }
    expect(answers()).toEqual([answer])
    expect(router.figures()).toMatchObject({ kept: 0, keptBytes: 0, fanOuts: 0 })
  })

  it('O2 ends with the first refusal, and keeps nothing', () => {
    const { router, beat, ask, forwarded, answers, wait } = scripted()
    beat(0, 3)
    ask('collective.list', { timeoutMs: 500 })
    expect(router.figures()).toMatchObject({ kept: 3, fanOuts: 1 })
    wait(1_500)
    expect(answers()).toEqual(['SHARD_NOT_READY'])
    expect(router.figures()).toMatchObject({ kept: 0, keptBytes: 0, fanOuts: 0 })
    router.answer({ subject: forwarded()[0]!.reply!, data: encodeReply(answer, 'json', 1_000).bytes })
    expect(answers()).toHaveLength(1)
  })

  it('O3 P11 is refused when there are too many', () => {
    const { router, beat, ask, answers } = scripted()
    beat(0, 2)
    for (let count = 0; count <= FAN_OUTS_MAX; count += 1) ask('collective.list', {})
    expect(answers()).toEqual(['BUSY'])
    expect(router.figures()).toMatchObject({ fanOuts: FAN_OUTS_MAX })
  })

  it('P10 ends with INTERNAL when an answer is none', () => {
    const { router, beat, ask, forwarded, answers } = scripted()
    beat(0, 1)
    ask('collective.list', {})
    router.answer({ subject: forwarded()[0]!.reply!, data: Buffer.from('{"ok":1}') })
    expect(answers()).toEqual(['INTERNAL'])
  })
})

describe('W4 a router that leaves', () => {
  it('ends everything, and ticks no more', async () => {
    const { router, beat, ask, answers, wait, timers } = scripted()
    beat(0, 2)
    ask('collective.list', {})
    const drained = router.drain()
    wait(2_100)
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    await drained
    expect(answers()).toEqual(['SHARD_NOT_READY'])
    expect(timers.size).toBe(0)
  })
})
