/**
 * Runs a nats-server as a child process.
 *
 * S1  It is ready when it has written down its ports and greets on one of them: both, for another server may have the
 *     port that it was refused.
 * S2  A server that does not become ready is ended, and the fault quotes its log.
 * S3  A restart keeps port and store.
 * S4  The configuration holds passwords: nobody else may read it.
 */
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { assert, isFault, poll, systemClock, systemTimers, type Waiting } from '@waggle/kernel'
import { natsServerFault } from './errors.ts'
import type { ServerBinary } from './find-nats-server.ts'
import { LOOPBACK, serverConfig, type JetStreamConfig, type ServerConfig, type ServerUser } from './server-config.ts'
import { readServerInfo } from './server-info.ts'
import { spawnServer, type ServerEnd, type ServerProcess } from './server-process.ts'
import { knowsSyncInterval } from './version.ts'

type Own = 'jetstream' | 'portsFolder' | 'port' | 'users' | 'systemUser'

export interface StartOptions extends Partial<Waiting>, Omit<ServerConfig, Own> {
  readonly users?: readonly ServerUser[]
  readonly systemUser?: ServerUser
  /** As `findNatsServer` gives it. */
  readonly binary: ServerBinary
  /** Holds `nats-server.conf`, `nats-server.log` and the store, `jetstream/`; made where it is absent. */
  readonly folder: string
  /** TCP port for clients; 0, the default, takes a free one and keeps it over restarts. */
  readonly port?: number
  /** `false`: no JetStream. Its folder is the server's. */
  readonly jetstream?: Omit<JetStreamConfig, 'storeDir'> | false
  /** Milliseconds that a start may take; recovering large streams takes a while. Default 60,000. */
  readonly readyMsMax?: number
  /** Milliseconds from SIGTERM to SIGKILL. Default 10,000. */
  readonly stopMsMax?: number
  /**
   * In a process group of its own: an interrupt typed at a terminal does not reach it, so whoever started it decides
   * when it stops, and has to. Default false.
   */
  readonly isOwnGroup?: boolean
}

/** A server that was started here. */
export interface RunningServer {
  /** `nats://127.0.0.1:4222`, without credentials. */
  readonly url: string
  readonly port: number
  readonly folder: string
  readonly logFile: string
  /** Of the present life, or the last. */
  readonly pid: number
  /** Resolves when the present life ends, however that comes; never rejects. Each restart has its own. */
  readonly ended: Promise<ServerEnd>
  /** Sends a signal: `SIGKILL`, `SIGSTOP`, `SIGCONT`, `SIGUSR2`. Nothing happens when it has ended. */
  signal(name: NodeJS.Signals): void
  /** Resolves when it has ended. Doing it again does nothing. */
  stop(): Promise<void>
  /** Stops it unless it has ended, starts it and waits until it is ready (S3). @throws as `startNatsServer` */
  restart(): Promise<void>
}

const READY_MS_MAX = 60_000
const STOP_MS_MAX = 10_000
const READY_POLL_MS = 10
const QUOTED_BYTES = 2_000

interface Files {
  readonly folder: string
  readonly config: string
  readonly log: string
  readonly ports: string
}

const filesOf = (folder: string): Files => ({
  folder,
  config: path.join(folder, 'nats-server.conf'),
  log: path.join(folder, 'nats-server.log'),
  ports: path.join(folder, 'ports'),
})

const sizeOf = async (file: string): Promise<number> => {
  try {
    return (await stat(file)).size
  } catch {
    return 0
  }
}

/** The port for clients out of the file that a ready server writes; `undefined` before it has. */
const writtenPort = async (folder: string): Promise<number | undefined> => {
  const [name] = (await readdir(folder)).filter((it) => it.endsWith('.ports'))
  if (name === undefined) return undefined
  try {
    const { nats } = JSON.parse(await readFile(path.join(folder, name), 'utf8')) as {
      readonly nats?: readonly string[]
    }
    const port = Number(nats?.[0] === undefined ? NaN : new URL(nats[0]).port)
    return port > 0 ? port : undefined
  } catch {
    // It is written in place: half of it may be there.
    return undefined
  }
}

/** S1. The port, or why there is none. */
const awaitReady = async (
  life: ServerProcess,
  files: Files,
  host: string,
  waiting: Waiting & { readonly readyMsMax: number },
): Promise<number | string> => {
  const { readyMsMax, timers } = waiting
  const answer = await poll(waiting, { everyMs: READY_POLL_MS, durationMsMax: readyMsMax }, async () => {
    if (life.hasEnded()) {
      const { code, signal } = await life.ended
      return `it ended: ${signal ?? `exit code ${code ?? 'unknown'}`}`
    }
    const port = await writtenPort(files.ports)
    if (port === undefined) return undefined
    try {
      await readServerInfo(host, port, { timers })
      return port
    } catch (error) {
      if (isFault(error)) return undefined
      throw error
    }
  })
  return answer ?? `not ready within ${readyMsMax} ms`
}

interface Life {
  readonly process: ServerProcess
  readonly port: number
}

/** Starts one life. @throws Fault `NATS_SERVER_NOT_STARTED` */
const startLife = async (options: StartOptions, files: Files, port: number): Promise<Life> => {
  const { binary, readyMsMax = READY_MS_MAX, isOwnGroup = false } = options
  const waiting = { clock: options.clock ?? systemClock, timers: options.timers ?? systemTimers }
  const { jetstream: store = {}, ...given } = options
  const text = serverConfig({
    ...given,
    port: port === 0 ? -1 : port,
    portsFolder: files.ports,
    ...(store === false ? {} : { jetstream: { ...store, storeDir: files.folder } }),
  })

  await mkdir(files.folder, { recursive: true, mode: 0o700 })
  // What a killed server wrote down there is not of this life.
  await rm(files.ports, { recursive: true, force: true })
  await mkdir(files.ports, { mode: 0o700 })
  // S4: the mode counts for a new file only.
  await rm(files.config, { force: true })
  await writeFile(files.config, text, { mode: 0o600, flag: 'wx' })
  const logStart = await sizeOf(files.log)

  const failure = async (why: string, cause?: unknown) => {
    const log = (await readFile(files.log).catch(() => Buffer.alloc(0))).subarray(logStart)
    const end = log.subarray(-QUOTED_BYTES).toString().trim()
    const message = `nats-server is not ready: ${why}; path=${binary.path} version=${binary.version}; its log:\n${end}`
    return natsServerFault('NATS_SERVER_NOT_STARTED', message, { path: binary.path, logFile: files.log }, { cause })
  }

  const life = await spawnServer({
    ...waiting,
    path: binary.path,
    configFile: files.config,
    folder: files.folder,
    logFile: files.log,
    isOwnGroup,
  }).catch(async (error: unknown) => {
    throw await failure('it cannot be executed', error)
  })
  const ready = await awaitReady(life, files, options.host ?? LOOPBACK, { ...waiting, readyMsMax })
  if (typeof ready === 'number') return { process: life, port: ready }
  // S2
  life.signal('SIGKILL')
  await life.ended
  throw await failure(ready)
}

/** @throws Fault `NATS_SERVER_NOT_STARTED` with the end of its log; `NATS_SERVER_UNFIT` for options it does not know */
export const startNatsServer = async (options: StartOptions): Promise<RunningServer> => {
  const { binary, jetstream, port: wantedPort = 0, host = LOOPBACK, stopMsMax = STOP_MS_MAX } = options
  assert(Number.isInteger(wantedPort) && wantedPort >= 0, 'a port is a number, or 0 for a free one')
  if (jetstream !== false && jetstream?.syncInterval !== undefined && !knowsSyncInterval(binary.version)) {
    const message = `sync_interval needs nats-server 2.10 or newer; version=${binary.version} path=${binary.path}`
    throw natsServerFault('NATS_SERVER_UNFIT', message, { path: binary.path, version: binary.version })
  }
  const files = filesOf(path.resolve(options.folder))
  let life = await startLife(options, files, wantedPort)
  const { port } = life
  // One after the other: a stop during a restart is of the new life, and two restarts must not start two servers.
  let turn: Promise<void> = Promise.resolve()
  const inTurn = (action: () => Promise<void>): Promise<void> => {
    const run = turn.then(action)
    turn = run.catch(() => undefined)
    return run
  }
  return {
    url: `nats://${host}:${port}`,
    port,
    folder: files.folder,
    logFile: files.log,
    get pid() {
      return life.process.pid
    },
    get ended() {
      return life.process.ended
    },
    signal: (name) => life.process.signal(name),
    stop: () => inTurn(() => life.process.end(stopMsMax)),
    restart: () =>
      inTurn(async () => {
        await life.process.end(stopMsMax)
        // S3
        life = await startLife(options, files, port)
      }),
  }
}
