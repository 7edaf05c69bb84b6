/** P12: what `docs/security.md` says under "From scratch", word by word, but for ports and places of programs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { freePorts } from '@waggle/local-cluster'
import { findNatsServer } from '@waggle/nats-server'
import { expect, it } from 'vitest'
import { testFolder } from '../testing/store-folder.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** The commands of the guide. */
const commands = (): string => {
  const [, section = ''] = readFileSync(path.join(root, 'docs/security.md'), 'utf8').split('\n## From scratch\n')
  return /```sh\n([^]*?)```/.exec(section)?.[1] ?? ''
}

it('P12 P10 a cluster from scratch: certificates and passwords for everybody', { timeout: 300_000 }, async () => {
  const folder = testFolder()
  const [port, monitorPort] = (await freePorts(2)) as [number, number]
  const { path: server } = await findNatsServer({ need: 'unreplicated', environment: process.env })
  const shims = {
    waggle: `node ${root}apps/cli/bin/waggle.mjs`,
    'nats-server': `${server} -p ${port} -m ${monitorPort}`,
  }
  for (const [name, command] of Object.entries(shims)) {
    writeFileSync(path.join(folder, name), `#!/bin/sh\nexec ${command} "$@"\n`)
    chmodSync(path.join(folder, name), 0o755)
  }
  const script = commands().replaceAll(':4222', `:${port}`).replaceAll(' services/', ` ${root}services/`)
  expect(script).toContain(`tls://localhost:${port}`)
  const shell = spawn('bash', ['-e', '-c', `${script}\nkill $(jobs -p)\nwait || true`], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: `${folder}:${process.env.PATH ?? ''}`, HOME: folder },
  })
  const end = (): void => {
    try {
      process.kill(-(shell.pid as number), 'SIGKILL')
    } catch {
      // All of them have ended.
    }
  }
  process.on('exit', end)
  const [said, complained] = [text(shell.stdout), text(shell.stderr)]
  const [code] = (await once(shell, 'exit')) as [number]
  end()
  process.off('exit', end)
  const output = `${await said}\n${await complained}`
  expect(code, output).toBe(0)
  expect(output).toMatch(/^name +bees$/m)
  // Every shard has a leader, as the operator sees it.
  for (const shard of [0, 1, 2, 3]) expect(output).toMatch(new RegExp(`^ *${shard}  shard-1 `, 'm'))
})
