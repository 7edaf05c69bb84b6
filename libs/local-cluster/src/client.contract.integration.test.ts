/** What the interface promises, over a whole cluster: each store is a tenant of its own. */
import { Waggle } from '@waggle/client'
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import { API_SUBJECTS } from '@waggle/protocol'
import { storesContract, waggleContract, type OpenStore, type ReopenOptions } from '@waggle/sdk/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import { startLocalCluster, type LocalCluster } from './local-cluster.ts'

const SHARDS = 4

/** Whoever the test says it is: every tenant but `default`, which has inboxes of its own. */
const anyTenant = {
  user: 'any-tenant',
  password: 'any-tenant',
  permissions: { publish: { allow: [API_SUBJECTS] }, subscribe: { allow: ['waggle.inbox.>'] } },
}

let folder: TemporaryFolder
let cluster: LocalCluster
let stores = 0

beforeAll(async () => {
  folder = await temporaryFolder()
  const options = { folder: folder.path, shards: SHARDS, environment: process.env }
  cluster = await startLocalCluster({ ...options, routers: 2, users: [anyTenant] })
})

afterAll(async () => {
  await cluster.stop()
  await folder.remove()
})

const open: OpenStore = async () => {
  stores += 1
  const own = `store-${stores}`
  const connect = ({ tenant, ...options }: ReopenOptions = {}): Promise<Waggle> =>
    Waggle.connect({
      servers: cluster.url,
      user: anyTenant.user,
      password: anyTenant.password,
      tenant: tenant === undefined ? own : `${own}-${tenant}`,
      ...options,
    })
  let waggle = await connect()
  return {
    waggle,
    async reopen(options) {
      await waggle.close()
      waggle = await connect(options)
      return waggle
    },
    dispose: () => waggle.close(),
  }
}

// Each test has a tenant of its own.
describe.concurrent('at once', () => {
  waggleContract('a cluster', open, { keepsSendingOrder: false, shards: SHARDS })
  storesContract('the stores of a cluster', open)
})
