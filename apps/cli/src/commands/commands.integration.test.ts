/** Every command inside this process: what it prints, and with which code it ends. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Collective, CollectiveStats, Experience } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { UUID, withCollective, withStore } from '../testing/command-store.ts'
import { jsonLines } from '../testing/waggle-process.ts'
import { run } from '../testing/waggle-run.ts'

describe('waggle collective', () => {
  it('creates, gets, lists, counts and deletes', async () => {
    const { json, list, waggle } = withStore()
    const created = await json<Collective>(
      'collective',
      'create',
      'a',
      '--dimension',
      '3',
      '--owner',
      'me',
      '--id',
      UUID,
    )
    expect(created).toMatchObject({ id: UUID, name: 'a', dimension: 3, owner: 'me' })
    expect(await json<Collective>('collective', 'get', 'a')).toEqual(created)
    expect(await json<Collective>('collective', 'get', UUID)).toEqual(created)
    await json('collective', 'create', 'b', '--dimension', '64', '--embedder', 'hashing')
    expect((await list<Collective>('collective', 'list')).map(({ name }) => name)).toEqual(['a', 'b'])
    expect(await list<Collective>('collective', 'list', '--owner', 'me')).toEqual([created])
    expect(await json<CollectiveStats>('collective', 'stats', 'a')).toMatchObject({ experienceCount: 0 })
    expect(await waggle('collective', 'delete', 'a')).toMatchObject({ code: 2, stdout: '' })
    await json('collective', 'delete', 'a', '--yes')
    expect((await waggle('collective', 'get', 'a')).stderr).toMatch(/^fault NOT_FOUND: .*\n {2}\S/)
  })

  it('asks for the id where several carry the name', async () => {
    const { json, waggle } = withStore()
    await json('collective', 'create', 'a', '--dimension', '3')
    await json('collective', 'create', 'a', '--dimension', '3')
    const { code, stderr } = await waggle('collective', 'get', 'a')
    expect([code, stderr]).toEqual([1, expect.stringContaining('AMBIGUOUS_NAME')])
  })
})

describe('waggle experience', () => {
  it('records with all fields, and gets it back', async () => {
    const { json, record } = await withCollective()
    const type = { kind: 'solution', approach: 'wait', worked: true }
    const { id } = await record(
      'what was learnt',
      ...['--type', JSON.stringify(type), '--importance', '0.9', '--confidence', '1', '--domain', 'a, b'],
      ...['--file', 'x.ts', 'y.ts', '--agent', 'scout', '--task', 'T-1', '--id', UUID],
    )
    expect(id).toBe(UUID)
    const experience = await json<Experience>('experience', 'get', 'team', id)
    expect(experience).toMatchObject({
      ...{ content: 'what was learnt', type, importance: 0.9, confidence: 1, domain: ['a', 'b'] },
      ...{ relatedFiles: ['x.ts', 'y.ts'], sourceAgent: 'scout', sourceTask: 'T-1', version: 1 },
    })
    expect(experience.embedding).toHaveLength(64)
  })

  it('changes, hides, shows, counts and deletes', async () => {
    const { json, waggle, record } = await withCollective()
    const { id } = await record('a')
    expect(await json('experience', 'update', 'team', id, '--importance', '1', '--if-version', '1')).toMatchObject({
      version: 2,
    })
    const stale = await waggle('experience', 'update', 'team', id, '--importance', '0', '--if-version', '1')
    expect([stale.code, stale.stderr]).toEqual([1, expect.stringContaining('fault VERSION_MISMATCH')])
    expect(await json('experience', 'archive', 'team', id)).toMatchObject({ id, version: 3 })
    expect(await json('experience', 'get', 'team', id)).toMatchObject({ archived: true, importance: 1 })
    expect(await json('experience', 'unarchive', 'team', id)).toMatchObject({ version: 4 })
    expect(await json('experience', 'reinforce', 'team', id)).toMatchObject({ applications: 1 })
    await json('experience', 'delete', 'team', id)
    expect((await waggle('experience', 'get', 'team', id)).stderr).toContain('fault NOT_FOUND')
  })

  it('the same key records once', async () => {
    const { json, waggle, record } = await withCollective()
    expect(await record('a', '--key', 'k')).toEqual(await record('a', '--key', 'k'))
    expect(await json('collective', 'stats', 'team')).toMatchObject({ experienceCount: 1 })
    const other = await waggle('experience', 'record', 'team', '--content', 'b', '--key', 'k')
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('fault IDEMPOTENCY_KEY_REUSED')])
  })

  it('reads the content from stdin', async () => {
    const { store, json } = await withCollective()
    const input = 'line one\nline two\n'
    const { stdout } = await run(['experience', 'record', 'team', '--content', '-', '--path', store, '--json'], {
      input,
    })
    const { id } = JSON.parse(stdout) as { id: string }
    expect(await json('experience', 'get', 'team', id)).toMatchObject({ content: 'line one\nline two' })
  })

  it('lists page by page, or all at once', async () => {
    const { list, waggle, record } = await withCollective()
    for (const content of ['a', 'b', 'c']) await record(content)
    const page = await waggle('experience', 'list', 'team', '--limit', '2', '--json')
    expect((jsonLines(page.stdout) as readonly Experience[]).map(({ content }) => content)).toEqual(['a', 'b'])
    const { cursor } = JSON.parse(page.stderr) as { cursor: string }
    const rest = await list<Experience>('experience', 'list', 'team', '--cursor', cursor)
    expect(rest.map(({ content }) => content)).toEqual(['c'])
    const all = await list<Experience>('experience', 'list', 'team', '--limit', '1', '--all')
    expect(all.map(({ content }) => content)).toEqual(['a', 'b', 'c'])
  })

  it('prints lines for people, one an experience, whatever the content', async () => {
    const { waggle, record } = await withCollective()
    await record('line one\nline two \u001b[2J', '--agent', 'scout')
    const { stdout } = await waggle('experience', 'list', 'team')
    expect(stdout).toMatch(/^[0-9a-f-]{36} {2}\S+ \S+Z {2}generic +scout +line one line two \[2J\n$/)
  })
})

describe('waggle search and recent', () => {
  it('finds by text and by vector, with filters', async () => {
    const { folder, json, list, record } = await withCollective()
    await record('retry the payment with the same key', '--type', 'generic')
    const { id } = await record(
      'the migration locked the table',
      '--type',
      '{"kind":"fact","statement":"s","source":"t"}',
    )
    type Hit = { experience: Experience; similarity: number; parts: object }
    const hits = await list<Hit>('search', 'team', '--text', 'which migration locks a table?')
    expect(hits.map(({ experience }) => experience.id)[0]).toBe(id)
    expect(hits[0]!.parts).toMatchObject({ similarity: 1, text: 1 })
    const { embedding } = await json<{ embedding: number[] }>('experience', 'get', 'team', id)
    const file = path.join(folder, 'rows.f32')
    const other = Float32Array.from({ length: 64 }, () => 1)
    writeFileSync(file, Buffer.concat([Buffer.from(other.buffer), Buffer.from(Float32Array.from(embedding).buffer)]))
    const [best] = await list<Hit>('search', 'team', '--embedding', file, '--row', '1', '--k', '1')
    expect([best!.experience.id, best!.similarity]).toEqual([id, expect.closeTo(1, 5)])
    const facts = await list<Hit>('search', 'team', '--text', 'payment', '--filter', '{"types":["fact"]}')
    expect(facts.map(({ experience }) => experience.id)).toEqual([id])
    const soon = '{"since":"2999-01-01T00:00:00Z"}'
    expect(await list('recent', 'team', '--filter', soon)).toEqual([])
    expect((await list<Experience>('recent', 'team', '--limit', '1')).map((experience) => experience.id)).toEqual([id])
  })

  it('searches words where nobody makes embeddings, with neighbours, and leaves out what scores lower', async () => {
    const { folder, waggle } = withStore()
    await waggle('collective', 'create', 'plain', '--dimension', '2')
    const file = path.join(folder, 'row.f32')
    writeFileSync(file, Buffer.from(Float32Array.of(1, 0).buffer))
    for (const [content, agent] of [
      ['who locks the ledger?', 'ana'],
      ['the night shift', 'bo'],
      ['bees dance', 'ana'],
    ] as const)
      await waggle(
        ...['experience', 'record', 'plain', '--content', content, '--embedding', file],
        ...['--task', 'one', '--agent', agent],
      )
    const found = async (...options: string[]) =>
      (await waggle('search', 'plain', '--text', 'ledger', ...options)).stdout
    expect(await found()).toMatch(/^ +0\.\d{3} {2}[^\n]*ledger[^\n]*\n$/)
    expect(await found('--neighbours')).toMatch(/^ +1\.000 .*ledger.*\n +0\.300 .*night shift.*\n$/)
    expect(await found('--neighbours', '0.5,0', '--same-agent')).toMatch(/^ +1\.000 .*ledger.*\n +0\.500 .*bees.*\n$/)
    expect(await found('--neighbours', '--min-score', '0.5', '--diversity', '0.5')).toMatch(/^ +1\.000 .*ledger.*\n$/)
    expect(await waggle('search', 'plain', '--text', 'x', '--same-agent')).toMatchObject({ code: 2 })
    expect(await waggle('search', 'plain', '--text', 'x', '--neighbours', '1')).toMatchObject({ code: 2 })
    expect(await waggle('search', 'plain', '--text', 'x', '--weights', '1,0,0,0')).toMatchObject({ code: 2 })
    expect((await waggle('search', 'plain', '--text', 'x', '--weights', '0,1,0')).code).toBe(0)
    // Nobody makes an embedding of it, so nothing could be weighed.
    expect((await waggle('search', 'plain', '--text', 'x', '--weights', '1,0,0')).stderr).toContain(
      'weights.similarity',
    )
  })

  it('refuses a file of other rows, a row that is not there, and a search for nothing', async () => {
    const { folder, waggle } = await withCollective()
    const file = path.join(folder, 'rows.f32')
    writeFileSync(file, Buffer.alloc(100))
    expect((await waggle('search', 'team', '--embedding', file)).stderr).toContain('fault MATRIX_MISMATCH')
    writeFileSync(file, Buffer.alloc(64 * 4))
    expect((await waggle('search', 'team', '--embedding', file, '--row', '1')).stderr).toContain('row=1 rows=1')
    expect(await waggle('search', 'team')).toMatchObject({ code: 2 })
    expect((await waggle('search', 'team', '--text', 'x', '--k', '1001')).code).toBe(1)
  })
})

describe('exit codes', () => {
  it('sends whoever called a command wrongly to the help of that command', async () => {
    const { waggle } = await withCollective()
    for (const [args, path] of [
      [['bogus'], 'waggle'],
      [['relation', 'bogus'], 'waggle relation'],
      [['relation', 'create', 'team'], 'waggle relation create'],
    ] as const)
      expect(await waggle(...args)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(new RegExp(`^error: .*\nSee: ${path} --help\n$`)) as string,
      })
  })

  it('names the nearest word, and a misspelt option before a required one that is missing', async () => {
    const { waggle } = await withCollective()
    for (const [args, stderr] of [
      [
        ['colective', 'list'],
        /^error: unknown command 'colective'\n\(Did you mean collective\?\)\nSee: waggle --help\n$/,
      ],
      [
        ['experience', 'record', 'team', '--contnt', 'x'],
        /^error: unknown option '--contnt'\n\(Did you mean --content\?\)\n/,
      ],
      [['help', 'colective'], /^error: unknown command 'colective'\n/],
    ] as const)
      expect(await waggle(...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(stderr) as string })
  })

  it('O1: wrong usage is JSON, too, in the shape of a fault', async () => {
    const { waggle } = withStore()
    for (const [args, command] of [
      [['nonsense', '--json'], 'waggle'],
      [['collective', 'create', '--json'], 'waggle collective create'],
    ] as const) {
      const { code, stderr } = await waggle(...args)
      expect([code, JSON.parse(stderr)]).toEqual([
        2,
        {
          fault: { code: 'WRONG_USAGE', kind: 'invalid', message: expect.any(String) as string, details: { command } },
        },
      ])
    }
    // Behind the end of the options it is a word like any other.
    expect((await waggle('nonsense', '--', '--json')).stderr).toMatch(/^error: /)
  })

  it('C1: shows a stack only to whoever asks for it', async () => {
    const { store } = withStore()
    const get = async (isDebugging: boolean) =>
      run(['collective', 'get', 'x', '--path', store], { environment: { isDebugging } })
    expect((await get(false)).stderr).not.toMatch(/^ +at /m)
    expect((await get(true)).stderr).toMatch(/^fault NOT_FOUND[^]*^ +at /m)
  })

  it.each([
    [['nonsense']],
    [[]],
    [['collective']],
    [['collective', 'create', 'a']],
    [['collective', 'create', 'a', '--dimension', 'many']],
    [['collective', 'create', '--dimension', '3']],
    [['collective', 'create', 'a', 'b', '--dimension', '3']],
    [['collective', 'list', '--colour', 'red']],
    [['search', 'team', '--text', 'a', '--filter', '{']],
    [['experience', 'record', 'team', '--content', 'a', '--type', 'poem']],
    [['experience', 'update', 'team', UUID]],
    [['import', 'team', 'x.jsonl', '--concurrency', '0']],
    [['import', 'team', 'x.jsonl', '--embedder', 'hashing']],
    [['import', 'team', 'x.jsonl', '--map', 'content']],
    [['--server', 'nats://127.0.0.1:4222', 'collective', 'list']],
    [['completion', 'tcsh']],
  ])('2 for wrong usage: %j', async (args) => {
    const { code, stdout, stderr } = await withStore().waggle(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).not.toBe('')
  })

  it('2 for a store and a cluster at once', async () => {
    const { stderr } = await withStore().waggle('collective', 'list', '--server', 'nats://127.0.0.1:4222')
    expect(stderr).toMatch(/--server.*cluster/)
  })

  it('0 for help and version, which are data', async () => {
    for (const args of [['--help'], ['help', 'import'], ['import', '--help'], ['--version']]) {
      const { code, stdout, stderr } = await withStore().waggle(...args)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).not.toBe('')
    }
  })

  it('1 for a fault, as JSON with --json', async () => {
    const { waggle } = withStore()
    const { code, stdout, stderr } = await waggle('collective', 'stats', 'nobody', '--json')
    expect([code, stdout]).toEqual([1, ''])
    expect(JSON.parse(stderr)).toMatchObject({ fault: { code: 'NOT_FOUND', kind: 'notFound', details: {} } })
  })

  it('1 for values that the store refuses, naming the field', async () => {
    const { waggle } = withStore()
    const { code, stderr } = await waggle('collective', 'create', 'a', '--dimension', '4097')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^fault INVALID_FIELD: .*dimension/)])
  })
})

describe('global options', () => {
  it('stand before or after the command; $WAGGLE_PATH serves where --path is not given', async () => {
    const { store } = withStore()
    await run(['--path', store, 'collective', 'create', 'a', '--dimension', '3'])
    const named = await run(['collective', 'list', '--json'], { environment: { path: store } })
    expect((jsonLines(named.stdout) as readonly Collective[]).map(({ name }) => name)).toEqual(['a'])
    const { code } = await run(['collective', 'get', 'a', '--path', store], {
      environment: { path: '/nonexistent/never' },
    })
    expect(code).toBe(0)
  })

  it('--tenant keeps collectives apart', async () => {
    const { waggle } = withStore()
    await waggle('collective', 'create', 'a', '--dimension', '3', '--tenant', 'one')
    expect((await waggle('collective', 'list', '--tenant', 'two')).stdout).toBe('')
    expect((await waggle('collective', 'list', '--tenant', 'one')).stdout).toContain('  a\n')
    expect((await waggle('collective', 'list', '--tenant', 'a b')).code).toBe(1)
  })
})

describe('waggle doctor', () => {
  it('finds a good store good, and its digest is that of the export', async () => {
    const { store, record, list, waggle } = await withCollective()
    await record('a')
    await record('b')
    type Finding = { check: string; state: string; text: string }
    const findings = await list<Finding>('doctor')
    expect(findings.filter(({ state }) => state === 'fail')).toEqual([])
    expect(findings.map(({ check }) => check)).toEqual([
      ...[
        'node',
        'leveldb',
        'nats-server',
        'folder',
        'rights',
        'disk',
        'fsync',
        'lock',
        'store',
        'collectives',
        'team',
      ],
    ])
    expect(findings.at(-1)!.text).toMatch(/^2 experiences, digest [0-9a-f]{16}/)
    expect((await waggle('doctor')).stdout).toMatch(/^ok {4}node/)
    expect(readFileSync(path.join(store, 'acknowledged')).length).toBeGreaterThan(0)
  })

  it('warns of a folder without a store, and makes none', async () => {
    const { store, folder, waggle } = withStore()
    expect(await waggle('doctor')).toMatchObject({ code: 0, stdout: expect.stringContaining('warn  folder') as string })
    expect((await run(['doctor', '--path', folder])).stdout).toMatch(/^warn {2}folder .* is empty/m)
    expect(() => readFileSync(store)).toThrow()
  })

  it('fails where the path is a file, or the store is damaged', async () => {
    const { folder, store, waggle, record } = await withCollective()
    await record('a')
    const file = path.join(folder, 'file')
    writeFileSync(file, '')
    expect((await run(['doctor', '--path', file])).code).toBe(1)
    writeFileSync(path.join(store, 'state', 'CURRENT'), 'nonsense\n')
    const { code, stdout } = await waggle('doctor')
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^fail {2}store .*CORRUPT/m)])
  })
})

describe('waggle doctor --accept-loss', () => {
  it('gives up acknowledged writes that the folder has lost, and only when told to', async () => {
    const { folder, store, waggle, record } = await withCollective()
    await record('kept')
    cpSync(path.join(store, 'state'), path.join(folder, 'older'), { recursive: true })
    await record('lost')
    rmSync(path.join(store, 'state'), { recursive: true })
    cpSync(path.join(folder, 'older'), path.join(store, 'state'), { recursive: true })
    const refused = await waggle('doctor')
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringMatching(/^fail {2}store .*\n.*--accept-loss/m)])
    expect((await waggle('recent', 'team')).stderr).toContain('fault CORRUPT')
    const accepted = await waggle('doctor', '--accept-loss')
    expect([accepted.code, accepted.stderr]).toEqual([0, expect.stringMatching(/^warning: .*acknowledged/)])
    expect((await waggle('recent', 'team')).stdout).toMatch(/kept\n$/)
    expect((await waggle('doctor')).code).toBe(0)
  })
})

describe('waggle completion', () => {
  it.each(['bash', 'zsh', 'fish'])('knows every command in %s', async (shell) => {
    const { code, stdout } = await run(['completion', shell])
    expect(code).toBe(0)
    for (const word of ['import', 'unarchive', 'keep-going', 'accept-loss', 'related', 'heartbeat', 'min-strength'])
      expect(stdout).toContain(word)
    expect(stdout).not.toContain('demo-writer')
  })
})
