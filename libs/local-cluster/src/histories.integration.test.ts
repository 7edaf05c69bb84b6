/** Random histories of memories and stores on a cluster whose leaders are killed: the models are right all the same. */
import { connectCaller } from '@waggle/client'
import {
  MemoryHistory,
  StoreHistory,
  temporaryFolder,
  type CallOperation,
  type TemporaryFolder,
} from '@waggle/engine/testing'
import { isFault } from '@waggle/kernel'
import { afterEach, expect, test } from 'vitest'
import { startLocalCluster, type LocalCluster } from './local-cluster.ts'
import { eventually } from './testing/cluster-state.ts'

const MEMORIES = 5
const STORES = 3
const STEPS = 150
const ALL_STEPS = (MEMORIES + STORES) * STEPS
/** How long a replica waits for news before it looks whether there will be any. */
const FOLLOW_MS = 500

let folder: TemporaryFolder | undefined
let cluster: LocalCluster | undefined

afterEach(async () => {
  await cluster?.stop()
  await folder?.remove()
})

/** What an agent does that must not lose its memory: it tries again, with the same key. */
const patient =
  (call: CallOperation): CallOperation =>
  async (operation, body) => {
    for (;;)
      try {
        return await call(operation, body)
      } catch (error) {
        if (!isFault(error) || !['busy', 'notReady', 'unavailable', 'moved'].includes(error.kind)) throw error
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
  }

test('P1 P2 P3 P4 P5 P6 leaders are killed one after the other, and all is what its model says', async () => {
  folder = await temporaryFolder()
  cluster = await startLocalCluster({ folder: folder.path, shards: 4, nodes: 2, environment: process.env })
  const running = cluster
  const caller = await connectCaller({ servers: running.url })
  const call = patient((operation, body) => caller.call(operation, body))
  const memories = Array.from({ length: MEMORIES }, (_, index) => new MemoryHistory(201 + index, STEPS))
  const stores = Array.from({ length: STORES }, (_, index) => new StoreHistory(211 + index, STEPS))
  let done = 0
  const run = async (history: MemoryHistory | StoreHistory): Promise<void> => {
    await history.create(call)
    for (let step = 0; step < STEPS; step += 1) {
      expect(await history.step(call, step)).toBeUndefined()
      done += 1
    }
  }
  const follow = async (history: StoreHistory): Promise<void> => {
    await history.create(call)
    const writing = { isOver: false }
    const written = run(history).finally(() => (writing.isOver = true))
    while (!writing.isOver) await history.follow(call, FOLLOW_MS)
    await written
    await history.follow(call, 0)
  }
  const all = Promise.all([...memories.map(run), ...stores.map(follow)])
  for (let kill = 1; kill <= 4; kill += 1) {
    await Promise.race([
      all,
      eventually(
        () => done >= (ALL_STEPS * kill) / 5,
        () => done,
      ),
    ])
    const pids = running.children().flatMap((child) => (child.role === 'shard' ? [child.pid] : []))
    process.kill(pids[kill % 2] as number, 'SIGKILL')
    await eventually(
      () => running.children().filter(({ role }) => role === 'shard').length === 2,
      () => running.children(),
    )
  }
  await all
  for (const history of [...memories, ...stores]) expect(await history.read(call)).toEqual(history.state)
  for (const { replica, state } of stores) expect(replica).toEqual(state.keys)
  await caller.close()
})
