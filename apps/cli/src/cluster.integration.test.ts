/** The commands on a cluster, which all tests here share: the same words, and the same answers as on a folder. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { startLocalCluster, type LocalCluster } from '@waggle/local-cluster'
import type {
  CheckpointListed,
  CheckpointTaken,
  Collective,
  Experience,
  HorizonMoved,
  SearchHit,
} from '@waggle/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Finding } from './doctor/finding.ts'
import type { HostEnvironment } from './host.ts'
import { sharedFolder, testFolder } from './testing/store-folder.ts'
import { jsonLines } from './testing/waggle-process.ts'
import { run, type Run } from './testing/waggle-run.ts'

const SHARDS = 2

const folder = sharedFolder()
let cluster: LocalCluster
let environment: Partial<HostEnvironment>

beforeAll(async () => {
  const stateFolder = path.join(folder(), 'state')
  environment = { stateFolder }
  cluster = await startLocalCluster({
    ...{ folder: path.join(folder(), 'cluster'), stateFolder, shards: SHARDS, environment: process.env },
  })
})

afterAll(async () => {
  await cluster.stop()
})

const waggle = async (...args: readonly string[]): Promise<Run> =>
  run([...args, '--server', cluster.url], { environment })

/** Expects success, and nothing but data. */
const list = async <Value>(...args: readonly string[]): Promise<readonly Value[]> => {
  const { code, stdout, stderr } = await waggle(...args, '--json')
  expect([code, stderr]).toEqual([0, ''])
  return jsonLines(stdout) as readonly Value[]
}

const json = async <Value>(...args: readonly string[]): Promise<Value> => {
  const [value, ...others] = await list<Value>(...args)
  expect(others).toEqual([])
  return value as Value
}

describe('memories on a cluster', () => {
  it('are recorded, found, changed and deleted', async () => {
    await json('collective', 'create', 'team', '--dimension', '64', '--embedder', 'hashing')
    const record = ['experience', 'record', 'team', '--content', 'staging has no IPv6', '--key', 'once']
    const { id } = await json<{ id: string }>(...record)
    expect(await json(...record)).toMatchObject({ id })
    const [hit] = await list<SearchHit>('search', 'team', '--text', 'IPv6 on staging?')
    expect(hit?.experience.id).toBe(id)
    await json('experience', 'update', 'team', id, '--importance', '0.9')
    expect(await json('experience', 'get', 'team', id)).toMatchObject({ importance: 0.9, version: 2 })
    await json('experience', 'archive', 'team', id)
    expect(await list('recent', 'team')).toEqual([])
    await json('experience', 'delete', 'team', id)
    expect(await waggle('experience', 'get', 'team', id)).toMatchObject({ code: 1 })
    expect((await list<Collective>('collective', 'list')).map(({ name }) => name)).toContain('team')
    await json('collective', 'delete', 'team', '--yes')
    expect((await waggle('collective', 'get', 'team')).stderr).toContain('NOT_FOUND')
  })

  it('P2: an import that is repeated doubles nothing', async () => {
    const file = path.join(testFolder(), 'lines.jsonl')
    const lines = Array.from({ length: 300 }, (_, index) =>
      JSON.stringify({ content: `line ${index}`, embedding: [1, index] }),
    )
    writeFileSync(file, lines.join('\n'))
    expect(await json('import', 'lines', file, '--dimension', '2')).toMatchObject({ recorded: 300, failed: 0 })
    expect(await json('import', 'lines', file)).toMatchObject({ lines: 300, recorded: 0, existing: 300 })
  })

  it('are related, concluded from, and told to whoever watches, as they happen', async () => {
    await json('collective', 'create', 'graph', '--dimension', '64', '--embedder', 'hashing')
    const record = async (content: string) =>
      (await json<{ id: string }>('experience', 'record', 'graph', '--content', content)).id
    const controller = new AbortController()
    let seen = ''
    const first = await record('first')
    const { cursor } = JSON.parse((await waggle('watch', 'graph', '--once', '--json')).stderr) as { cursor: string }
    const watching = run(['watch', 'graph', '--from', cursor, '--server', cluster.url, '--json'], {
      environment,
      interrupted: controller.signal,
      onOutput: (text) => {
        seen += text
        if (seen.split('\n').length > 3) controller.abort()
      },
    })
    const second = await record('second')
    const { id: related } = await json<{ id: string }>(
      'relation',
      'create',
      'graph',
      first,
      second,
      '--type',
      'implies',
    )
    const store = ['insight', 'store', 'graph', '--content', 'so', '--source', first, second, '--type', 'pattern']
    const { id: concluded } = await json<{ id: string }>(...store)
    const { code, stdout } = await watching
    expect([code, (jsonLines(stdout) as readonly { id: string }[]).map(({ id }) => id)]).toEqual([
      ...[0, [second, related, concluded]],
    ])
    expect(await json('context', 'graph', '--text', 'second')).toMatchObject({
      ...{ relations: [{ id: related }], insights: [{ id: concluded }] },
    })
    await json('activity', 'register', 'graph', 'scout')
    expect(await list('activity', 'active', 'graph')).toMatchObject([{ agent: 'scout' }])
    expect(await json<{ collectiveCount: number }>('usage')).toMatchObject({ relationCount: 1, insightCount: 1 })
  })

  it('go from a cluster to a folder and back, byte for byte', async () => {
    const [first, second, third] = [
      path.join(testFolder(), 'a'),
      path.join(testFolder(), 'b'),
      path.join(testFolder(), 'c'),
    ]
    const store = path.join(testFolder(), 'store')
    await json('collective', 'create', 'source', '--dimension', '2')
    const { id } = await json<{ id: string }>(
      'experience',
      'record',
      'source',
      '--content',
      'kept',
      '--embedding',
      vector(),
    )
    await json('experience', 'reinforce', 'source', id)
    await json('export', 'source', '--out', first)
    const inFolder = await run(['import', 'copy', first, '--restore', '--dimension', '2', '--path', store, '--json'])
    expect(JSON.parse(inFolder.stdout)).toMatchObject({ recorded: 1 })
    await run(['export', 'copy', '--out', second, '--path', store])
    await json('import', 'copy', second, '--restore', '--dimension', '2')
    await json('export', 'copy', '--out', third)
    expect(readFileSync(second, 'utf8')).toBe(readFileSync(first, 'utf8'))
    expect(readFileSync(third, 'utf8')).toBe(readFileSync(first, 'utf8'))
    expect(await list<Experience>('experience', 'list', 'copy')).toMatchObject([{ content: 'kept', applications: 1 }])
  })
})

/** A file of one row of two components. */
const vector = (): string => {
  const file = path.join(testFolder(), 'vector.f32')
  writeFileSync(file, Buffer.from(Float32Array.of(3, 4).buffer))
  return file
}

describe('where a command works', () => {
  it('W2, W5: $NATS_URL leads to a cluster, and a note says so', async () => {
    const { code, stderr } = await run(['collective', 'list'], {
      environment: { ...environment, natsUrl: cluster.url },
    })
    expect([code, stderr]).toEqual([0, `using the cluster at ${cluster.url} ($NATS_URL)\n`])
    const inJson = await run(['collective', 'list', '--json'], { environment: { natsUrl: cluster.url } })
    expect(JSON.parse(inJson.stderr)).toEqual({ note: expect.stringContaining(cluster.url) as string })
  })

  it('is one place: a folder and a cluster at once are wrong usage', async () => {
    expect(await waggle('collective', 'list', '--path', 'here')).toMatchObject({ code: 2, stdout: '' })
  })

  it('without rights, and without a server, is a fault that says so', async () => {
    const denied = await waggle('collective', 'list', '--user', 'nobody', '--password', 'wrong')
    expect([denied.code, denied.stderr]).toEqual([1, expect.stringContaining('fault DENIED')])
    const other = await waggle('collective', 'list', '--tenant', 'other')
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('fault DENIED')])
    const away = await run(['collective', 'list', '--server', 'nats://127.0.0.1:1'])
    expect([away.code, away.stderr]).toEqual([1, expect.stringContaining('127.0.0.1:1')])
  })
})

describe('an operator', () => {
  it('sees every shard with its leader', async () => {
    const shards = await list<Record<string, unknown>>('shard', 'list')
    expect(shards).toHaveLength(SHARDS)
    const pid = cluster.children().find(({ role }) => role === 'shard')?.pid
    expect(shards[0]).toMatchObject({ shard: 0, leader: 'node-1', pid, followers: [] })
    const fields = [
      ...['shard', 'leader', 'pid', 'epoch', 'applied', 'last', 'horizon'],
      ...['checkpoint', 'reads', 'followers'],
    ]
    expect(Object.keys(shards[0]!)).toEqual(fields)
    const { stdout } = await waggle('shard', 'list')
    expect(stdout.split('\n')[0]?.split(/ +/)).toEqual(fields)
  })

  it('sees logs, servers and processes', async () => {
    const status = await json<Record<string, readonly unknown[]>>('log', 'status')
    expect(status).toMatchObject({ compactors: [{ active: true }], servers: [{ syncAlways: true }] })
    expect(status.items).toHaveLength(SHARDS)
    expect((await waggle('log', 'status')).stdout).toContain('syncs before it acknowledges')
    expect(await list('node', 'list')).toMatchObject([{ node: 'node-1', draining: false, leads: [0, 1], halted: [] }])
  })

  it('has checkpoints made, states compared and logs pruned, of one shard or of all', async () => {
    const [taken] = await list<CheckpointTaken>('checkpoint', 'create', '--shard', '0')
    expect(taken).toMatchObject({ shard: 0, verified: true })
    const [kept, ...others] = await list<CheckpointListed>('checkpoint', 'list')
    expect(others).toEqual([])
    expect(kept).toMatchObject({ shard: 0, sequence: taken?.sequence, digest: taken?.digest, node: 'node-1' })
    expect(await list('verify')).toMatchObject([
      ...[0, 1].map((shard) => ({ shard, verified: true, digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string })),
    ])
    expect((await list<HorizonMoved>('log', 'prune')).map(({ first, horizon }) => first <= horizon)).toEqual([
      true,
      true,
    ])
    expect((await waggle('verify', '--shard', '1')).stdout).toMatch(/^shard .*\n +1 .* yes/)
  })

  it('P10 hears at once of a shard or node that is not there', async () => {
    expect((await waggle('log', 'prune', '--shard', '2')).stderr).toContain('fault INVALID_FIELD')
    expect((await waggle('node', 'drain', 'nobody')).stderr).toContain('fault NOT_FOUND')
    expect(await waggle('node', 'drain')).toMatchObject({ code: 2 })
    expect(await waggle('verify', '--shard', 'x')).toMatchObject({ code: 2 })
  })

  it('P12: is somebody: credentials of this user’s cluster, or those that are given, and no others', async () => {
    const { user, password } = cluster.operator
    const bare = ['shard', 'list', '--server', cluster.url]
    const nobody = await run(bare)
    expect([nobody.code, nobody.stderr]).toEqual([
      1,
      expect.stringMatching(/fault DENIED: no credentials of an operator[^]*`waggle up`/),
    ])
    expect(await run([...bare, '--user', user, '--password', password])).toMatchObject({ code: 0, stderr: '' })
    expect((await run([...bare, '--user', user, '--password', 'wrong'])).stderr).toContain('DENIED')
    expect(await run(['shard', 'list'])).toMatchObject({ code: 2 })
  })
})

describe('a folder', () => {
  it('P8 is verified by reading every row of it, and has no checkpoints', async () => {
    const store = path.join(testFolder(), 'store')
    const at = ['--path', store, '--json']
    const none = await run(['verify', ...at])
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('NOT_FOUND')])
    await run(['collective', 'create', 'team', '--dimension', '2', ...at])
    const first = await run(['verify', ...at])
    expect(JSON.parse(first.stdout)).toMatchObject({ verified: true, digest: expect.any(String) as string })
    expect(JSON.parse((await run(['verify', ...at])).stdout)).toMatchObject({
      digest: (JSON.parse(first.stdout) as { digest: string }).digest,
    })
    for (const verb of ['create', 'list']) {
      const { code, stderr } = await run(['checkpoint', verb, '--path', store])
      expect([code, stderr]).toEqual([2, expect.stringMatching(/waggle export .* waggle verify/)])
    }
  })
})

describe('waggle doctor', () => {
  it('finds a good cluster good', async () => {
    const findings = await list<Finding>('doctor')
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([])
    expect(findings.map(({ check }) => check)).toEqual([
      ...[
        'node',
        'server',
        'version',
        'max_payload',
        'jetstream',
        'requests',
        'clock',
        'shards',
        'lag',
        'nodes',
        'logs',
      ],
      ...['compactor', 'durability', 'sync', 'store'],
    ])
  })

  it('says what an operator would see, and where nothing answers', async () => {
    const { code, stdout } = await run(['doctor', '--server', cluster.url])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^warn {2}operator .*\n.*--user/m)])
    const away = await run(['doctor', '--server', '127.0.0.1:1'])
    expect([away.code, away.stdout]).toEqual([1, expect.stringMatching(/^fail {2}server .*\n.*address/m)])
  })
})
