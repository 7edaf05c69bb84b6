/** Random histories of whole memories on a cluster whose leaders are killed: the model is right all the same. */
import { connectCaller } from '@waggle/client'
import { MemoryHistory, temporaryFolder, type CallOperation, type TemporaryFolder } from '@waggle/engine/testing'
import { isFault } from '@waggle/kernel'
import { afterEach, expect, test } from 'vitest'
import { startLocalCluster, type LocalCluster } from './local-cluster.ts'
import { eventually } from './testing/cluster-state.ts'

const HISTORIES = 6
const STEPS = 150

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

test('P1 P2 P3 P4 P5 leaders are killed one after the other, and every memory is what its model says', async () => {
  folder = await temporaryFolder()
  cluster = await startLocalCluster({ folder: folder.path, shards: 4, nodes: 2, environment: process.env })
  const running = cluster
  const caller = await connectCaller({ servers: running.url })
  const call = patient((operation, body) => caller.call(operation, body))
  const histories = Array.from({ length: HISTORIES }, (_, index) => new MemoryHistory(201 + index, STEPS))
  let done = 0
  const run = async (history: MemoryHistory): Promise<void> => {
    await history.create(call)
    for (let step = 0; step < STEPS; step += 1) {
      expect(await history.step(call, step)).toBeUndefined()
      done += 1
    }
  }
  const all = Promise.all(histories.map(run))
  for (let kill = 1; kill <= 4; kill += 1) {
    await Promise.race([
      all,
      eventually(
        () => done >= (HISTORIES * STEPS * kill) / 5,
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
  for (const history of histories) expect(await history.read(call)).toEqual(history.state)
  await caller.close()
})
