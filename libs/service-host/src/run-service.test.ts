import { fault, metricTable } from '@waggle/protocol'
import { systemIds, systemRandom } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { commonOptions } from './config/common-options.ts'
import { integerOption } from './config/option.ts'
import type { Pages } from './http/http-server.ts'
import type { ProcessHost, StopSignal } from './process-host.ts'
import { runService, type RunningService, type ServiceDefinition } from './run-service.ts'

const whole = { WAGGLE_NODE: 'node-1', WAGGLE_NATS__URL: 'nats://127.0.0.1:4222' }

/** A process that does what the test says. */
const scriptedHost = (variables: Readonly<Record<string, string>> = {}, given: readonly string[] = []) => {
  const lines: Record<string, unknown>[] = []
  const exits: number[] = []
  const answers: string[] = []
  const timers: { delayMs: number; callback: () => void }[] = []
  const http = { pages: {} as Pages, isOpen: false, line: undefined as unknown }
  const said = { signal: (_: StopSignal) => undefined, uncaught: (_: unknown) => undefined, inputEnd: () => undefined }
  const host: ProcessHost = {
    ...{ pid: 4711, arguments: given, variables: { ...whole, ...variables }, readText: () => '' },
    usage: () => ({ cpuSeconds: 1.5, residentBytes: 100, heapBytes: 50 }),
    async serveHttp({ port, pages }) {
      Object.assign(http, { pages, isOpen: true })
      return { port, close: async () => void (http.isOpen = false) }
    },
    writeAnswer: (text) => void answers.push(text),
    ...{ clock: manualClock(), random: systemRandom, ids: systemIds },
    timers: {
      after(delayMs, callback) {
        timers.push({ delayMs, callback })
        return () => undefined
      },
      yield: () => Promise.resolve(),
    },
    writeLog(text) {
      const line = JSON.parse(text) as Record<string, unknown>
      if (line.msg === 'http server listens') http.line = line
      else lines.push(line)
    },
    onSignal: (listener) => Object.assign(said, { signal: listener }),
    onUncaught: (listener) => Object.assign(said, { uncaught: listener }),
    onInputEnd: (listener) => Object.assign(said, { inputEnd: listener }),
    exit: (code) => void exits.push(code),
  }
  return { host, lines, exits, answers, timers, said, http }
}

const never = new Promise<never>(() => undefined)
const calm: RunningService = { drain: () => Promise.resolve(), checks: () => [], ended: never }

const options = {
  ...commonOptions({ drainMs: 5_000 }),
  count: integerOption({ about: 'how many', min: 1, max: 9, default: 1 }),
} as const

const service = (start: () => Promise<RunningService>): ServiceDefinition<typeof options> => ({
  ...{ name: 'waggle-test', version: '1.2.3', options, start },
})

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

describe('the life of a service', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('H1 %s drains and leaves with 0', async (signal) => {
    const { host, exits, said, lines } = scriptedHost()
    let drains = 0
    const drain = async () => void (drains += 1)
    const code = runService(
      service(async () => ({ ...calm, drain })),
      host,
    )
    await settled()
    expect(exits).toEqual([])
    said.signal(signal)
    expect(await code).toBe(0)
    expect([drains, exits]).toEqual([1, [0]])
    expect(lines.map(({ msg }) => msg)).toEqual(['draining', 'drained'])
  })

  it('H1 the end of the standard input drains where it means the parent’s death', async () => {
    const { host, said, exits } = scriptedHost({ WAGGLE_EXIT_WITH_STDIN: '1' })
    const code = runService(
      service(async () => calm),
      host,
    )
    await settled()
    said.inputEnd()
    // A pipe ends and closes: that is one wish.
    said.inputEnd()
    expect(await code).toBe(0)
    expect(exits).toEqual([0])
  })

  it('H1 a signal during the start drains what was started', async () => {
    const { host, said } = scriptedHost()
    let started: (service: RunningService) => void = () => undefined
    const code = runService(
      service(() => new Promise((resolve) => (started = resolve))),
      host,
    )
    await settled()
    said.signal('SIGTERM')
    await settled()
    started(calm)
    expect(await code).toBe(0)
  })

  it('H2 a drain that takes too long leaves with 1', async () => {
    const { host, said, timers } = scriptedHost()
    const code = runService(
      service(async () => ({ ...calm, drain: () => never })),
      host,
    )
    await settled()
    said.signal('SIGTERM')
    timers.find(({ delayMs }) => delayMs === 5_000)!.callback()
    expect(await code).toBe(1)
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('H2 a second signal, %s, leaves at once with %i', async (signal, code) => {
    const { host, said } = scriptedHost()
    const left = runService(
      service(async () => ({ ...calm, drain: () => never })),
      host,
    )
    await settled()
    said.signal('SIGTERM')
    said.signal(signal)
    expect(await left).toBe(code)
  })

  it.each([
    { WAGGLE_COUNT: '10' },
    { LOG_LEVEL: 'loud' },
    { WAGGLE_EXIT_WITH_STDIN: 'yes' },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  ])('H3 %o is refused with 2, and nothing is started', async (environment) => {
    const { host, lines } = scriptedHost(environment)
    let starts = 0
    const start = async () => {
      starts += 1
      return calm
    }
    expect(await runService(service(start), host)).toBe(2)
    expect(starts).toBe(0)
    expect(lines).toMatchObject([{ level: 'error', code: 'INVALID_FIELD', field: Object.keys(environment)[0] }])
  })

  it('H3 everything that is refused is said, a line each', async () => {
    const { host, lines } = scriptedHost({ WAGGLE_COUNT: '0', LOG_LEVEL: 'loud', WAGGLE_NODE: '' })
    expect(
      await runService(
        service(async () => calm),
        host,
      ),
    ).toBe(2)
    expect(lines.map(({ msg, field }) => [msg, field])).toEqual([
      ['configuration refused', 'WAGGLE_NODE'],
      ['configuration refused', 'LOG_LEVEL'],
      ['configuration refused', 'WAGGLE_COUNT'],
    ])
  })

  it.each([
    ['--print-config', 'count: 7 # WAGGLE_COUNT\n'],
    ['--version', 'waggle-test 1.2.3\n'],
    ['--help', '--count=…  WAGGLE_COUNT'],
  ])('H3 %s is answered, and nothing is started', async (flag, answer) => {
    const { host, answers, lines, exits } = scriptedHost({ WAGGLE_COUNT: '7' }, [flag])
    expect(
      await runService(
        service(() => Promise.reject(new Error('started'))),
        host,
      ),
    ).toBe(0)
    expect([answers.length, lines, exits]).toEqual([1, [], [0]])
    expect(answers[0]).toContain(answer)
  })

  it('H4 a service that cannot start leaves with 1 and says why', async () => {
    const { host, lines } = scriptedHost()
    const start = () => Promise.reject(fault('CLOSED', 'no way in'))
    expect(await runService(service(start), host)).toBe(1)
    expect(lines).toMatchObject([{ level: 'error', msg: 'the service failed', reason: 'no way in' }])
  })

  it.each([
    [() => Promise.resolve(new Error('refused')), 'refused'],
    [() => Promise.reject(new Error('broken')), 'broken'],
  ])('H4 a service that ends on its own leaves with 1 (%#)', async (ended, reason) => {
    const { host, lines } = scriptedHost()
    expect(
      await runService(
        service(async () => ({ ...calm, ended: ended() })),
        host,
      ),
    ).toBe(1)
    expect(lines).toMatchObject([{ level: 'error', reason }])
  })

  it('H4 an error that nobody caught leaves with 1', async () => {
    const { host, said, lines } = scriptedHost()
    const code = runService(
      service(async () => calm),
      host,
    )
    await settled()
    said.uncaught(new TypeError('oops'))
    expect(await code).toBe(1)
    expect(lines).toMatchObject([{ level: 'error', reason: 'oops', error: { type: 'TypeError' } }])
  })

  it('H5 leaves once, by its first reason', async () => {
    const { host, said, exits } = scriptedHost()
    const code = runService(
      service(async () => ({ ...calm, drain: () => never })),
      host,
    )
    await settled()
    said.uncaught('first')
    said.signal('SIGTERM')
    said.signal('SIGTERM')
    expect(await code).toBe(1)
    expect(exits).toEqual([1])
  })

  it('H6 O1 O2 serves its probes before it starts and until it leaves: live at once, ready in between', async () => {
    const { host, said, http } = scriptedHost()
    const status = async (path: string) => (await http.pages[path]!()).status
    let [start, end] = [(_: RunningService) => undefined, () => undefined] as [(_: RunningService) => void, () => void]
    const code = runService(
      service(() => new Promise((resolve) => (start = resolve))),
      host,
    )
    await settled()
    expect(http.line).toMatchObject({ level: 'info', host: '127.0.0.1', port: 8_080 })
    expect([await status('/livez'), await status('/readyz'), await status('/healthz')]).toEqual([200, 503, 503])
    let isReady = false
    const drain = () => new Promise<void>((resolve) => (end = resolve))
    start({ ...calm, drain, checks: () => [{ name: 'nats', ready: isReady }] })
    await settled()
    expect(await status('/readyz')).toBe(503)
    isReady = true
    expect([await status('/readyz'), await status('/healthz')]).toEqual([200, 200])
    said.signal('SIGTERM')
    expect([await status('/livez'), await status('/readyz'), http.isOpen]).toEqual([200, 503, true])
    await settled()
    end()
    expect([await code, http.isOpen]).toEqual([0, false])
  })

  it('H6 serves what the process and its libraries tell, as text for Prometheus', async () => {
    const { host, http } = scriptedHost()
    const definition = service(async () => calm)
    void runService(
      {
        ...definition,
        async start(_, { metrics }) {
          metrics.counter(metricTable.natsReconnects, { connection: 'one' }).add()
          return calm
        },
      },
      host,
    )
    await settled()
    const page = await http.pages['/metrics']!()
    expect(page).toMatchObject({ status: 200, contentType: 'text/plain; version=0.0.4; charset=utf-8' })
    for (const line of [
      'waggle_nats_reconnects_total{connection="one"} 1',
      'waggle_build_info{service="waggle-test",version="1.2.3"} 1',
      'process_cpu_seconds_total 1.5',
      'process_resident_memory_bytes 100',
    ])
      expect(page.body.split('\n')).toContain(line)
    expect(page.body).toMatch(/^target_info\{.*service_instance_id="node-1".*\} 1$/m)
  })

  it('H4 H6 a port that is taken leaves with 1 and says so', async () => {
    const { host, lines } = scriptedHost()
    const serveHttp = () => Promise.reject(new Error('cannot listen for HTTP reason=it is taken'))
    expect(
      await runService(
        service(() => never),
        { ...host, serveHttp },
      ),
    ).toBe(1)
    expect(lines).toMatchObject([{ level: 'error', reason: 'cannot listen for HTTP reason=it is taken' }])
  })

  it('writes lines of JSON with time, level, message and who speaks', async () => {
    const { host, said, lines } = scriptedHost({ LOG_LEVEL: 'debug' })
    const definition = service(async () => calm)
    const code = runService(
      {
        ...definition,
        async start(_, { logger }) {
          logger.debug('seen', { shard: 3 })
          return calm
        },
      },
      host,
    )
    await settled()
    said.signal('SIGTERM')
    await code
    const who = { service: 'waggle-test', version: '1.2.3', pid: 4711, ts: '2023-11-14T22:13:20.000Z' }
    expect(lines[0]).toEqual({ ...who, level: 'debug', msg: 'seen', shard: 3 })
  })
})
