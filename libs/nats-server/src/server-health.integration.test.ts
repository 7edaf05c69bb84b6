import { expect, test } from 'vitest'
import { readFrozenStream } from './server-health.ts'
import { testServer, testSystemUser } from './testing/index.ts'

test('a server that stores what it is sent says of no stream that it is frozen; who may not ask is told', async () => {
  const server = await testServer({ systemUser: testSystemUser })
  try {
    const asking = { host: '127.0.0.1', port: server.port, ...testSystemUser }
    expect(await readFrozenStream(asking)).toBeUndefined()
    await expect(readFrozenStream({ ...asking, password: 'another' })).rejects.toMatchObject({
      code: 'NATS_SERVER_UNREACHABLE',
    })
  } finally {
    await server.dispose()
  }
})
