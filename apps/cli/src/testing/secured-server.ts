/** A nats-server as `waggle security init` has it configured, but for its ports. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePorts } from '@waggle/local-cluster'
import { findNatsServer, readServerInfo } from '@waggle/nats-server'
import { run } from './waggle-run.ts'

export interface SecuredServer {
  readonly port: number
  /** What `security init` wrote. */
  readonly folder: string
  passwordOf(user: string): string
  /** Writes the set-up again and has the server read it. */
  renew(): Promise<void>
  stop(): Promise<void>
}

const READY_MS_MAX = 60_000

/** @param words of `security init`, behind the folder */
export const securedServer = async (...words: readonly string[]): Promise<SecuredServer> => {
  const root = mkdtempSync(path.join(tmpdir(), 'waggle-secured-'))
  const folder = path.join(root, 'security')
  const init = async (): Promise<void> => {
    const { code, stderr } = await run(['security', 'init', folder, '--store', path.join(root, 'store'), ...words])
    if (code !== 0) throw new Error(stderr)
  }
  await init()
  const { path: binary } = await findNatsServer({ need: 'unreplicated', environment: process.env })
  const [port, monitorPort] = (await freePorts(2)) as [number, number]
  const logFile = path.join(root, 'nats.log')
  const log = openSync(logFile, 'a')
  const flags = ['-p', String(port), '-m', String(monitorPort)]
  const server = spawn(binary, ['-c', path.join(folder, 'nats/nats-server.conf'), ...flags], {
    stdio: ['ignore', log, log],
  })
  const end = (): void => void server.kill('SIGKILL')
  process.on('exit', end)
  const deadlineMs = Date.now() + READY_MS_MAX
  for (;;) {
    const answers = await readServerInfo('127.0.0.1', port).then(
      () => true,
      () => false,
    )
    if (answers) break
    if (server.exitCode !== null || Date.now() > deadlineMs) throw new Error(readFileSync(logFile, 'utf8'))
  }
  return {
    ...{ port, folder },
    passwordOf: (user) => readFileSync(path.join(folder, 'users', user, 'password'), 'utf8').trimEnd(),
    async renew() {
      await init()
      server.kill('SIGHUP')
    },
    async stop() {
      process.off('exit', end)
      server.kill('SIGTERM')
      if (server.exitCode === null) await once(server, 'exit')
      rmSync(root, { recursive: true, force: true })
    },
  }
}
