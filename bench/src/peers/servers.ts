/** Peers that are servers: each with an empty folder of its own and a free port, stopped and removed afterwards. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '@waggle/local-cluster'
import { run } from './peer-folder.ts'
import type { Program } from './program.ts'

export interface ServerPlan {
  /** Prepares the folder. */
  readonly prepare?: (folder: string) => void
  readonly program: (folder: string, port: number) => Program
  /** Whose processes they are, where they refuse to be the superuser's. */
  readonly user?: string
  /** Ends it in order; it is killed 10 seconds later. */
  readonly signal?: NodeJS.Signals
}

const READY_MS_MAX = 60_000
const POLL_MS = 50
const STOP_MS = 10_000

/** Runs `work` beside a server that takes connections. */
export const withServer = async (
  { prepare, program, user, signal = 'SIGTERM' }: ServerPlan,
  parent: string | undefined,
  work: (port: number, folder: string) => Promise<void>,
): Promise<void> => {
  const folder = await mkdtemp(join(parent ?? tmpdir(), 'waggle-bench-peer-'))
  try {
    const owner = user === undefined ? undefined : idsOf(user)
    if (owner !== undefined) await chown(folder, owner.uid, owner.gid)
    await chmod(folder, 0o700)
    prepare?.(folder)
    const [port] = (await freePorts(1)) as [number]
    const { file, args, options } = program(folder, port)
    const child = spawn(file, args, { ...options, ...owner, cwd: folder, stdio: 'ignore' })
    try {
      await untilReachable(port, child)
      await work(port, folder)
    } finally {
      await stop(child, signal)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** `undefined` where this process is nobody special and can only be itself. */
const idsOf = (user: string): { readonly uid: number; readonly gid: number } | undefined => {
  if (userInfo().uid !== 0) return undefined
  const id = (flag: string): number => Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}

const untilReachable = async (port: number, child: ChildProcess): Promise<void> => {
  const deadline = performance.now() + READY_MS_MAX
  while (!(await isReachable(port))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error('the server did not start')
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

const isReachable = async (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (reached: boolean) => () => {
      socket.destroy()
      resolve(reached)
    }
    socket.once('connect', end(true)).once('error', end(false))
  })

const stop = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await exit
  clearTimeout(patience)
}

const POSTGRES_USER = 'postgres'

/**
 * PostgreSQL with pgvector, as it comes: every commit is synced.
 * @param source of the extension, to build it from where it is not installed
 */
export const postgres = (source: string | undefined): ServerPlan | { readonly absent: string } => {
  const config = (flag: string): string => {
    const { status, stdout } = spawnSync('pg_config', [flag], { encoding: 'utf8' })
    return status === 0 ? stdout.trim() : ''
  }
  const bin = config('--bindir')
  if (bin === '' || !existsSync(join(bin, 'initdb'))) return { absent: 'there is no PostgreSQL server' }
  if (!existsSync(join(config('--sharedir'), 'extension', 'vector.control'))) {
    if (source === undefined) return { absent: 'pgvector is not installed, and --pgvector names no source of it' }
    // Neither for this processor alone, as the packages are not, nor for a compiler that is not there.
    const options = ['OPTFLAGS=', 'with_llvm=no', `PG_CONFIG=${join(bin, 'pg_config')}`]
    const failure = run('make', ['-C', source, ...options]) ?? run('make', ['-C', source, ...options, 'install'])
    if (failure !== undefined) return { absent: failure }
  }
  return {
    user: POSTGRES_USER,
    // "Fast": clients are disconnected.
    signal: 'SIGINT',
    prepare(folder) {
      const options = { ...idsOf(POSTGRES_USER), encoding: 'utf8' as const, cwd: folder }
      const args = ['-D', join(folder, 'data'), '-U', POSTGRES_USER, '--auth', 'trust']
      const { status, stderr } = spawnSync(join(bin, 'initdb'), args, options)
      if (status !== 0) throw new Error(`initdb: ${stderr}`)
    },
    program: (folder, port) => ({
      file: join(bin, 'postgres'),
      args: [
        ...['-D', join(folder, 'data'), '-p', String(port), '-k', folder],
        ...['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200'],
      ],
    }),
  }
}

/** @param bin of the environment that it is installed in */
export const chroma = (bin: string): ServerPlan => ({
  program: (folder, port) => ({
    file: join(bin, 'chroma'),
    args: ['run', '--path', join(folder, 'data'), '--host', '127.0.0.1', '--port', String(port)],
  }),
})
