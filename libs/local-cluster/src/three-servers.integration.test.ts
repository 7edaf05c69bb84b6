/** A cluster of three servers: what a minority of its processes does is no matter, and shard processes come and go. */
import { Waggle } from '@waggle/client'
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startLocalCluster, type LocalCluster } from './local-cluster.ts'
import { eventually, listShards } from './testing/cluster-state.ts'

let folder: TemporaryFolder
let cluster: LocalCluster

beforeAll(async () => {
  folder = await temporaryFolder()
  cluster = await startLocalCluster({
    ...{ folder: folder.path, servers: 3, shards: 2, nodes: 2, hasLinks: true, environment: process.env },
  })
})

afterAll(async () => {
  await cluster.stop()
  await folder.remove()
})

it('P1 P5 V5: a server that is down, one that is cut off and a node that goes take nothing with them', async () => {
  const waggle = await Waggle.connect({ servers: cluster.url, timeoutMs: 60_000 })
  const hive = await waggle.createCollective({ name: 'three', dimension: 2 })
  let count = 0
  const write = async (): Promise<void> => {
    count += 1
    const { id, token } = await hive.record({ content: `record ${count}`, embedding: [1, count] })
    expect((await hive.get(id, { token }))?.content).toBe(`record ${count}`)
  }
  await write()

  const server = cluster.processes().find(({ name }) => name === 'nats-2')!
  await server.holdDown()
  expect(server.folder).toBe(`${folder.path}/nats-2`)
  await write()
  await server.letGo()
  await write()

  cluster.links?.disturb('nats-3', '*', { isCut: true })
  // Whoever is connected to that very server leaves it.
  await write()
  cluster.links?.heal()
  await write()

  const added = await cluster.addProcess('shard')
  await write()
  expect(await cluster.removeProcess('node-1')).toBe(true)
  await write()
  await eventually(
    async () => (await listShards(cluster)).every(({ leader }) => leader === added || leader === 'node-2'),
    () => cluster.children(),
  )
  expect(await hive.stats({ consistency: 'strong' })).toMatchObject({ experienceCount: count })
  await waggle.close()
})
