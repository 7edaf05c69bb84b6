/** Relations, insights, activities, context, changes, cursors and batches on the command line. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Activity, Change, Collective, Experience, Insight, Relation } from '@waggle/sdk'
import { describe, expect, it } from 'vitest'
import { UUID, withCollective, withStore } from '../testing/command-store.ts'
import { jsonLines } from '../testing/waggle-process.ts'
import { run } from '../testing/waggle-run.ts'

type Written = { id: string; token: string }

/** The collective with three experiences. */
const withRecords = async () => {
  const context = await withCollective()
  const contents = ['the ledger locks at noon', 'refunds take the ledger lock', 'cats are small']
  const ids: string[] = []
  for (const content of contents) ids.push((await context.record(content, '--agent', 'scout')).id)
  return { ...context, ids: ids as [string, string, string] }
}

describe('waggle relation', () => {
  it('creates, gets, lists and deletes', async () => {
    const { ids, json, list, waggle } = await withRecords()
    const [a, b, c] = ids
    const create = ['relation', 'create', 'team', a, b, '--type', 'supports', '--strength', '0.7', '--metadata', 'why']
    const { id } = await json<Written>(...create, '--key', 'k')
    expect(await json<Written>(...create, '--key', 'k')).toMatchObject({ id })
    const relation = await json<Relation>('relation', 'get', 'team', id)
    expect(relation).toMatchObject({ id, source: a, target: b, type: 'supports', strength: 0.7, metadata: 'why' })
    await json('relation', 'create', 'team', b, c, '--type', 'implies')
    expect((await list<Relation>('relation', 'list', 'team')).map(({ type }) => type)).toEqual(['supports', 'implies'])
    const page = await waggle('relation', 'list', 'team', '--limit', '1', '--json')
    expect([jsonLines(page.stdout), Object.keys(JSON.parse(page.stderr) as object)]).toEqual([[relation], ['cursor']])
    expect(await list('relation', 'list', 'team', '--offset', '2')).toEqual([])
    const again = await waggle('relation', 'create', 'team', a, b, '--type', 'supports')
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('fault ALREADY_EXISTS')])
    await json('relation', 'delete', 'team', id)
    expect((await waggle('relation', 'get', 'team', id)).stderr).toContain('fault NOT_FOUND')
  })

  it('shows what is related, and ways through relations', async () => {
    const { ids, json, list, waggle } = await withRecords()
    const [a, b, c] = ids
    await json('relation', 'create', 'team', a, b, '--type', 'supports')
    await json('relation', 'create', 'team', b, c, '--type', 'implies', '--strength', '0.5')
    type Item = { experience: Experience; relation: Relation }
    const related = async (...more: string[]) =>
      (await list<Item>('relation', 'related', 'team', b, ...more)).map((item) => item.experience.id)
    expect(await related()).toEqual([c, a])
    expect(await related('--direction', 'incoming')).toEqual([a])
    expect(await related('--type', 'implies', '--min-strength', '0.6')).toEqual([])
    const text = (await waggle('relation', 'related', 'team', b)).stdout
    expect(text).toMatch(/^→ implies .*cats are small\n← supports .*the ledger locks at noon\n$/)
    const paths = await list<{ experiences: string[] }>('relation', 'paths', 'team', a, c)
    expect(paths.map(({ experiences }) => experiences)).toEqual([[a, b, c]])
    expect((await waggle('relation', 'paths', 'team', a)).stdout).toBe(
      `${a} ─supports→ ${b}\n${a} ─supports→ ${b} ─implies→ ${c}\n`,
    )
    expect((await waggle('relation', 'paths', 'team', a, '--limit', '1')).stderr).toContain('there may be more')
    expect(await list('relation', 'paths', 'team', a, c, '--types', 'supports,contradicts')).toEqual([])
  })
})

describe('waggle insight', () => {
  it('stores, gets, lists, finds and deletes', async () => {
    const { ids, store, json, list, waggle } = await withRecords()
    const [a, b] = ids
    const { id } = await json<Written>(
      ...['insight', 'store', 'team', '--content', 'the ledger lock is busy at noon', '--source', a, b],
      ...['--type', 'synthesis', '--confidence', '0.9', '--domain', 'ledger, locks', '--id', UUID],
    )
    expect(id).toBe(UUID)
    const insight = await json<Insight>('insight', 'get', 'team', id)
    expect(insight).toMatchObject({ sources: [a, b], confidence: 0.9, domain: ['ledger', 'locks'], stale: false })
    expect(insight.embedding).toHaveLength(64)
    const other = ['insight', 'store', 'team', '--content', '-', '--source', a, '--type', 'pattern', '--path', store]
    expect((await run(other, { input: 'cats sleep\n' })).code).toBe(0)
    expect((await list<Insight>('insight', 'list', 'team')).map(({ content }) => content)).toContain('cats sleep')
    const [hit] = await list<{ insight: Insight; similarity: number }>(
      'insight',
      'search',
      'team',
      '--text',
      'busy lock?',
    )
    expect(hit).toMatchObject({ insight: { id }, similarity: expect.any(Number) as number })
    await json('experience', 'delete', 'team', b)
    expect(await json('insight', 'get', 'team', id)).toMatchObject({ stale: true, lostSources: [b] })
    expect((await waggle('insight', 'list', 'team')).stdout).toMatch(/synthesis +2 sources +\(stale\) the ledger lock/)
    await json('insight', 'delete', 'team', id)
    expect(await list('insight', 'list', 'team')).toHaveLength(1)
  })
})

describe('waggle activity', () => {
  it('registers, beats, lists and ends', async () => {
    const { json, list, waggle } = await withCollective()
    await json('activity', 'register', 'team', 'scout', '--task', 'T-1', '--summary', 'reads the ledger')
    await json('activity', 'register', 'team', 'guard')
    await json('activity', 'heartbeat', 'team', 'scout')
    const active = await list<Activity>('activity', 'active', 'team')
    expect(active.find(({ agent }) => agent === 'scout')).toMatchObject({ task: 'T-1', summary: 'reads the ledger' })
    expect((await waggle('activity', 'active', 'team')).stdout).toMatch(/Z {2}scout +T-1 {2}reads the ledger\n/)
    await json('activity', 'end', 'team', 'scout')
    expect((await list<Activity>('activity', 'active', 'team')).map(({ agent }) => agent)).toEqual(['guard'])
    expect((await waggle('activity', 'heartbeat', 'team', 'scout')).stderr).toContain('fault NOT_FOUND')
  })
})

describe('waggle context', () => {
  it('shows everything of one moment, as one value or in sections', async () => {
    const { ids, json, waggle } = await withRecords()
    const [a, b] = ids
    await json('relation', 'create', 'team', a, b, '--type', 'supports')
    await json('insight', 'store', 'team', '--content', 'noon is busy', '--source', a, '--type', 'pattern')
    await json('activity', 'register', 'team', 'scout')
    const question = ['context', 'team', '--text', 'when does the ledger lock?']
    const found = await json<Record<string, readonly unknown[]>>(...question, '--similar', '2', '--recent', '1')
    const lengths = Object.fromEntries(Object.entries(found).map(([name, value]) => [name, value.length]))
    expect(lengths).toMatchObject({ similar: 2, recent: 1, insights: 1, relations: 1, activeAgents: 1 })
    const { stdout } = await waggle(...question, '--weights', '0.5,0.5')
    expect(stdout.match(/^[a-z]+:$/gm)).toEqual(['near:', 'recent:', 'insights:', 'relations:', 'agents:'])
    const bare = await waggle(...question, '--no-insights', '--no-relations', '--no-agents')
    expect(bare.stdout.match(/^[a-z]+:$/gm)).toEqual(['near:', 'recent:'])
    expect(await waggle('context', 'team')).toMatchObject({ code: 2 })
  })
})

describe('energy on the command line', () => {
  it('of one experience, of the cold ones, and in a search', async () => {
    const { ids, json, list, waggle } = await withRecords()
    const [a] = ids
    await json('experience', 'update', 'team', a, '--importance', '0.1')
    expect((await json<{ energy: number }>('experience', 'energy', 'team', a)).energy).toBeCloseTo(0.1, 4)
    expect((await list<{ id: string }>('experience', 'cold', 'team', '--below', '0.3')).map(({ id }) => id)).toEqual([
      a,
    ])
    type Hit = { experience: Experience; similarity: number; score: number; energy?: number }
    const search = ['search', 'team', '--text', 'the ledger locks at noon']
    expect((await list<Hit>(...search))[0]).toMatchObject({ experience: { id: a } })
    const weighted = await list<Hit>(...search, '--weights', '0.1,0.9')
    expect([weighted[0]!.experience.id === a, weighted.every(({ energy }) => energy !== undefined)]).toEqual([
      false,
      true,
    ])
    expect((await waggle(...search, '--weights', '{"similarity":0.1,"energy":0.9}')).stdout).toMatch(
      /^ +\d\.\d{3} +-?\d\.\d{3} +\d\.\d{3} +\d\.\d{3} {2}[0-9a-f-]{36}/,
    )
    expect((await waggle(...search, '--weights', '0.5,0.6')).stderr).toMatch(/^fault INVALID_FIELD: .*weights/)
  })

  it('a collective is renamed, and told its language and how energy fades', async () => {
    const { json, waggle } = await withCollective()
    const update = ['collective', 'update', 'team', '--name', 'crew', '--owner', 'ana', '--decay', '{"floor":0.5}']
    expect(await json<Collective>(...update)).toMatchObject({ name: 'crew', owner: 'ana', decay: { floor: 0.5 } })
    expect((await waggle('collective', 'get', 'crew')).stdout).toMatch(/^decay +\{.*"floor":0.5/m)
    expect(await waggle('collective', 'update', 'crew')).toMatchObject({ code: 2 })
    expect(await json<Collective>('collective', 'update', 'crew', '--language', 'french')).toMatchObject({
      language: 'french',
    })
    expect((await waggle('collective', 'get', 'crew')).stdout).toMatch(/^language +french$/m)
    const unknown = await waggle('collective', 'create', 'other', '--dimension', '2', '--language', 'klingon')
    expect(unknown.stderr).toMatch(/^fault INVALID_FIELD: .*language.*english/)
  })
})

describe('waggle watch', () => {
  it('--once shows what is there, and how to go on', async () => {
    const { ids, json, waggle } = await withRecords()
    const [a, b] = ids
    await json('relation', 'create', 'team', a, b, '--type', 'supports')
    const all = await waggle('watch', 'team', '--from', 'start', '--once', '--json')
    const changes = jsonLines(all.stdout) as readonly Change[]
    expect(changes.map(({ kind, entity }) => `${kind} ${entity}`)).toEqual([
      'created collective',
      ...Array<string>(3).fill('created experience'),
      'created relation',
    ])
    const { cursor } = JSON.parse(all.stderr) as { cursor: string }
    await json('experience', 'delete', 'team', a)
    const rest = await waggle(
      'watch',
      'team',
      '--from',
      cursor,
      '--once',
      '--kinds',
      'deleted',
      '--entities',
      'experience',
    )
    expect(rest.stdout).toMatch(new RegExp(`^\\S+ \\S+Z  deleted   experience  ${a}\n$`))
    expect(rest.stderr).toMatch(/^go on: --from \S+\n$/)
    const filtered = ['--filter', '{"agents":["scout"]}', '--from', changes[1]!.cursor]
    expect((await waggle('watch', 'team', '--once', ...filtered)).stdout.split('\n')).toHaveLength(4)
    expect((await waggle('watch', 'team', '--once', '--from', 'nonsense')).stderr).toContain('fault INVALID_CURSOR')
    expect(await waggle('watch', 'team', '--once', '--kinds', 'renamed')).toMatchObject({ code: 2 })
  })

  it('W1 shows changes as they happen, and ends cleanly when it is interrupted', async () => {
    const { store, ids } = await withRecords()
    const controller = new AbortController()
    const seen: string[] = []
    const watching = run(['watch', 'team', '--from', 'start', '--json', '--path', store], {
      interrupted: controller.signal,
      onOutput: (text) => {
        seen.push(text)
        if (seen.join('').includes(ids[2])) controller.abort()
      },
    })
    const { code, stdout, stderr } = await watching
    const changes = jsonLines(stdout) as readonly Change[]
    expect([code, changes.map(({ id }) => id).slice(1)]).toEqual([0, ids])
    expect(JSON.parse(stderr)).toEqual({ cursor: changes.at(-1)!.cursor })
  })
})

describe('waggle cursor', () => {
  it('saves, lists and drops', async () => {
    const { json, list, waggle } = await withRecords()
    const { stderr } = await waggle('watch', 'team', '--once', '--json')
    const { cursor } = JSON.parse(stderr) as { cursor: string }
    await json('cursor', 'save', 'team', 'mirror', cursor)
    expect(await list('cursor', 'list', 'team')).toMatchObject([{ name: 'mirror', cursor }])
    await json('cursor', 'drop', 'team', 'mirror')
    expect(await list('cursor', 'list', 'team')).toEqual([])
  })
})

describe('waggle batch', () => {
  it('does all or nothing, from a file or stdin, once a key', async () => {
    const { ids, folder, store, json, waggle } = await withRecords()
    const [a, b] = ids
    const file = path.join(folder, 'batch.json')
    const commands = [
      { operation: 'experience.record', id: UUID, content: 'made by its embedder' },
      { operation: 'relation.create', source: UUID, target: a, type: 'elaborates' },
      { operation: 'experience.archive', id: b },
    ]
    writeFileSync(file, JSON.stringify(commands))
    const batch = ['batch', 'team', file, '--key', 'k']
    const { results } = await json<{ results: readonly object[] }>(...batch)
    expect(results).toMatchObject([{ id: UUID }, {}, { version: 2 }])
    expect((await waggle(...batch)).stdout).toMatch(/^ {3}0 {2}experience\.record {2}id=/)
    expect(await json('usage')).toMatchObject({ collectiveCount: 1, experienceCount: 4, relationCount: 1 })
    const bad = JSON.stringify([{ operation: 'experience.archive', id: a }, commands[0]])
    const refused = await run(['batch', 'team', '-', '--path', store], { input: bad })
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/^fault ALREADY_EXISTS: commands\[1\]/)])
    expect(await json('experience', 'get', 'team', a)).toMatchObject({ archived: false })
    const nonsense = await run(['batch', 'team', '-', '--path', store], { input: '[' })
    expect([nonsense.code, nonsense.stderr]).toEqual([1, expect.stringContaining('fault MALFORMED_INPUT')])
    expect((await waggle('usage')).stdout).toMatch(/^collectives +1\nexperiences +4\n/)
  })
})

describe('wrong usage of these', () => {
  it.each([
    [['relation', 'create', 'team', UUID, UUID]],
    [['relation', 'create', 'team', UUID, UUID, '--type', 'refutes']],
    [['relation', 'related', 'team', UUID, '--direction', 'up']],
    [['insight', 'store', 'team', '--content', 'a', '--type', 'pattern']],
    [['insight', 'search', 'team']],
    [['search', 'team', '--text', 'a', '--weights', '0.5']],
    [['collective', 'update', 'team', '--decay', '{']],
    [['cursor', 'save', 'team', 'mirror']],
    [['batch', 'team']],
  ])('2 for %j', async (args) => {
    expect(await withStore().waggle(...args)).toMatchObject({ code: 2, stdout: '' })
  })
})
