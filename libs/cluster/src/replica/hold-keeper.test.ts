import { openTestEngine, type TestEngine } from '@waggle/engine/testing'
import { silentLogger } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import type { ReplicaBeat } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { HoldKeeper } from './hold-keeper.ts'
import type { Replica } from './replica.ts'

const clock = manualClock()
let opened: TestEngine
let holds: HoldKeeper
let syncs = 0
let failures: unknown[] = []
let sync: () => Promise<number>

beforeEach(async () => {
  opened = await openTestEngine({ fence: 'log', clock })
  failures = []
  syncs = 0
  sync = () => Promise.resolve(opened.engine.position.tip.sequence)
  holds = new HoldKeeper({
    replica: {
      ...{ engine: opened.engine, shardLog: { shard: 0 } },
      sync: () => {
        syncs += 1
        return sync()
      },
    } as unknown as Replica,
    ...{ node: 'n1', clock, logger: silentLogger, onFailed: (error) => failures.push(error) },
  })
})

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

const tick = async (elapsedMs: number, leads = true): Promise<void> => {
  clock.advance(elapsedMs)
  holds.tick({ leads })
  await settle()
}

const say = (node: string, hold: number): void => holds.heard({ node, hold } as ReplicaBeat)
const last = (): number => opened.stream.bounds().last
const write = (name: string) => opened.call('collective.create', { name, dimension: 2 })

describe('the keeper of holds', () => {
  test('K1 a hold is what was synced, every 10 s, whether it leads or not', async () => {
    expect(holds.hold).toBe(0)
    await tick(0, false)
    const first = last()
    expect(holds.hold).toBe(first)
    await write('a')
    await tick(9_999, false)
    expect(holds.hold).toBe(first)
    await tick(1, false)
    expect(holds.hold).toBe(first + 1)
    expect(syncs).toBe(2)
    expect(opened.engine.holds()).toEqual({})
  })

  test('K1 a leader logs its own and those that it hears, all in one record', async () => {
    await write('a')
    await tick(0)
    say('n2', 1)
    say('n3', 2)
    const before = last()
    await tick(1_000)
    expect(opened.engine.holds()).toEqual({ n1: before, n2: 1, n3: 2 })
    expect(last()).toBe(before + 1)
  })

  test('Q1 where nothing else is appended, holds come to rest', async () => {
    await write('a')
    for (let round = 0; round < 5; round += 1) {
      await tick(10_000)
      for (const name of ['n2', 'n3']) say(name, last())
      await tick(1_000)
    }
    const rested = last()
    for (let round = 0; round < 10; round += 1) {
      await tick(10_000)
      for (const name of ['n2', 'n3']) say(name, last())
      await tick(1_000)
    }
    expect(last()).toBe(rested)
    for (let n = 0; n < 10; n += 1) await write(`b ${n}`)
    await tick(10_000)
    await tick(1_000)
    expect(opened.engine.holds().n1).toBe(rested + 10)
  })

  test('Q2 what was said too long ago is not logged', async () => {
    await tick(0)
    say('n2', 1)
    await tick(2_000)
    expect(Object.keys(opened.engine.holds())).toEqual(['n1'])
    expect([...holds.heardAtMs.keys()]).toEqual(['n2'])
  })

  test('K1 a sync that fails moves nothing and is told; closing waits for one that is under way', async () => {
    sync = () => Promise.reject(new Error('no'))
    await tick(0)
    expect(holds.hold).toBe(0)
    expect(failures).toHaveLength(1)
    let finish = (): void => undefined
    sync = () => new Promise((resolve) => (finish = () => resolve(1)))
    await tick(10_000)
    let isClosed = false
    const closing = holds.close().then(() => (isClosed = true))
    await settle()
    expect(isClosed).toBe(false)
    finish()
    await closing
  })
})
