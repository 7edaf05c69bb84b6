/** The probes of real processes, while others of their cluster are stopped, killed or not reached. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectNode } from '@waggle/cluster'
import { silentLogger, systemClock, systemRandom, systemTimers } from '@waggle/kernel'
import { testServer, type TestServer } from '@waggle/nats-server/testing'
import { metricTable } from '@waggle/protocol'
import { afterEach, describe, expect, test } from 'vitest'

type ServiceName = 'router' | 'shard' | 'compactor'

const PATIENCE_MS = 90_000
const SHARDS = 4

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Service {
  readonly child: ChildProcess
  readonly port: number
  readonly lines: readonly Record<string, unknown>[]
}

interface Probe {
  readonly status: number
  readonly checks: readonly { readonly name: string; readonly ready: boolean; readonly reason?: string }[]
}

/** Repeats `ask` until it gives something; what it saw last is told where it never does. */
const until = async <Value>(what: string, ask: () => Promise<Value | undefined>): Promise<Value> => {
  const endMs = systemClock.monotonicMs() + PATIENCE_MS
  for (;;) {
    const value = await ask()
    if (value !== undefined) return value
    if (systemClock.monotonicMs() > endMs) throw new Error(`never happened: ${what}`)
    await new Promise<void>((resolve) => systemTimers.after(100, resolve))
  }
}

const spawnService = (service: ServiceName, environment: Readonly<Record<string, string>>) => {
  const command = fileURLToPath(new URL(`../../${service}/bin/waggle-${service}.mjs`, import.meta.url))
  const { PATH } = process.env
  const child = spawn(process.execPath, [command], {
    env: { PATH, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines: Record<string, unknown>[] = []
  let rest = ''
  child.stderr.on('data', (chunk) => {
    const [...whole] = (rest + String(chunk)).split('\n')
    rest = whole.pop() ?? ''
    for (const line of whole) lines.push(JSON.parse(line) as Record<string, unknown>)
  })
  const ended = once(child, 'exit') as Promise<[number | null]>
  cleanups.push(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, lines, ended }
}

const start = async (service: ServiceName, server: TestServer, more: Readonly<Record<string, string>>) => {
  const { child, lines } = spawnService(service, { WAGGLE_NATS__URL: server.url, WAGGLE_HTTP__PORT: '0', ...more })
  const said = await until(`${service} serves: ${JSON.stringify(lines)}`, async () =>
    lines.find(({ msg }) => msg === 'http server listens'),
  )
  return { child, lines, port: said.port as number } satisfies Service
}

const startShard = async (server: TestServer, node: string): Promise<Service> => {
  const folder = await mkdtemp(join(tmpdir(), 'waggle-probes-'))
  cleanups.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const cluster = { WAGGLE_CLUSTER__SHARDS: String(SHARDS), WAGGLE_CLUSTER__DURABILITY: 'replicated' }
  return start('shard', server, { WAGGLE_NODE: node, WAGGLE_DIR: folder, ...cluster })
}

const probe = async ({ port }: Service, path: string): Promise<Probe> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  const { checks = [] } = (await response.json()) as { readonly checks?: Probe['checks'] }
  return { status: response.status, checks }
}

const untilStatus = (service: Service, status: number, what: string): Promise<Probe> =>
  until(what, async () => {
    const answer = await probe(service, '/readyz')
    return answer.status === status ? answer : undefined
  })

/** Series with their values, of which the names must be declared. */
const seriesOf = async ({ port }: Service): Promise<ReadonlyMap<string, number>> => {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const rows = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(rows.map((row) => [row.slice(0, row.lastIndexOf(' ')), Number(row.slice(row.lastIndexOf(' ') + 1))]))
}

const ledBy = async (service: Service): Promise<number> =>
  [...(await seriesOf(service))]
    .filter(([series]) => series.startsWith('waggle_shard_owner'))
    .reduce((total, [, value]) => total + value, 0)

describe('the probes of processes', () => {
  test('a shard process that is stopped and killed leaves the others ready; nobody is without NATS', async () => {
    const server = await testServer()
    cleanups.push(() => server.dispose())
    const [one, two] = [await startShard(server, 'one'), await startShard(server, 'two')]
    const router = await start('router', server, { WAGGLE_NODE: 'router' })
    const compactor = await start('compactor', server, { WAGGLE_NODE: 'compactor' })
    const all = [one, two, router, compactor]
    for (const service of all) await untilStatus(service, 200, 'all are ready')
    await until('every shard is led', async () =>
      (await ledBy(one)) + (await ledBy(two)) === SHARDS ? true : undefined,
    )

    two.child.kill('SIGSTOP')
    await until('the first leads everything', async () => {
      for (const service of [one, router, compactor])
        expect(await probe(service, '/readyz')).toMatchObject({ status: 200 })
      return (await ledBy(one)) === SHARDS ? true : undefined
    })
    two.child.kill('SIGKILL')
    expect(await probe(router, '/readyz')).toMatchObject({ status: 200 })

    await server.stop()
    for (const service of [one, router, compactor]) {
      const { checks } = await untilStatus(service, 503, 'NATS is missed')
      expect(checks).toContainEqual({ name: 'nats', ready: false, reason: 'not connected' })
      expect((await probe(service, '/livez')).status).toBe(200)
    }
    await server.restart()
    for (const service of [one, router, compactor]) await untilStatus(service, 200, 'NATS is back')
  })

  test('a request is counted once, by who answers it, and every series is declared', async () => {
    const server = await testServer()
    cleanups.push(() => server.dispose())
    const shard = await startShard(server, 'one')
    const router = await start('router', server, { WAGGLE_NODE: 'router' })
    for (const service of [shard, router]) await untilStatus(service, 200, 'both are ready')
    const connection = await connectNode({
      ...{ servers: [server.url], name: 'test', logger: silentLogger, clock: systemClock, random: systemRandom },
    })
    cleanups.push(() => connection.close())
    const ask = async (operation: string, body: object) =>
      connection.request(`waggle.v1.default.${operation}`, JSON.stringify(body), { timeout: PATIENCE_MS })
    await ask('collective.create', { name: 'bees', dimension: 2 })
    await ask('collective.create', { name: 'bees' })
    await ask('collective.list', {})
    const [atShard, atRouter] = [await seriesOf(shard), await seriesOf(router)]
    expect(atShard.get('waggle_requests_total{op="collective.create",code="OK"}')).toBe(1)
    expect(atShard.get('waggle_request_duration_seconds_count{op="collective.create"}')).toBe(1)
    expect(atShard.get('waggle_log_append_duration_seconds_count')).toBeGreaterThan(0)
    expect(atRouter.get('waggle_requests_total{op="collective.create",code="REQUIRED_FIELD"}')).toBe(1)
    expect(atRouter.get('waggle_requests_total{op="collective.list",code="OK"}')).toBe(1)
    const declared = new Set<string>(Object.values(metricTable).map(({ name }) => name))
    const names = [...atShard.keys(), ...atRouter.keys()].map((series) => series.replace(/\{.*/, ''))
    const unknown = names.filter(
      (name) => !declared.has(name) && !declared.has(name.replace(/_(bucket|sum|count)$/, '')),
    )
    expect(new Set(unknown)).toEqual(new Set(['target_info']))
  })

  test('H4 P10 a port that is taken ends the start with 1, by its number', async () => {
    const server = await testServer()
    cleanups.push(() => server.dispose())
    const { port } = await start('router', server, { WAGGLE_NODE: 'one' })
    const more = { WAGGLE_NATS__URL: server.url, WAGGLE_NODE: 'two', WAGGLE_HTTP__PORT: String(port) }
    const { ended, lines } = spawnService('router', more)
    expect((await ended)[0]).toBe(1)
    expect(JSON.stringify(lines)).toContain(`port=${port} reason=it is taken`)
  })
})
