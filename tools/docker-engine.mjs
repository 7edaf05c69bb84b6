/**
 * A Docker engine for the tests of the images: the one that answers, else, on a machine of CI where we may, Debian's,
 * installed and started for the time of the tests. That there is none is no failure; it is said why.
 *
 * E1  All that is done here is bounded in time.
 * E2  What is started keeps to a folder of its own, and is ended, folder and all. Nothing else is touched.
 */
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const INSTALL_MS_MAX = 120_000
const START_MS_MAX = 45_000
const STOP_MS_MAX = 30_000
const ASK_MS_MAX = 10_000

const succeeds = (command, args, timeout, variables = {}) =>
  spawnSync(command, args, { stdio: 'ignore', timeout, env: { ...process.env, ...variables } }).status === 0

const answers = (variables) => succeeds('docker', ['version'], ASK_MS_MAX, variables)
const isThere = (command) => succeeds('sh', ['-c', `command -v ${command}`], ASK_MS_MAX)

const pause = (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs))

/** Debian's engine; false where it cannot be had. */
const install = () => {
  const apt = (...args) =>
    succeeds('apt-get', ['-q', '-y', ...args], INSTALL_MS_MAX, { DEBIAN_FRONTEND: 'noninteractive' })
  const packages = ['install', '--no-install-recommends', 'docker.io']
  return apt(...packages) || (apt('update') && apt(...packages))
}

/** E2: the engine of a folder, its log in the same. */
const startEngine = (folder) => {
  const log = openSync(path.join(folder, 'log'), 'w')
  const host = `unix://${path.join(folder, 'socket')}`
  const roots = ['--data-root', path.join(folder, 'data'), '--exec-root', path.join(folder, 'exec')]
  const args = [...roots, '--pidfile', path.join(folder, 'pid'), '-H', host]
  const child = spawn('dockerd', args, { stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  const engine = { host, isRunning: true, child }
  child.on('error', () => (engine.isRunning = false))
  child.on('exit', () => (engine.isRunning = false))
  return engine
}

const stopEngine = async (engine, folder) => {
  engine.child.kill('SIGTERM')
  const deadlineMs = Date.now() + STOP_MS_MAX
  while (engine.isRunning && Date.now() < deadlineMs) await pause(100)
  if (engine.isRunning) engine.child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

const lastLine = (file) => readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)

/** Starts one of our own: `{ variables, stop }`, or `{ why }` it could not be started. */
const startOwn = async () => {
  if (!isThere('dockerd') && !install()) return { why: 'docker.io could not be installed' }
  // Short, for the path of a socket has a limit.
  const folder = mkdtempSync(path.join(tmpdir(), 'docker-'))
  const engine = startEngine(folder)
  const variables = { DOCKER_HOST: engine.host }
  const deadlineMs = Date.now() + START_MS_MAX
  while (engine.isRunning && Date.now() < deadlineMs) {
    if (answers(variables)) return { variables, stop: () => stopEngine(engine, folder) }
    await pause(250)
  }
  const why = `dockerd does not start: ${lastLine(path.join(folder, 'log'))}`
  await stopEngine(engine, folder)
  return { why }
}

/** `{ variables, stop }` to reach the engine by and to let go of it, or `{ why }` there is none. */
export const findEngine = async () => {
  // The images of `npm test` are made of this machine's own files.
  if (process.platform !== 'linux') return { why: 'they are made for Linux, on Linux' }
  if (answers()) return { variables: {}, stop: async () => undefined }
  const mayStart = process.env.CI && process.getuid() === 0 && isThere('apt-get')
  return mayStart ? startOwn() : { why: 'no Docker engine answers' }
}
