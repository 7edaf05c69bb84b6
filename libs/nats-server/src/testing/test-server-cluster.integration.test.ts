import { expect, it, vi } from 'vitest'
import { testServerCluster } from './test-server-cluster.ts'
import { wireRequest } from './wire.ts'

/** Electing takes 4-9 s, twice that when a vote splits. */
const timeoutMs = 30_000

it('three servers replicate, also after one was killed and started again', async () => {
  const cluster = await testServerCluster(3)
  try {
    const [first, second, third] = cluster.servers
    const body = JSON.stringify({ name: 'S', subjects: ['s'], num_replicas: 3, storage: 'file', retention: 'limits' })
    await wireRequest(first!, '$JS.API.STREAM.CREATE.S', { body, timeoutMs })
    expect(await wireRequest(third!, 's', { timeoutMs })).toContain('"seq":1')

    second!.signal('SIGKILL')
    expect(await second!.ended).toMatchObject({ signal: 'SIGKILL', wanted: false })
    await second!.restart()
    await cluster.ready()
    // Until its stream has a leader, a server that came up says what it alone knows: that there is nothing.
    const info = () => wireRequest(second!, '$JS.API.STREAM.INFO.S', { timeoutMs })
    await vi.waitFor(async () => expect(await info()).toMatch(/"messages":1,.*"leader":"n\d"/), { timeout: timeoutMs })
  } finally {
    await cluster.dispose()
  }
})
