import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isFault, silentLogger, type Fault } from '@waggle/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cachedServerPath, findNatsServer, type FindOptions } from './find-nats-server.ts'

let folder: string
let bin: string
/** Only the folder of this test is on the `PATH`, so nothing of the machine is found. */
let environment: Record<string, string>

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'waggle find '))
  bin = path.join(folder, 'bin')
  await mkdir(bin)
  environment = { PATH: bin, HOME: folder, XDG_CACHE_HOME: path.join(folder, 'cache') }
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const script = async (file: string, lines: readonly string[]): Promise<string> => {
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, ['#!/bin/sh', ...lines, ''].join('\n'))
  await chmod(file, 0o755)
  return file
}

const sayVersion = (version: string): string => `echo "nats-server: v${version}"`
const fakeServer = (file: string, version: string): Promise<string> => script(file, [sayVersion(version)])

/** A `go` that takes a moment, counts its calls and makes a server of that version. */
const fakeGo = (version: string): Promise<string> =>
  script(path.join(bin, 'go'), [
    `echo "$@ CGO_ENABLED=$CGO_ENABLED" >> '${folder}/go-calls'`,
    '/bin/sleep 0.2',
    `printf '#!/bin/sh\\n${sayVersion(version)}\\n' > "$GOBIN/nats-server"`,
    '/bin/chmod 755 "$GOBIN/nats-server"',
  ])

const goCalls = async (): Promise<readonly string[]> =>
  (await readFile(path.join(folder, 'go-calls'), 'utf8')).trim().split('\n')

const find = (options: Partial<FindOptions> = {}) => findNatsServer({ need: 'replicated', environment, ...options })

const faultOfFind = async (options: Partial<FindOptions> = {}): Promise<Fault> => {
  try {
    await find(options)
  } catch (error) {
    if (isFault(error)) return error
    throw error
  }
  throw new Error('one was found')
}

describe('D1 the order', () => {
  it('is: named, cache, PATH; the first that does', async () => {
    const onPath = await fakeServer(path.join(bin, 'nats-server'), '2.15.2')
    expect(await find()).toEqual({ path: onPath, version: '2.15.2', source: 'path' })

    const cached = await fakeServer(cachedServerPath(environment), '2.14.5')
    expect(await find()).toEqual({ path: cached, version: '2.14.5', source: 'cache' })

    const named = await fakeServer(path.join(folder, 'mine'), '2.12.15')
    environment.WAGGLE_NATS_SERVER = named
    expect(await find()).toEqual({ path: named, version: '2.12.15', source: 'environment' })
  })

  it('passes over what does not do, on the PATH too', async () => {
    const second = path.join(folder, 'second')
    environment.PATH = `relative:${bin}:${second}`
    await fakeServer(cachedServerPath(environment), '2.14.4')
    await fakeServer(path.join(bin, 'nats-server'), '2.9.10')
    const good = await fakeServer(path.join(second, 'nats-server'), '2.14.9')
    expect(await find()).toEqual({ path: good, version: '2.14.9', source: 'path' })
    expect(await find({ need: 'unreplicated' })).toMatchObject({ version: '2.14.4', source: 'cache' })
  })

  it('installs with go what is not there, says so before, and finds it afterwards', async () => {
    await fakeServer(path.join(bin, 'nats-server'), '2.9.10')
    await fakeGo('2.14.5')
    const told: string[] = []
    const installed = await find({ logger: { ...silentLogger, info: (message) => told.push(message) } })
    expect(installed).toEqual({ path: cachedServerPath(environment), version: '2.14.5', source: 'installed' })
    expect(told).toHaveLength(1)
    expect(await goCalls()).toEqual(['install github.com/nats-io/nats-server/v2@v2.14.5 CGO_ENABLED=0'])
    expect(await find()).toMatchObject({ source: 'cache' })
    expect(await goCalls()).toHaveLength(1)
  })

  it('takes the package of the system last, where that is allowed and replicas are not needed', async () => {
    const target = path.join(bin, 'nats-server')
    await script(path.join(bin, 'apt-get'), [
      `echo "$@ $DEBIAN_FRONTEND" >> '${folder}/apt-calls'`,
      `[ "$1" = update ] && exec /bin/touch '${folder}/updated'`,
      `[ -e '${folder}/updated' ] || exit 100`,
      `printf '#!/bin/sh\\n${sayVersion('2.9.10')}\\n' > '${target}'`,
      `/bin/chmod 755 '${target}'`,
    ])
    expect(await faultOfFind({ need: 'unreplicated' })).toMatchObject({ code: 'NATS_SERVER_NOT_FOUND' })
    expect(await faultOfFind({ allowSystemPackages: true })).toMatchObject({ code: 'NATS_SERVER_NOT_FOUND' })
    const found = await find({ need: 'unreplicated', allowSystemPackages: true })
    expect(found).toEqual({ path: target, version: '2.9.10', source: 'system' })
    const calls = (await readFile(path.join(folder, 'apt-calls'), 'utf8')).trim().split('\n')
    const call = 'install -y --no-install-recommends nats-server noninteractive'
    expect(calls).toEqual([call, 'update noninteractive', call])
  })
})

describe('D2 the one that is named', () => {
  it('is a fault when it is absent, too old, or no nats-server, and nothing else is looked at', async () => {
    await fakeServer(path.join(bin, 'nats-server'), '2.14.5')
    const old = await fakeServer(path.join(folder, 'old'), '2.9.10')
    const other = await script(path.join(folder, 'other'), ['read line', 'echo hello'])
    const broken = await script(path.join(folder, 'broken'), ['echo no such option >&2', 'exit 3'])
    const plain = path.join(folder, 'plain')
    await writeFile(plain, 'no program')

    const refusal = async (named: string): Promise<string> => {
      environment.WAGGLE_NATS_SERVER = named
      const fault = await faultOfFind()
      expect(fault.code).toBe('NATS_SERVER_UNFIT')
      expect(fault.message).toContain(path.resolve(named))
      return fault.message
    }
    expect(await refusal(path.join(folder, 'nowhere'))).toContain('absent')
    expect(await refusal(old)).toContain('2.12.15')
    expect(await refusal(other)).toContain('tells no version: hello')
    expect(await refusal(broken)).toContain('no such option')
    expect(await refusal(plain)).toContain('EACCES')
    expect(await refusal(folder)).toContain('EACCES')

    environment.WAGGLE_NATS_SERVER = old
    expect(await find({ need: 'unreplicated' })).toMatchObject({ version: '2.9.10', source: 'environment' })
  })
})

describe('D3 when nothing does', () => {
  it('tells all that was tried, with versions and reasons', async () => {
    await fakeServer(cachedServerPath(environment), '2.14.0')
    await fakeServer(path.join(bin, 'nats-server'), '2.9.10')
    await script(path.join(bin, 'go'), ['echo "dial tcp: no network" >&2', 'exit 1'])
    const fault = await faultOfFind({ allowSystemPackages: true })
    expect(fault.code).toBe('NATS_SERVER_NOT_FOUND')
    expect(fault.details.tried).toEqual([
      expect.stringMatching(/cache.*\(2[.]14[.]0\): replicated streams need/),
      expect.stringMatching(/bin\/nats-server \(2[.]9[.]10\): replicated streams need/),
      expect.stringMatching(/bin\/go install: .*no network/),
    ])
    for (const tried of fault.details.tried as readonly string[]) expect(fault.message).toContain(tried)
    expect(fault.message).toContain('WAGGLE_NATS_SERVER')
  })

  it('tells of a cache folder that cannot be made, and of a go that makes something else', async () => {
    await fakeGo('2.14.4')
    expect((await faultOfFind()).message).toContain('(2.14.4): replicated streams need')
    environment.XDG_CACHE_HOME = await fakeServer(path.join(folder, 'a file'), '1.0.0')
    expect((await faultOfFind()).message).toMatch(/go install: E(NOTDIR|EXIST)/)
  })
})

describe('the cache folder', () => {
  it('is that of the environment, or of the home folder', () => {
    const file = 'waggle/nats-server/v2.14.5/nats-server'
    expect(cachedServerPath({ XDG_CACHE_HOME: '/c', HOME: '/h' })).toBe(`/c/${file}`)
    expect(cachedServerPath({ XDG_CACHE_HOME: '', HOME: '/h' })).toBe(`/h/.cache/${file}`)
    expect(cachedServerPath({ XDG_CACHE_HOME: 'c', HOME: '/h' })).toBe(`/h/.cache/${file}`)
    expect(path.isAbsolute(cachedServerPath({}))).toBe(true)
  })

  it('I1 I2 gets one server when several look at once, and keeps nothing else', async () => {
    await fakeGo('2.14.5')
    const found = await Promise.all([find(), find(), find({ need: 'unreplicated' })])
    for (const server of found) {
      expect(server).toEqual({ path: cachedServerPath(environment), version: '2.14.5', source: 'installed' })
    }
    expect(await goCalls()).toHaveLength(1)
    expect(await readdir(path.dirname(cachedServerPath(environment)))).toEqual(['nats-server'])
  })

  it('I2 is not kept locked by a process that died', async () => {
    const { pid } = spawnSync('/bin/true')
    const target = cachedServerPath(environment)
    await mkdir(path.dirname(target), { recursive: true })
    await writeFile(`${target}.lock`, String(pid))
    await fakeGo('2.14.5')
    expect(await find()).toMatchObject({ source: 'installed' })
  })

  it('I1 gets another server in place of one that does not do', async () => {
    await fakeServer(cachedServerPath(environment), '2.14.4')
    await fakeGo('2.14.5')
    expect(await find()).toMatchObject({ version: '2.14.5', source: 'installed' })
  })
})
