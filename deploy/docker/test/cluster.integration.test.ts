/** What the interface promises, over containers of our own images; then they are killed, and stopped as Docker does. */
import { Waggle } from '@waggle/client'
import { storesContract, waggleContract, type OpenStore, type ReopenOptions } from '@waggle/sdk/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anyTenant, SHARDS, startContainerCluster, type ContainerCluster } from './container-cluster.ts'
import { docker, dockerOutput, nothingToTest } from './docker.ts'

/** The longest drain is the shard's, 20 s. */
const STOP_S_MAX = '40'
/** A leader that is gone is missed after seconds; a machine that is busy takes longer to start another process. */
const CALL_MS_MAX = 60_000

const why = nothingToTest()

let cluster: ContainerCluster
let stores = 0

const connect = (tenant: string, options: Omit<ReopenOptions, 'tenant'> = {}): Promise<Waggle> =>
  Waggle.connect({
    ...{ servers: cluster.url, user: anyTenant.user, password: anyTenant.password },
    ...{ tenant, timeoutMs: CALL_MS_MAX, ...options },
  })

/** Each test has a tenant of its own. */
const open: OpenStore = async () => {
  stores += 1
  const own = `store-${stores}`
  let waggle = await connect(own)
  return {
    waggle,
    async reopen({ tenant, ...options } = {}) {
      await waggle.close()
      waggle = await connect(tenant === undefined ? own : `${own}-${tenant}`, options)
      return waggle
    },
    dispose: () => waggle.close(),
  }
}

describe.skipIf(why !== undefined)('a cluster of containers', () => {
  beforeAll(async () => {
    cluster = await startContainerCluster(['compactor-1', 'shard-1', 'shard-2', 'router-1', 'router-2'])
    // Healthy is a process that lives; a cluster that answers has leaders.
    const waggle = await connect('first')
    await waggle.createCollective({ name: 'first', dimension: 4 })
    await waggle.close()
  })

  afterAll(() => cluster.stop())

  describe.concurrent('at once', () => {
    waggleContract('the interface', open, { keepsSendingOrder: false, shards: SHARDS })
    storesContract('the stores', open)
  })

  test('P1 what is acknowledged is there after every container of a shard was killed and started again', async () => {
    const waggle = await connect('killed')
    const hive = await waggle.createCollective({ name: 'killed', dimension: 4 })
    const { id } = await hive.record({ content: 'before', embedding: [1, 0, 0, 0] })
    for (const name of ['shard-1', 'shard-2']) dockerOutput('kill', cluster.service(name).getId())
    for (const name of ['shard-1', 'shard-2']) dockerOutput('start', cluster.service(name).getId())
    const after = await hive.record({ content: 'after', embedding: [0, 1, 0, 0] })
    const { results } = await hive.search({ embedding: [1, 0, 0, 0], k: 2 })
    expect(results.map(({ experience }) => experience.id)).toEqual([id, after.id])
    await waggle.close()
  })

  test('docker stop drains every service: each leaves with 0, and in time', () => {
    for (const service of cluster.services) {
      const id = service.getId()
      dockerOutput('stop', '--time', STOP_S_MAX, id)
      const exitCode = dockerOutput('inspect', '--format', '{{.State.ExitCode}}', id)
      const { log } = docker('logs', '--tail', '3', id)
      expect([exitCode, log]).toEqual(['0', expect.stringContaining('"drained"')])
    }
  })
})
