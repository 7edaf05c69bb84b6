/** A leader that was held up: what it knew before may be out of date, and nothing of it may leave as an answer. */
import { openTestEngine, type TestEngine } from '@waggle/engine/testing'
import { silentLogger, systemIds, systemTimers } from '@waggle/kernel'
import { manualClock, type ManualClock } from '@waggle/kernel/testing'
import {
  commandSubject,
  decodeReply,
  DEFAULT_TENANT,
  encodeBody,
  encodeForwarded,
  FORWARDED_HEADER,
} from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Bus, BusMessage } from '../nats/bus.ts'
import { headersOf } from '../nats/headers.ts'
import type { Replica } from '../replica/replica.ts'
import { Serving } from './serving.ts'

const INBOX = '_INBOX.abc.1'

let clock: ManualClock
let leader: TestEngine
let serving: Serving
let answers: unknown[]
let reads: number
let take: (message: BusMessage) => void

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

beforeEach(async () => {
  clock = manualClock()
  leader = await openTestEngine({ fence: 'log', clock })
  answers = []
  reads = 0
  const { epoch } = leader.engine.position
  const connection = {
    isClosed: () => false,
    flush: () => Promise.resolve(),
    subscribe(subject: string, { callback }: { callback: (error: Error | null, message: BusMessage) => void }) {
      if (subject === commandSubject(0, epoch.sequence)) take = (message) => callback(null, message)
      return { unsubscribe: () => undefined }
    },
    publish(subject: string, bytes: Uint8Array) {
      if (subject === INBOX) answers.push(decodeReply(bytes))
    },
  } as unknown as Bus
  const begun = await Serving.begin({
    ...{
      connection,
      shard: 0,
      shards: 1,
      node: 'n1',
      pid: 1,
      epoch,
      clock,
      timers: systemTimers,
      logger: silentLogger,
    },
    replica: {
      ...{ engine: leader.engine, shardLog: { stream: 'WAGGLE_0_test' } },
      checkpoints: {},
    } as unknown as Replica,
    status: () => ({ first: 1, last: 1, bytes: 1, bytesMax: 1_000, records: 1 }) as never,
    trouble: () => undefined,
    refusal: () => undefined,
    upkeep: () => Promise.resolve({}),
    isServing: () => true,
    reads: () => reads,
    onRead: () => (reads += 1),
  })
  if (begun === undefined) throw new Error('it does not serve')
  serving = begun
})

const ask = (number: number): void => {
  const header = encodeForwarded({
    ...{ tenant: DEFAULT_TENANT, operation: 'collective.list', requestId: systemIds.uuid() },
    ...{ router: '00000000-0000-7000-8000-000000000001' as never, number, lowest: 1 },
  })
  take({
    ...{ subject: commandSubject(0, 1), reply: INBOX, data: encodeBody({}, 'messagePack') },
    headers: headersOf([[FORWARDED_HEADER, header]]),
  })
}

const last = (): number => leader.stream.bounds().last

describe('a leader as its clients see it', () => {
  test('T3 P5 one that beats all the time answers reads without asking the log', async () => {
    const before = last()
    for (let n = 1; n <= 4; n += 1) {
      clock.advance(1_000)
      serving.beat(true)
      ask(n)
      await settle()
    }
    expect(answers).toHaveLength(4)
    expect(reads).toBe(4)
    expect(last()).toBe(before)
  })

  test('T3 P5 one that was held up answers only when an append shows that it still leads', async () => {
    const before = last()
    clock.advance(1_501)
    ask(1)
    ask(2)
    await settle()
    expect(answers).toHaveLength(2)
    expect(last()).toBe(before + 1)
    ask(3)
    await settle()
    expect(last()).toBe(before + 1)
  })

  test('T3 P5 one that was deposed meanwhile answers nothing', async () => {
    clock.advance(1_501)
    const successor = await openTestEngine({ stream: leader.stream, fence: 'log', clock, seed: 2 })
    await successor.call('collective.create', { name: 'newer', dimension: 2 })
    ask(1)
    await settle()
    ask(2)
    await settle()
    expect(answers).toEqual([])
  })
})
