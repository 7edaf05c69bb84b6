import {
  parseTraceContext,
  silentLogger,
  silentTracer,
  systemIds,
  traceHeaders,
  type Logger,
  type TraceContext,
} from '@waggle/kernel'
import { manualClock, recordingTracer } from '@waggle/kernel/testing'
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
  replicaBeatSubject,
  SYSTEM_TENANT,
} from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { sampleBeat, sampleId, sampleReplicaBeat } from '../testing/sample-beat.ts'
import { FAN_OUTS_MAX, TICK_MS } from './limits.ts'
import type { PublishOptions } from './outbox.ts'
import { Router } from './router.ts'

interface Published extends PublishOptions {
  readonly subject: string
  readonly bytes: Uint8Array
}

/** A router whose messages and time the test sees. */
const scripted = (logger: Logger = silentLogger, tracer = silentTracer) => {
  const clock = manualClock()
  const published: Published[] = []
  const timers = new Set<{ atMs: number; callback: () => void }>()
  const router = new Router({
    ...{ id: sampleId(77), inbox: 'waggle.internal.router.x', node: 'router-1', pid: 1, clock, ids: systemIds, logger },
    tracer,
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
  const ask = (operation: string, body: object, trace?: TraceContext) =>
    router.request({
      trace,
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

describe('W2 the trace of a request', () => {
  const trace = parseTraceContext('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'a=1')!
  const body = { collective: sampleId(3), content: 'x' }

  it('goes on as a part of the router’s span, which ends when the request is on its way', () => {
    const { tracer, spans } = recordingTracer()
    const { beat, ask, forwarded } = scripted(silentLogger, tracer)
    ask('experience.record', body, trace)
    expect(spans).toEqual([])
    beat(0, 1)
    expect(spans).toMatchObject([
      {
        ...{ name: 'waggle.route experience.record', kind: 'server', parent: trace },
        attributes: { 'waggle.tenant': DEFAULT_TENANT, 'waggle.collective': sampleId(3) },
      },
    ])
    expect(forwarded()[0]?.headers?.slice(1)).toEqual(traceHeaders(spans[0]!.context))
  })

  it('goes on as it came where nobody collects, and there is none where none came', () => {
    const { beat, ask, forwarded } = scripted()
    beat(0, 1)
    ask('experience.record', body, trace)
    ask('experience.record', body)
    expect(forwarded().map(({ headers }) => headers?.slice(1))).toEqual([traceHeaders(trace), []])
  })

  it('K6 goes to every shard that is asked for its sake, and ends with what became of it', () => {
    const { tracer, spans } = recordingTracer()
    const { beat, ask, forwarded, wait } = scripted(silentLogger, tracer)
    for (const shard of [0, 1]) beat(shard, 2)
    ask('collective.list', {}, trace)
    expect(forwarded().map(({ headers }) => headers?.[1]?.[1]?.slice(0, 35))).toEqual([
      `00-${trace.traceId}`,
      `00-${trace.traceId}`,
    ])
    expect(spans).toEqual([])
    wait(30_000)
    expect(spans).toMatchObject([{ name: 'waggle.route collective.list', code: 'SHARD_NOT_READY' }])
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

describe('T6 a read that a follower may answer', () => {
  const heardFollower = () => {
    const script = scripted()
    const data = encodeClusterMessage(sampleReplicaBeat())
    script.router.replicaBeat({ subject: replicaBeatSubject(0, 'shard-2'), data })
    return script
  }
  const read = { collective: sampleId(3), consistency: 'any' }

  it('W2 goes to its own subject, with the client’s reply subject', () => {
    const { router, ask, forwarded } = heardFollower()
    ask('collective.stats', read)
    const [message] = forwarded()
    expect(message).toMatchObject({ subject: 'shard.0.read.shard-2', reply: '_INBOX.a' })
    expect(message?.headers).toEqual([
      ['Waggle-Forwarded', expect.stringMatching(`^default collective.stats [0-9a-f-]{36} ${sampleId(77)} 1 1$`)],
    ])
    expect(router.figures()).toMatchObject({ toFollowers: 1, forwarded: 0, kept: 1 })
  })

  it('K6 is also a part of a question to all shards, and no other kind of request is', () => {
    const { ask, forwarded } = heardFollower()
    ask('collective.list', { consistency: 'any' })
    expect(forwarded()).toMatchObject([{ subject: 'shard.0.read.shard-2', reply: 'waggle.internal.router.x.1.0' }])
    ask('collective.getOrCreate', { name: 'n', dimension: 2, consistency: 'any' })
    ask('collective.stats', { ...read, consistency: 'strong' })
    ask('watch.next', { ...read, waitMs: 0 })
    ask('experience.delete', { ...read, id: sampleId(4) })
    expect(forwarded()).toHaveLength(1)
  })

  it('W3 P10 is not sent to who speaks on another’s subject', () => {
    const { router, ask, forwarded } = scripted()
    const data = encodeClusterMessage(sampleReplicaBeat())
    for (const subject of [replicaBeatSubject(0, 'other'), replicaBeatSubject(1, 'shard-2')])
      router.replicaBeat({ subject, data })
    ask('collective.stats', read)
    expect(forwarded()).toEqual([])
    expect(router.figures()).toMatchObject({ undecodable: 2, failures: 0 })
  })
})

describe('a command of an operator', () => {
  const command = (operation: string, fields: object, heard: 'both' | 'shards' | 'nobody' = 'both', silentMs = 0) => {
    const { router, published, beat, wait } = scripted()
    if (heard !== 'nobody') beat(0, 2)
    if (heard === 'both') {
      const active = { kind: 'compactor', compactor: 'c1', pid: 1, active: true, safePoints: {}, servers: [] } as const
      for (const each of [active, { ...active, compactor: 'c2', active: false }])
        router.compactorBeat({ subject: compactorBeatSubject(each.compactor), data: encodeClusterMessage(each) })
      const node = { kind: 'node', node: 'n1', pid: 2, version: '0', draining: false, leads: [], halted: [] } as const
      router.nodeBeat({ subject: nodeBeatSubject('n1'), data: encodeClusterMessage(node) })
    }
    wait(silentMs)
    const reply = 'waggle.inbox.$sys.x'
    router.request({ subject: apiSubject(SYSTEM_TENANT, operation), reply, data: encodeBody(fields, 'json') })
    return published.map(({ subject, bytes, reply: back, headers }) => {
      if (subject !== reply) return { subject, body: Buffer.from(bytes).toString(), reply: back, headers }
      try {
        return decodeReply(bytes)
      } catch (error) {
        return (error as { code: string }).code
      }
    })
  }

  it('Y1 goes to the active compactor, as it came, under a header of the router’s own', () => {
    expect(command('checkpoint.create', { shard: 1 })).toEqual([
      {
        ...{ subject: 'compactor.c1.cmd', body: '{"shard":1}', reply: 'waggle.inbox.$sys.x' },
        headers: [['Waggle-Operator', 'checkpoint.create']],
      },
    ])
  })

  it('Y1 goes to the node that it names', () => {
    expect(command('node.drain', { node: 'n1' })).toMatchObject([{ subject: 'node.n1.cmd', body: '{"node":"n1"}' }])
  })

  it.each([
    ['a shard that is not there', 'log.prune', { shard: 2 }, 'both', 0, 'INVALID_FIELD'],
    ['a node that is not there', 'node.drain', { node: 'n2' }, 'both', 0, 'NOT_FOUND'],
    ['a node that was heard of long ago', 'node.drain', { node: 'n1' }, 'both', 4_000, 'NOT_FOUND'],
    ['no compactor', 'verify.run', {}, 'shards', 0, 'SHARD_NOT_READY'],
    ['one that was heard of long ago', 'verify.run', {}, 'both', 4_000, 'SHARD_NOT_READY'],
    ['no cluster', 'checkpoint.list', {}, 'nobody', 0, 'SHARD_NOT_READY'],
  ] as const)('Y2 P10 is refused at once for %s', (_, operation, fields, heard, silentMs, code) => {
    expect(command(operation, fields, heard, silentMs)).toEqual([code])
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
