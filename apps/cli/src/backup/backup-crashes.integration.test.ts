/** A restore in the middle of which processes are killed: not begun, or begun again, or carried on; never half. */
import path from 'node:path'
import { connectOperator, Waggle, type Operator } from '@waggle/client'
import { isFault, pause, systemClock, systemIds, systemTimers } from '@waggle/kernel'
import { startLocalCluster, type LocalCluster } from '@waggle/local-cluster'
import type { NodeStatus, RestoreLook } from '@waggle/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFolder } from '../testing/store-folder.ts'
import { jsonLines, startWaggle } from '../testing/waggle-process.ts'
import { run } from '../testing/waggle-run.ts'
import type { BackupManifest } from './backup-manifest.ts'

const SHARDS = 2
const RECORDS = 40

const folder = sharedFolder()
let source: LocalCluster
let target: LocalCluster
let operator: Operator
let backup: string
let taken: BackupManifest

const start = async (name: string): Promise<LocalCluster> =>
  startLocalCluster({
    ...{ folder: path.join(folder(), name), stateFolder: path.join(folder(), 'state') },
    ...{ shards: SHARDS, nodes: 2, environment: process.env },
  })

const words = (cluster: LocalCluster, args: readonly string[]): readonly string[] => [
  ...[...args, '--server', cluster.url, '--user', cluster.operator.user, '--password', cluster.operator.password],
  '--json',
]

const waggle = async (cluster: LocalCluster, ...args: readonly string[]) => run(words(cluster, args))

const one = async <Value>(cluster: LocalCluster, ...args: readonly string[]): Promise<Value> => {
  const { code, stdout, stderr } = await waggle(cluster, ...args)
  expect([code, stderr]).toEqual([0, ''])
  return jsonLines(stdout)[0] as Value
}

const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const endMs = systemClock.monotonicMs() + 60_000
  while (!(await holds().catch(() => false))) {
    if (systemClock.monotonicMs() >= endMs) throw new Error(`it did not come to that: ${what}`)
    await pause(systemTimers, 50)
  }
}

const nodes = async (): Promise<readonly NodeStatus[]> =>
  (await operator.call('node.list')).items as readonly NodeStatus[]

const look = async (): Promise<RestoreLook> =>
  (await operator.call('restore.look', {
    node: (await nodes())[0]?.node ?? '',
    timeoutMs: 2_000,
  })) as unknown as RestoreLook

const killNodes = async (): Promise<void> => {
  for (const { pid } of await nodes()) process.kill(pid, 'SIGKILL')
}

/** What a client is told that wants to write. */
const writes = async (): Promise<string> => {
  const client = await Waggle.connect({ servers: target.url, timeoutMs: 3_000 })
  try {
    await client.createCollective({ name: 'meanwhile', dimension: 2 })
    return 'written'
  } catch (error) {
    return isFault(error) ? error.code : String(error)
  } finally {
    await client.close()
  }
}

beforeAll(async () => {
  ;[source, target] = [await start('source'), await start('target')]
  const { server: servers, user, password } = target.operator
  operator = await connectOperator({ servers, user, password })
  const client = await Waggle.connect({ servers: source.url })
  for (let written = 0; written < RECORDS; written += 1) {
    const hive = await client.getOrCreateCollective({ name: `hive ${written % 4}`, dimension: 2 })
    await hive.record({ content: `${written}`, embedding: [1, written] })
  }
  await client.close()
  backup = path.join(folder(), 'backup')
  taken = await one<BackupManifest>(source, 'backup', 'create', backup)
})

afterAll(async () => {
  await operator.close()
  await Promise.all([source.stop(), target.stop()])
})

describe('a restore of which', () => {
  it('whoever began it died: nothing is served, whoever else dies, until it is aborted', async () => {
    const restore = systemIds.uuid()
    const freeze = async (): Promise<void> => {
      for (const { node } of await nodes()) await operator.call('restore.freeze', { node, restore, timeoutMs: 2_000 })
    }
    await until('every shard is frozen', async () => {
      await freeze()
      return (await look()).proofs.every((proof) => proof.restore === restore)
    })
    expect(await writes()).toBe('SHARD_NOT_READY')
    await killNodes()
    await until('the cluster is frozen still', async () => (await writes()) === 'SHARD_NOT_READY')
    expect((await look()).restore).toEqual({ id: restore, state: 'frozen' })
    expect(await one(target, 'backup', 'abort')).toEqual({ aborted: true })
    await until('the cluster serves again', async () => {
      const client = await Waggle.connect({ servers: target.url, timeoutMs: 3_000 })
      return client
        .collectives()
        .finally(async () => client.close())
        .then(({ length }) => length === 0)
    })
    expect(await one(target, 'backup', 'abort')).toEqual({ aborted: false })
  })

  it('every process but the servers is killed is carried on, and by whoever runs it again', async () => {
    const restoring = startWaggle(words(target, ['backup', 'restore', backup]))
    await until('something is frozen or committed', async () => (await look()).restore !== undefined)
    restoring.signal('SIGKILL')
    await killNodes()
    await restoring.ended
    await until(
      'it is restored by the second run',
      async () => (await waggle(target, 'backup', 'restore', backup)).code === 0,
    )
    const again = await one<BackupManifest>(target, 'backup', 'create', path.join(folder(), 'again'))
    expect(again.states.map(({ content }) => content)).toEqual(taken.states.map(({ content }) => content))
    await killNodes()
    await until('it serves what was restored', async () => {
      // As anybody's: an operator's credentials reach no memories.
      const { stdout } = await run(['recent', 'hive 1', '--server', target.url, '--json'])
      return stdout.includes('"37"')
    })
    expect(await writes()).toBe('written')
  })
})
