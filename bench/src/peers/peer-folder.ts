/**
 * Where peers live: a folder outside the repository that later runs use again. A peer's program is copied there from
 * `bench/peers` and built by the tools that there are; what a peer lacks is told, not hidden.
 *
 *   NAME/         the program of a peer in Rust, with its lock file
 *   measuring/    what those programs share
 *   target/       what cargo made of them
 *   py/venv/      the Python peers
 *   data/         workloads
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Program } from './program.ts'

/** A peer's program, or why there is none. */
export type Found = { readonly program: Program } | { readonly absent: string }

export interface RustPeer {
  /** Of its folder. */
  readonly name: string
  /** Of the program that cargo makes. */
  readonly binary: string
  /** Packages of its dependencies that only build in a version older than the newest, `name@version`. */
  readonly pins?: readonly string[]
}

const SOURCES = join(import.meta.dirname, '..', '..', 'peers')
/** What `pip` installs, in versions that were tried. */
const PYTHON_PACKAGES = ['numpy', 'hnswlib==0.8.0', 'psycopg[binary]', 'pgvector', 'chromadb==1.5.9']
const MESSAGE_CHARACTERS = 300

export const defaultPeerFolder = (): string => join(homedir(), '.cache', 'waggle', 'peers')

export class PeerFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  get data(): string {
    return join(this.path, 'data')
  }

  /** The source of a Python program, which runs where it lies. */
  script(name: string): string {
    return join(SOURCES, 'python', name)
  }

  /** Builds a peer in Rust where its program is older than its source. Takes minutes the first time. */
  async rust({ name, binary, pins = [] }: RustPeer): Promise<Found> {
    await mkdir(this.path, { recursive: true })
    for (const folder of ['measuring', name])
      await cp(join(SOURCES, 'rust', folder), join(this.path, folder), { recursive: true, filter: isChanged })
    const cwd = join(this.path, name)
    const env = { ...process.env, CARGO_TARGET_DIR: join(this.path, 'target') }
    for (const pin of existsSync(join(cwd, 'Cargo.lock')) ? [] : pins) {
      const [pinned = '', version = ''] = pin.split('@')
      const failure = run('cargo', ['update', '-p', pinned, '--precise', version], { cwd, env })
      if (failure !== undefined) return { absent: failure }
    }
    const failure = run('cargo', ['build', '--release', '--quiet'], { cwd, env })
    if (failure !== undefined) return { absent: failure }
    return { program: { file: join(this.path, 'target', 'release', binary), args: [] } }
  }

  /** A Python program in an environment of its own, made the first time. */
  async python(name: string): Promise<Found> {
    const venv = join(this.path, 'py', 'venv')
    const python = join(venv, 'bin', 'python')
    if (!existsSync(python)) {
      await mkdir(join(this.path, 'py'), { recursive: true })
      const failure =
        run('python3', ['-m', 'venv', venv]) ??
        run(join(venv, 'bin', 'pip'), ['install', '--quiet', ...PYTHON_PACKAGES])
      if (failure !== undefined) return { absent: failure }
    }
    return { program: { file: python, args: [this.script(name)] } }
  }
}

/** What is there already stays untouched, or cargo would build it again. */
const isChanged = async (source: string, target: string): Promise<boolean> => {
  if (!existsSync(target) || (await stat(source)).isDirectory()) return true
  return !(await readFile(source)).equals(await readFile(target))
}

/** `undefined` when it went well, else what it said last. */
export const run = (
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): string | undefined => {
  const { status, stderr, error } = spawnSync(file, args, { ...options, encoding: 'utf8' })
  if (error !== undefined) return error.message
  if (status === 0) return undefined
  return `${file} ${args.join(' ')} ended with ${status}: ${stderr.trim().slice(-MESSAGE_CHARACTERS)}`
}
