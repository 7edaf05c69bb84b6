import { expect, it } from 'vitest'
import { testServerCluster } from './test-server-cluster.ts'
import { wireRequest } from './wire.ts'

it('three servers replicate, also after one was killed and started again', async () => {
  const cluster = await testServerCluster(3)
  try {
    const [first, second, third] = cluster.servers
    const body = JSON.stringify({ name: 'S', subjects: ['s'], num_replicas: 3, storage: 'file', retention: 'limits' })
    await wireRequest(first!, '$JS.API.STREAM.CREATE.S', { body, timeoutMs: 5_000 })
    expect(await wireRequest(third!, 's', { timeoutMs: 5_000 })).toContain('"seq":1')

    second!.signal('SIGKILL')
    expect(await second!.ended).toMatchObject({ signal: 'SIGKILL', wanted: false })
    await second!.restart()
    await cluster.ready()
    expect(await wireRequest(second!, '$JS.API.STREAM.INFO.S', { timeoutMs: 5_000 })).toContain('"messages":1')
  } finally {
    await cluster.dispose()
  }
})
