/** PulseDB's cases on JetStream: one server for all, one shard and an engine that leads it for each suite. */
import { parityContract } from '@waggle/engine/testing'
import { testServer, type TestServer } from '@waggle/nats-server/testing'
import { afterAll, beforeAll } from 'vitest'
import { openJetStreamParityStore } from '../testing/jetstream-parity-store.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(async () => {
  await server.dispose()
})

let shards = 0

parityContract('JetStream', () => openJetStreamParityStore(server.url, shards++))
