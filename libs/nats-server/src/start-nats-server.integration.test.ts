import { access } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { readServerInfo } from './server-info.ts'
import { testServer } from './testing/index.ts'

describe('startNatsServer', () => {
  it('starts a server that greets, and S3 restarts it at the same port', async () => {
    const server = await testServer({ serverName: 'n1' })
    const { pid, folder, port } = server
    expect(await readServerInfo('127.0.0.1', port)).toMatchObject({
      serverName: 'n1',
      maxPayloadBytes: 8_065_536,
      jetstream: true,
    })
    await server.restart()
    expect(server.pid).not.toBe(pid)
    expect((await readServerInfo('127.0.0.1', port)).serverName).toBe('n1')
    await server.dispose()
    await expect(access(folder)).rejects.toThrow()
  })
})
