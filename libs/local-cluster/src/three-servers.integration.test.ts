/** A cluster of three servers: what a minority of its processes does is no matter, and shard processes come and go. */
import { Waggle } from '@waggle/client'
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
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

afterEach(() => {
  cluster.links?.heal()
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

  const added = await cluster.addNode()
  await write()
  expect(await cluster.removeNode('node-1')).toBe(true)
  await write()
  await eventually(
    async () => (await listShards(cluster)).every(({ leader }) => leader === added || leader === 'node-2'),
    () => cluster.children(),
  )
  expect(await hive.stats({ consistency: 'strong' })).toMatchObject({ experienceCount: count })
  await waggle.close()
})

const CLIENTS = 6
const CUT_OFF = 'nats-3'
const OTHERS = ['nats-1', 'nats-2']

const connectionsOf = (name: string, server: string): number =>
  cluster.links?.between(name, server).reduce((sum, { connections }) => sum + connections, 0) ?? 0

/** What somebody says when connections are not where they should be. */
const connections = (names: readonly string[]) => () =>
  names.map((name) => [name, ...[...OTHERS, CUT_OFF].map((server) => connectionsOf(name, server))])

/** Waits until all connections of these are at the server that will be cut off. */
const gather = async (names: readonly string[]): Promise<void> => {
  const disturb = (isCut: boolean): void => {
    for (const name of names) for (const other of OTHERS) cluster.links?.disturb(name, other, { isCut })
  }
  const before = names.map((name) => [...OTHERS, CUT_OFF].reduce((sum, server) => sum + connectionsOf(name, server), 0))
  disturb(true)
  await eventually(
    () => names.every((name, place) => connectionsOf(name, CUT_OFF) === before[place]),
    connections(names),
  )
  disturb(false)
}

/** Waits until one connection of each is there, and the others are not. */
const leaveOne = (names: readonly string[]): Promise<void> =>
  eventually(() => {
    const tooMany = names.filter((name) => connectionsOf(name, CUT_OFF) > 1)
    for (const name of tooMany) for (const link of cluster.links?.between(name, CUT_OFF) ?? []) link.endLast()
    return tooMany.length === 0
  }, connections(names))

const serving = (): readonly string[] =>
  cluster
    .processes()
    .filter(({ role }) => role !== 'nats')
    .map(({ name }) => name)
const nodes = (): readonly string[] =>
  cluster
    .processes()
    .filter(({ role }) => role === 'shard')
    .map(({ name }) => name)

describe('P5 V4 I1 I2: whoever is connected to a server that is cut off from the others finds another one', () => {
  const placements: readonly (readonly [string, () => Promise<void>])[] = [
    ['everybody', () => gather([...serving(), 'clients'])],
    [
      'one of the two connections of each node',
      async () => {
        await gather(nodes())
        await leaveOne(nodes())
      },
    ],
    ['whom chance leads there', async () => undefined],
  ]
  it.each(placements)('%s', async (_, place) => {
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, () => Waggle.connect({ servers: cluster.url, timeoutMs: 60_000 })),
    )
    const { id: cutOff } = await clients[0]!.createCollective({ name: 'cut off', dimension: 2 })
    const hives = await Promise.all(clients.map((client) => client.collective(cutOff)))
    await place()
    for (const other of OTHERS) cluster.links?.disturb(CUT_OFF, other, { isCut: true })
    const written = await Promise.all(hives.map((hive, at) => hive.record({ content: `${at}`, embedding: [1, 0] })))
    cluster.links?.heal()
    for (const [at, { id, token }] of written.entries())
      expect(await hives[at]!.get(id, { token })).toMatchObject({ content: `${at}` })
    await Promise.all(clients.map((client) => client.close()))
  })
})
