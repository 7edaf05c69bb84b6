/** V4: whatever happens to the process that started a cluster, no child survives it, and the data do. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Waggle } from '@waggle/client'
import { startChild, temporaryFolder, type ChildScript, type TemporaryFolder } from '@waggle/engine/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { startLocalCluster } from './local-cluster.ts'
import { eventually } from './testing/cluster-state.ts'
import { processesOf } from './testing/processes.ts'
import type { ClusterChild } from './cluster-folder.ts'

const PARENT = new URL('./testing/parent.child.ts', import.meta.url)
/** The guard lets a drain take 5 s; on a machine that does other things at the same time it takes some more. */
const GONE_MS_MAX = 20_000

let folder: TemporaryFolder | undefined
let parent: ChildScript | undefined

afterEach(async () => {
  parent?.signal('SIGKILL')
  if (folder !== undefined) await nothingLeft(folder.path)
  await folder?.remove()
})

const startParent = async (): Promise<{ readonly folder: string; readonly parent: ChildScript }> => {
  folder = await temporaryFolder()
  parent = startChild(PARENT, { args: [folder.path] })
  return { folder: folder.path, parent }
}

const nothingLeft = async (path: string): Promise<void> => {
  const left = () => processesOf(path)
  await eventually(() => left().length === 0, left, GONE_MS_MAX)
}

const childrenIn = (file: string): readonly ClusterChild[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as { readonly children: readonly ClusterChild[] }).children

describe('kill -9 of the parent', () => {
  it('V4: of a cluster that is ready ends every child, and a new one goes on with the data at once', async () => {
    const { folder, parent } = await startParent()
    expect(await parent.line()).toMatch(/^listening nats:/)
    const url = (await parent.line()).replace('ready ', '')
    const children = childrenIn(path.join(folder, 'cluster.json'))
    expect(children.map(({ role }) => role).sort()).toEqual(['compactor', 'nats', 'router', 'shard'])
    const waggle = await Waggle.connect({ servers: url })
    const hive = await waggle.createCollective({ name: 'kept', dimension: 2 })
    const { id } = await hive.record({ content: 'acknowledged', embedding: [1, 0] })
    await waggle.close()

    parent.signal('SIGKILL')
    // Not waiting for the old ones: that is what the new one has to do.
    const next = await startLocalCluster({ folder, environment: process.env })
    try {
      const pids = new Set(next.children().map(({ pid }) => pid))
      const old = processesOf(folder).filter(({ pid }) => children.some((child) => child.pid === pid))
      expect([next.shards, old]).toEqual([2, []])
      expect(children.some(({ pid }) => pids.has(pid))).toBe(false)
      const again = await Waggle.connect({ servers: next.url })
      expect((await (await again.collective('kept')).get(id))?.content).toBe('acknowledged')
      await again.close()
    } finally {
      await next.stop()
    }
    await nothingLeft(folder)
  })

  it('U4: while it starts the server ends that, too', async () => {
    const { folder, parent } = await startParent()
    const isServer = ({ command }: { readonly command: string }) => command.includes('nats-server')
    await eventually(
      () => processesOf(folder).some((each) => isServer(each) && !each.command.includes('guard')),
      () => processesOf(folder),
    )
    parent.signal('SIGKILL')
    await parent.ended
    await nothingLeft(folder)
  })

  it('Z2: with its guard leaves a server, which the next start in the folder ends', async () => {
    const { folder, parent } = await startParent()
    await parent.line()
    await parent.line()
    const left = () => processesOf(folder)
    for (const { pid } of left().filter(({ command }) => command.includes('guard.mjs'))) process.kill(pid, 'SIGKILL')
    parent.signal('SIGKILL')
    await parent.ended
    expect(left().some(({ command }) => command.includes('nats-server'))).toBe(true)
    const before = new Set(left().map(({ pid }) => pid))
    const next = await startLocalCluster({ folder, environment: process.env })
    expect(left().filter(({ pid }) => before.has(pid))).toEqual([])
    expect(await next.stop()).toBe(true)
    await nothingLeft(folder)
  })

  it('U2: children that were halted are killed', async () => {
    const { folder, parent } = await startParent()
    await parent.line()
    await parent.line()
    for (const { pid } of childrenIn(path.join(folder, 'cluster.json'))) process.kill(pid, 'SIGSTOP')
    parent.signal('SIGKILL')
    await parent.ended
    await nothingLeft(folder)
  })
})
