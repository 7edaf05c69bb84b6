import { expect, it } from 'vitest'
import { testServerCluster } from './test-server-cluster.ts'

it('three servers replicate, also after one was killed and started again', async () => {
  const t = performance.now()
  const cluster = await testServerCluster(3)
  console.log(performance.now() - t)
  const [, second] = cluster.servers
  second!.signal('SIGKILL')
  expect(await second!.ended).toMatchObject({ signal: 'SIGKILL', wanted: false })
  await second!.restart()
  await cluster.ready()
  console.log(performance.now() - t)
  await cluster.dispose()
})
