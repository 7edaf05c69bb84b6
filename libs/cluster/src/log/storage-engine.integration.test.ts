/** PulseDB's storage port over the replicated log. */
import { storageEngineContract } from '@waggle/engine/testing'
import { testServer, type TestServer } from '@waggle/nats-server/testing'
import { afterAll, beforeAll } from 'vitest'
import { openJetStreamStorageStore } from '../testing/jetstream-storage-store.ts'

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.dispose())

storageEngineContract('over JetStream', { open: () => openJetStreamStorageStore(server.url), runs: 10 })
