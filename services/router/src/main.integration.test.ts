import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const COMMAND = fileURLToPath(new URL('../bin/waggle-router.mjs', import.meta.url))

/** Runs the built process to its end. */
const run = async (environment: Readonly<Record<string, string>>) => {
  const { PATH } = process.env
  const child = spawn(process.execPath, [COMMAND], {
    env: { PATH, WAGGLE_HTTP__PORT: '0', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let [output, log] = ['', '']
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (log += String(chunk)))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output, lines: log.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as object])) }
}

/** A port on which nobody listens: it was free a moment ago. */
const deadPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe('the process of a router', () => {
  it('H3 P10 leaves with 2 and names the variable when its environment is wrong', async () => {
    const { code, output, lines } = await run({ WAGGLE_NODE: 'a.b', WAGGLE_NATS__URL: 'nats://127.0.0.1:1' })
    expect([code, output]).toEqual([2, ''])
    expect(lines).toMatchObject([
      { level: 'error', service: 'waggle-router', code: 'INVALID_FIELD', field: 'WAGGLE_NODE' },
    ])
  })

  it('H4 leaves with 1 and names the servers when none takes its connection', async () => {
    const url = `nats://127.0.0.1:${await deadPort()}`
    const { code, output, lines } = await run({ WAGGLE_NODE: 'router-1', WAGGLE_NATS__URL: url })
    expect([code, output]).toEqual([1, ''])
    expect(JSON.stringify(lines)).toContain(url)
  })
})
