/**
 * Finds a nats-server that does, or installs one.
 *
 * D1  Looked for in this order: the one that is named, our cache folder, the `PATH`; then `go install` into the cache;
 *     then, where that is allowed, the package of the system. The first that does is taken.
 * D2  One that is named explicitly is taken or refused, never passed over.
 * D3  When nothing does, the fault tells all that was tried and why each was refused.
 */
import { homedir } from 'node:os'
import path from 'node:path'
import { silentLogger, systemClock, systemTimers, type Logger, type Waiting } from '@waggle/kernel'
import { onPath, runCommand, type Environment } from './command.ts'
import { natsServerFault } from './errors.ts'
import { installWithGo } from './install.ts'
import { INSTALLED_VERSION, parseServerVersion, versionRefusal, type ServerNeed } from './version.ts'

export interface FindOptions extends Partial<Waiting> {
  /** What the server must be able to do. */
  readonly need: ServerNeed
  /**
   * `process.env` of the caller: `WAGGLE_NATS_SERVER`, `PATH`, `XDG_CACHE_HOME` and `HOME` are read; commands that are
   * run get all of it.
   */
  readonly environment: Environment
  /** May install one where none is found. Default true; `false` only looks. */
  readonly mayInstall?: boolean
  /** May `apt-get install` what is still missing: for machines of CI. Default false. */
  readonly allowSystemPackages?: boolean
  /** Told before anything is installed, which takes a minute or more. */
  readonly logger?: Logger
}

/** A nats-server on this machine. */
export interface ServerBinary {
  readonly path: string
  /** What it says of itself: `2.14.5`. */
  readonly version: string
}

export interface FoundServer extends ServerBinary {
  readonly source: 'environment' | 'cache' | 'path' | 'installed' | 'system'
}

const VERSION_MS_MAX = 20_000
const PACKAGE_MS_MAX = 300_000
/** Where Debian's package puts it may be missing from the `PATH` of an ordinary user. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/bin']

interface Judgement {
  readonly version?: string
  /** Absent when it does. */
  readonly refusal?: string
}

interface Search extends Waiting {
  readonly need: ServerNeed
  readonly environment: Environment
  readonly logger: Logger
  /** All that was looked at and did not do (D3). */
  readonly tried: string[]
}

/** The folder where a server that was installed is kept. */
export const cachedServerPath = (environment: Environment): string => {
  const named = environment.XDG_CACHE_HOME ?? ''
  // The specification of these folders has a relative one ignored.
  const cache = path.isAbsolute(named) ? named : path.join(environment.HOME ?? homedir(), '.cache')
  return path.join(cache, 'waggle', 'nats-server', `v${INSTALLED_VERSION}`, 'nats-server')
}

const judge = async (file: string, { need, environment }: Search): Promise<Judgement> => {
  const { ok, output, why } = await runCommand(file, ['-v'], { environment, durationMsMax: VERSION_MS_MAX })
  if (!ok) return { refusal: why.includes('ENOENT') ? 'absent' : why }
  const version = parseServerVersion(output)
  if (version === undefined) return { refusal: `tells no version: ${output.trim().slice(0, 100)}` }
  const refusal = versionRefusal(version, need)
  return refusal === undefined ? { version: version.text } : { version: version.text, refusal }
}

/** The server at that path if it does; else it is noted among what was tried. */
const take = async (search: Search, file: string, source: FoundServer['source']): Promise<FoundServer | undefined> => {
  const { version, refusal } = await judge(file, search)
  if (version !== undefined && refusal === undefined) return { path: file, version, source }
  search.tried.push(`${file}${version === undefined ? '' : ` (${version})`}: ${refusal ?? 'tells no version'}`)
  return undefined
}

/** D2. @throws Fault `NATS_SERVER_UNFIT` */
const takeNamed = async (search: Search, named: string): Promise<FoundServer> => {
  const file = path.resolve(named)
  const { version, refusal } = await judge(file, search)
  if (version !== undefined && refusal === undefined) return { path: file, version, source: 'environment' }
  const details = { path: file, need: search.need, ...(version === undefined ? {} : { version }) }
  const why = refusal ?? 'tells no version'
  throw natsServerFault('NATS_SERVER_UNFIT', `the nats-server named in WAGGLE_NATS_SERVER: ${why}; ${file}`, details)
}

const install = async (search: Search, target: string): Promise<FoundServer | undefined> => {
  const [go] = await onPath('go', search.environment)
  if (go === undefined) {
    search.tried.push('go install: no go on the PATH')
    return undefined
  }
  search.logger.info('installing nats-server with go install; this takes a minute or two', {
    version: INSTALLED_VERSION,
    path: target,
  })
  const isThere = async (): Promise<boolean> => (await judge(target, search)).refusal === undefined
  const why = await installWithGo({ ...search, go, target, isThere })
  if (why === undefined) return take(search, target, 'installed')
  search.tried.push(`${go} install: ${why}`)
  return undefined
}

const installPackage = async (search: Search): Promise<FoundServer | undefined> => {
  const { environment } = search
  const [aptGet] = await onPath('apt-get', environment)
  if (aptGet === undefined) {
    search.tried.push('the package of the system: no apt-get on the PATH')
    return undefined
  }
  const [sudo] = process.getuid?.() === 0 ? [] : await onPath('sudo', environment)
  const run = (...args: readonly string[]) => {
    const [file = aptGet, ...rest] = [...(sudo === undefined ? [] : [sudo, '-n']), aptGet, ...args]
    const variables = { ...environment, DEBIAN_FRONTEND: 'noninteractive' }
    return runCommand(file, rest, { environment: variables, durationMsMax: PACKAGE_MS_MAX })
  }
  search.logger.info('installing the package nats-server of the system')
  let result = await run('install', '-y', '--no-install-recommends', 'nats-server')
  if (!result.ok) {
    // A fresh machine has no list of packages yet.
    await run('update')
    result = await run('install', '-y', '--no-install-recommends', 'nats-server')
  }
  if (!result.ok) search.tried.push(`${aptGet} install nats-server: ${result.why}`)
  const files = [...(await onPath('nats-server', environment)), ...SYSTEM_FOLDERS.map((it) => `${it}/nats-server`)]
  for (const file of new Set(files)) {
    const found = await take(search, file, 'system')
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * Costs one run of `nats-server -v` where one is cached, and one to two minutes where none is found.
 * @throws Fault `NATS_SERVER_UNFIT`, `NATS_SERVER_NOT_FOUND`
 */
export const findNatsServer = async (options: FindOptions): Promise<FoundServer> => {
  const { need, environment, mayInstall = true, allowSystemPackages = false, logger = silentLogger } = options
  const { clock = systemClock, timers = systemTimers } = options
  const search: Search = { need, environment, logger, clock, timers, tried: [] }

  const named = environment.WAGGLE_NATS_SERVER ?? ''
  if (named !== '') return takeNamed(search, named)

  const cached = cachedServerPath(environment)
  const inCache = await take(search, cached, 'cache')
  if (inCache !== undefined) return inCache
  for (const file of await onPath('nats-server', environment)) {
    const found = await take(search, file, 'path')
    if (found !== undefined) return found
  }

  const installed = mayInstall ? await install(search, cached) : undefined
  if (installed !== undefined) return installed
  if (mayInstall && allowSystemPackages && need === 'unreplicated') {
    const found = await installPackage(search)
    if (found !== undefined) return found
  }
  const ways = ['install Go 1.25 or newer', `put nats-server ${INSTALLED_VERSION} on the PATH`]
  const help = [...ways, 'or name one in WAGGLE_NATS_SERVER'].join(', ')
  throw natsServerFault(
    'NATS_SERVER_NOT_FOUND',
    `no nats-server that fits; ${help}; tried: ${search.tried.join('; ')}`,
    {
      need,
      tried: search.tried,
    },
  )
}
