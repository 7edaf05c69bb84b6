import { seededRandom } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { clusterUsers } from './cluster-users.ts'
import { planServices } from './services.ts'

const users = clusterUsers(seededRandom(1))
const plans = planServices(
  {
    ...{ users, urlOf: () => 'nats://127.0.0.1:1', shards: 4, replicas: 1, durability: 'synced' },
    nodeFolder: (name) => `/data/${name}`,
    environment: { PATH: '/bin', LOG_LEVEL: 'debug', WAGGLE_NATS__URL: 'elsewhere', NATS_PASSWORD: 'mine' },
  },
  { nodes: 2, routers: 1, compactors: 1 },
)

describe('planServices', () => {
  it('names every process, those that are asked before those that ask', () => {
    expect(plans.map(({ role, name }) => [role, name])).toEqual([
      ['compactor', 'compactor-1'],
      ['shard', 'node-1'],
      ['shard', 'node-2'],
      ['router', 'router-1'],
    ])
  })

  it('hands each its own credentials and nobody else’s', () => {
    const router = plans.find(({ role }) => role === 'router')?.variables
    expect(router).toEqual({
      ...{ PATH: '/bin', LOG_LEVEL: 'debug', WAGGLE_NATS__URL: 'nats://127.0.0.1:1', WAGGLE_NODE: 'router-1' },
      WAGGLE_HTTP__PORT: '0',
      ...{ WAGGLE_NATS__USER: 'router', WAGGLE_NATS__PASSWORD: users.internal.router.password },
    })
    const shard = plans.find(({ name }) => name === 'node-2')?.variables
    expect(shard).toMatchObject({
      ...{ WAGGLE_NATS__LOG_USER: 'log', WAGGLE_NATS__LOG_PASSWORD: users.internal.log.password },
      ...{ WAGGLE_DIR: '/data/node-2', WAGGLE_CLUSTER__SHARDS: '4', WAGGLE_CLUSTER__REPLICAS: '1' },
    })
  })
})

describe('clusterUsers', () => {
  it('P12: every user has a password of its own and rights; nobody is the whole of tenant default', () => {
    const passwords = users.all.map(({ password }) => password)
    expect(new Set(passwords).size).toBe(passwords.length)
    expect(users.all.every(({ permissions }) => permissions !== undefined)).toBe(true)
    const nobody = users.all.find(({ user }) => user === users.nobody)
    expect(nobody?.permissions).toMatchObject({
      publish: { allow: expect.arrayContaining(['waggle.v1.default.*.*']) as unknown },
      subscribe: { allow: ['_INBOX.>'] },
    })
  })
})
