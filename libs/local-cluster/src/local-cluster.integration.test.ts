/** The life of a cluster on this machine: one cluster for most tests, since each costs seconds. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import path from 'node:path'
import { connectOperator, Waggle } from '@waggle/client'
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClusterChild } from './cluster-folder.ts'
import { startLocalCluster, type LocalCluster } from './local-cluster.ts'
import { findOperatorAccess } from './registry.ts'
import { eventually } from './testing/cluster-state.ts'
import { processesOf } from './testing/processes.ts'

let folder: TemporaryFolder
let state: TemporaryFolder
let cluster: LocalCluster

const start = async (options: { readonly shards?: number; readonly port?: number } = {}): Promise<LocalCluster> =>
  startLocalCluster({ folder: folder.path, stateFolder: state.path, environment: process.env, ...options })

const inFolder = (name: string): string => path.join(folder.path, name)
const listed = (): readonly ClusterChild[] =>
  (JSON.parse(readFileSync(inFolder('cluster.json'), 'utf8')) as { readonly children: readonly ClusterChild[] })
    .children
const pidOf = (role: string): number => cluster.children().find((child) => child.role === role)?.pid ?? -1

/** Kills the child of that role, and waits for another one that the file names, too. */
const killAndWait = async (role: string): Promise<void> => {
  const killed = pidOf(role)
  process.kill(killed, 'SIGKILL')
  await eventually(
    () => listed().some((child) => child.role === role && child.pid !== killed),
    () => listed(),
  )
}

/** One record there and back, through a connection of its own. */
const useIt = async (name: string): Promise<void> => {
  const waggle = await Waggle.connect({ servers: cluster.url })
  const hive = await waggle.getOrCreateCollective({ name, dimension: 2 })
  const { id } = await hive.record({ content: name, embedding: [1, 0] })
  expect((await hive.search({ embedding: [1, 0], k: 1 })).results[0]?.experience.id).toBe(id)
  await waggle.close()
}

beforeAll(async () => {
  folder = await temporaryFolder()
  state = await temporaryFolder()
  cluster = await start({ shards: 2 })
})

afterAll(async () => {
  await cluster.stop()
  await folder.remove()
  await state.remove()
})

describe('a cluster that runs', () => {
  it('V1: serves a connection without credentials, and names its children', async () => {
    await useIt('first')
    expect(listed()).toEqual(cluster.children())
    expect(listed().map(({ role }) => role)).toEqual(['nats', 'compactor', 'shard', 'router'])
    expect(listed()[0]?.port).toBe(cluster.port)
    expect(new Set(processesOf(folder.path).map(({ pid }) => pid))).toContain(pidOf('nats'))
  })

  it('P12: without credentials nobody is an operator; with those of this user one is', async () => {
    const nobody = await connectOperator({ servers: cluster.url })
    await expect(nobody.call('shard.list')).rejects.toMatchObject({ code: 'DENIED' })
    await nobody.close()
    const access = await findOperatorAccess(state.path, cluster.port)
    expect(access).toEqual(cluster.operator)
    expect(JSON.parse(readFileSync(inFolder('operator.json'), 'utf8'))).toEqual(access)
    const files = [inFolder('operator.json'), path.join(state.path, 'waggle', 'clusters', `${cluster.port}.json`)]
    for (const file of files) expect(statSync(file).mode & 0o077).toBe(0)
  })

  it('a folder that is held is refused, and so is a port that is taken', async () => {
    await expect(start()).rejects.toMatchObject({ code: 'DATABASE_LOCKED', details: { pid: process.pid } })
    const other = await temporaryFolder()
    const options = { folder: other.path, port: cluster.port, environment: process.env }
    await expect(startLocalCluster(options)).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      details: { port: cluster.port },
    })
    // V3: what was refused left the folder free.
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as { readonly port: number }
    await expect(startLocalCluster({ ...options, port })).rejects.toMatchObject({ code: 'PORT_TAKEN' })
    probe.close()
    await other.remove()
    await useIt('still there')
  })

  it.each(['router', 'shard', 'compactor', 'nats'])('B1: a %s that was killed is started again', async (role) => {
    await killAndWait(role)
    await useIt(`after ${role}`)
  })

  it('Y1: a guard that was killed is started again', async () => {
    const guards = () => processesOf(folder.path).filter(({ command }) => command.includes('guard.mjs'))
    const [guard] = guards()
    process.kill(guard!.pid, 'SIGKILL')
    await eventually(() => guards().length === 1 && guards()[0]?.pid !== guard!.pid, guards)
  })
})

describe('a cluster that is stopped', () => {
  it('V2: drains, leaves nothing behind, and goes on with its data', async () => {
    expect(await cluster.stop()).toBe(true)
    expect([listed(), processesOf(folder.path)]).toEqual([[], []])
    expect(await findOperatorAccess(state.path, cluster.port)).toBeUndefined()

    await expect(start({ shards: 3 })).rejects.toMatchObject({ code: 'SHARDS_FIXED', details: { shards: 2, asked: 3 } })
    await expect(
      startLocalCluster({ folder: folder.path, servers: 3, environment: process.env }),
    ).rejects.toMatchObject({
      ...{ code: 'SERVERS_FIXED', details: { servers: 1, asked: 3 } },
    })
    cluster = await start({ port: cluster.port })
    expect(cluster.shards).toBe(2)
    const waggle = await Waggle.connect({ servers: cluster.url })
    const names = (await waggle.collectives()).map(({ name }) => name)
    expect(names.sort()).toEqual([
      'after compactor',
      'after nats',
      'after router',
      'after shard',
      'first',
      'still there',
    ])
    await waggle.close()
  })

  it('a folder that cannot be one is refused', async () => {
    const file = path.join(state.path, 'file')
    writeFileSync(file, '')
    const starting = startLocalCluster({ folder: file, environment: process.env })
    await expect(starting).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE', details: { path: file } })
  })

  it('V3: a start that is broken off leaves nothing behind', async () => {
    const other = await temporaryFolder()
    const ended = new AbortController()
    const starting = startLocalCluster({
      ...{ folder: other.path, shards: 2, environment: process.env, signal: ended.signal },
      listening: async () => ended.abort(),
    })
    await expect(starting).rejects.toMatchObject({ code: 'CLOSED' })
    expect(processesOf(other.path)).toEqual([])
    await other.remove()
  })
})
