import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { temporaryFolder } from '@waggle/engine/testing'
import { expect, it } from 'vitest'
import { findOperatorAccess, forgetCluster, registerCluster } from './registry.ts'

const operator = { server: 'nats://127.0.0.1:4222', user: 'operator', password: 'secret' }

it('knows the clusters of living processes, and forgets those of dead ones', async () => {
  const state = await temporaryFolder()
  const folder = path.join(state.path, 'waggle', 'clusters')
  expect(await findOperatorAccess(state.path, 1)).toBeUndefined()
  await registerCluster(state.path, { port: 1, folder: '/data', operator })
  expect(await findOperatorAccess(state.path, 1)).toEqual(operator)
  // Another process had that number, at another time.
  writeFileSync(path.join(folder, '2.json'), JSON.stringify({ port: 2, operator, pid: process.pid, startedAt: 1 }))
  writeFileSync(path.join(folder, '3.json'), 'torn')
  expect([await findOperatorAccess(state.path, 2), await findOperatorAccess(state.path, 3)]).toEqual([
    undefined,
    undefined,
  ])
  await registerCluster(state.path, { port: 4, folder: '/data', operator })
  expect(readdirSync(folder).sort()).toEqual(['1.json', '3.json', '4.json'])
  await forgetCluster(state.path, 1)
  expect(await findOperatorAccess(state.path, 1)).toBeUndefined()
  await state.remove()
})
