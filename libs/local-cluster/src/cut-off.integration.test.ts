/**
 * Three servers, one of which is cut off from the others while certain connections are at it. Each time on a cluster of
 * its own: once a link has been cut and is whole again, servers may connect past it.
 */
import { Waggle } from '@waggle/client'
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startLocalCluster, type LocalCluster } from './local-cluster.ts'
import { eventually } from './testing/cluster-state.ts'

let folder: TemporaryFolder
let cluster: LocalCluster

beforeEach(async () => {
  folder = await temporaryFolder()
  cluster = await startLocalCluster({
    ...{ folder: folder.path, servers: 3, shards: 2, nodes: 2, hasLinks: true, environment: process.env },
  })
})

afterEach(async () => {
  await cluster.stop()
  await folder.remove()
})

const CLIENTS = 6
const CUT_OFF = 'nats-3'
const OTHERS = ['nats-1', 'nats-2']

const CONNECTIONS = { nats: 0, router: 1, shard: 2, compactor: 2 }

/** How many connections everybody has who is connected to servers. */
const everybody = (): ReadonlyMap<string, number> =>
  new Map([
    ...cluster.processes().map(({ name, role }) => [name, CONNECTIONS[role]] as const),
    ['clients', CLIENTS] as const,
  ])

const connectionsTo = (server: string, name: string): number =>
  cluster.links?.between(name, server).reduce((sum, { connections }) => sum + connections, 0) ?? 0

/** What is said when connections are not where they should be. */
const told = (names: readonly string[]) => () =>
  names.map((name) => [name, ...[...OTHERS, CUT_OFF].map((server) => connectionsTo(server, name))])

/** Waits until all connections of these are at the server that will be cut off. */
const gather = async (names: readonly string[]): Promise<void> => {
  const disturb = (isCut: boolean): void => {
    for (const name of names) for (const other of OTHERS) cluster.links?.disturb(name, other, { isCut })
  }
  disturb(true)
  await eventually(() => names.every((name) => connectionsTo(CUT_OFF, name) === everybody().get(name)), told(names))
  disturb(false)
}

/** Waits until one of the two connections of each is there, and the other is not. */
const part = async (names: readonly string[]): Promise<void> => {
  await gather(names)
  await eventually(() => {
    for (const name of names)
      if (connectionsTo(CUT_OFF, name) > 1)
        for (const link of cluster.links?.between(name, CUT_OFF) ?? []) link.endLast()
    return names.every(
      (name) => connectionsTo(CUT_OFF, name) === 1 && OTHERS.some((other) => connectionsTo(other, name) === 1),
    )
  }, told(names))
}

const serving = (): readonly string[] => [...everybody()].flatMap(([name, count]) => (count > 0 ? [name] : []))
const nodes = (): readonly string[] => serving().filter((name) => name.startsWith('node-'))

describe('P5 V4 I1 I2: whoever is connected to a server that is cut off from the others finds another one', () => {
  it.each<[string, () => Promise<void>]>([
    ['everybody', () => gather(serving())],
    ['one of the two connections of each node', () => part(nodes())],
  ])('%s', async (_, place) => {
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
