import { silentLogger, systemTimers } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import {
  decodeInternalRequest,
  decodeReply,
  encodeBody,
  encodeFault,
  encodeReply,
  fault,
  INTERNAL_HEADER,
  OPERATOR_HEADER,
  type Sequence,
} from '@waggle/protocol'
import { describe, expect, test, vi } from 'vitest'
import type { Bus, BusMessage } from '../nats/bus.ts'
import { headersOf } from '../nats/headers.ts'
import { sampleBeat, sampleId } from '../testing/sample-beat.ts'
import { ClusterView } from './cluster-view.ts'
import { OperatorCommands, type OperatorCommandsParts } from './operator-commands.ts'

const SHARDS = 6
const checkpoint = { sequence: 9, digest: 'ab', replicas: [{ node: 'n', digest: 'ab' }], verified: true }

interface Asked {
  readonly subject: string
  readonly kind: string | undefined
  answer(bytes: Uint8Array): void
  fail(): void
}

/** A compactor whose leaders the test is. */
const scripted = (parts: Partial<OperatorCommandsParts> = {}, led = SHARDS) => {
  const asked: Asked[] = []
  const answers: { readonly to: string; readonly reply: unknown }[] = []
  const clock = manualClock()
  const view = new ClusterView()
  for (let shard = 0; shard < led; shard += 1)
    view.hearShard(sampleBeat({ epoch: 5, shard, shards: SHARDS, stream: `S${shard}` }), 0)
  const connection: Pick<Bus, 'request' | 'publish' | 'info'> = {
    info: { max_payload: 1_000_000 },
    request: (subject, _, options) =>
      new Promise<BusMessage>((resolve, reject) => {
        const kind = decodeInternalRequest(options?.headers?.get(INTERNAL_HEADER) ?? '')?.kind
        const answer = (data: Uint8Array) => {
          resolve({ subject: 'x', data })
        }
        asked.push({ subject, kind, answer, fail: () => reject(new Error('no responders')) })
      }),
    publish(to, bytes = new Uint8Array()) {
      try {
        answers.push({ to, reply: decodeReply(bytes) })
      } catch (error) {
        answers.push({ to, reply: (error as { code: string }).code })
      }
    },
  }
  const commands = new OperatorCommands({
    ...{ connection: connection as Bus, node: 'compactor-1', pid: 7, view, clock, timers: systemTimers },
    pruning: { prune: () => Promise.resolve({ horizon: 8, reason: 'hold of n', first: 8, done: true }) },
    ...{ checkpoints: () => Promise.resolve([]), isActive: () => true, logger: silentLogger, ...parts },
  })
  const take = (operation: string, fields: object, reply = 'waggle.inbox.$sys.a') => {
    const headers = headersOf([[OPERATOR_HEADER, operation]])
    commands.take({ subject: 'compactor.compactor-1.cmd', data: encodeBody(fields, 'json'), reply, headers })
  }
  const answered = (count: number) =>
    vi.waitFor(() => {
      expect(answers).toHaveLength(count)
      return answers
    })
  return { asked, answers, answered, take, view, clock }
}

const taken = encodeReply(checkpoint, 'messagePack', 1_000).bytes
const answeredBy = { node: 'compactor-1', pid: 7 }

describe('a command of an operator', () => {
  test.each(['checkpoint.create', 'verify.run'])(
    '%s asks the leader of a shard, and tells what it said',
    async (name) => {
      const { take, asked, answered } = scripted()
      take(name, { shard: 3 })
      await vi.waitFor(() => expect(asked).toMatchObject([{ subject: 'shard.3.5.upkeep', kind: 'takeCheckpoint' }]))
      asked[0]?.answer(taken)
      expect(await answered(1)).toEqual([
        { to: 'waggle.inbox.$sys.a', reply: { items: [{ shard: 3, ...checkpoint }], answeredBy } },
      ])
    },
  )

  test('D4 all shards are asked, a few at a time, and told of in order', async () => {
    const { take, asked, answered } = scripted()
    take('verify.run', {})
    for (let done = 0; done < SHARDS; done += 1) {
      await vi.waitFor(() => expect(asked).toHaveLength(Math.min(SHARDS, done + 4)))
      asked[done]?.answer(taken)
    }
    const [{ reply } = { reply: undefined }] = await answered(1)
    expect((reply as { items: { shard: number }[] }).items.map(({ shard }) => shard)).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('D3 a shard that fails, or has no leader, hides none of the others', async () => {
    const { take, asked, answered, clock } = scripted({}, 2)
    take('checkpoint.create', { timeoutMs: 1_000 })
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    asked[0]?.answer(encodeFault(fault('BUSY', 'later'), 'messagePack').bytes)
    asked[1]?.fail()
    clock.advance(1_000)
    const [{ reply } = { reply: undefined }] = await answered(1)
    const codes = (reply as { items: { fault?: { code: string } }[] }).items.map((item) => item.fault?.code)
    expect(codes).toEqual(['BUSY', ...Array<string>(SHARDS - 1).fill('SHARD_NOT_READY')])
  })

  test('D3 a leader that is not there yet is waited for', async () => {
    const { take, asked, view, answered } = scripted({}, 1)
    take('checkpoint.create', { shard: 1 })
    view.hearShard(sampleBeat({ epoch: 9, shard: 1, shards: SHARDS }), 0)
    await vi.waitFor(() => expect(asked).toMatchObject([{ subject: 'shard.1.9.upkeep' }]))
    asked[0]?.answer(taken)
    await answered(1)
  })

  test('log.prune tells the horizon and where the log begins', async () => {
    const { take, answered } = scripted()
    take('log.prune', { shard: 0 })
    expect(await answered(1)).toMatchObject([
      { reply: { items: [{ shard: 0, horizon: 8, reason: 'hold of n', first: 8 }] } },
    ])
  })

  test('checkpoint.list tells what is kept', async () => {
    const kept = { generation: 'g', sequence: 4 as Sequence, digest: 'ab', bytes: 10, node: 'n', atMs: 5 }
    const { take, answered } = scripted({ checkpoints: (shard) => Promise.resolve(shard === 0 ? [kept] : []) })
    take('checkpoint.list', {})
    expect(await answered(1)).toMatchObject([{ reply: { items: [{ shard: 0, ...kept }] } }])
  })

  test('D2 that is repeated while it is under way is carried out once, and answered each time', async () => {
    const { take, asked, answered } = scripted()
    take('verify.run', { shard: 3 })
    take('verify.run', { shard: 3 }, 'waggle.inbox.$sys.b')
    take('verify.run', { shard: 4 })
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    for (const each of asked) each.answer(taken)
    expect((await answered(3)).map(({ to }) => to.at(-1)).sort()).toEqual(['a', 'a', 'b'])
    expect(asked).toHaveLength(2)
  })

  test('D4 P11 is told BUSY beyond what may be under way', async () => {
    const { take, answers } = scripted({ checkpoints: () => new Promise(() => undefined) })
    for (let shard = 0; shard < 20; shard += 1) take('checkpoint.list', { shard })
    for (let count = 0; count < 100; count += 1) take('checkpoint.list', { shard: 0 })
    await vi.waitFor(() => expect(answers).toHaveLength(4 + 100 - 63))
    expect(new Set(answers.map(({ reply }) => reply))).toEqual(new Set(['BUSY']))
  })

  test.each([
    ['D1 that another compactor got', 'log.prune', {}, undefined, false],
    ['K7 that is not to be answered at an operator', 'log.prune', {}, '_INBOX.x', true],
    ['that is a node’s', 'node.drain', { node: 'n' }, undefined, true],
    ['P10 that is none', 'log.burn', {}, undefined, true],
    ['P10 with fields of another', 'log.prune', { node: sampleId(1) }, undefined, true],
  ])('%s is left alone', async (_, operation, fields, reply, isActive) => {
    const { take, asked, answers } = scripted({ isActive: () => isActive })
    take(operation, fields, reply)
    await new Promise((resolve) => setImmediate(resolve))
    expect([asked, answers]).toEqual([[], []])
  })
})
