/** Keys, vectors, payloads and pages on the command line. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { UUID, withStore } from '../testing/command-store.ts'
import { jsonLines } from '../testing/waggle-process.ts'
import { run } from '../testing/waggle-run.ts'

interface Row {
  readonly key: unknown
  readonly value: unknown
}
type Written = { sequence: number; token: string }

const withHive = async () => {
  const context = withStore()
  await context.waggle('collective', 'create', 'team', '--dimension', '3')
  return context
}

describe('waggle keys', () => {
  it('puts, gets, lists and deletes; text is text, and --hex and --base64 are bytes', async () => {
    const { json, list, waggle } = await withHive()
    const first = await json<Written>('keys', 'put', 'team', 'a', '1', 'b', '2', '--key', 'once')
    expect(await json<Written>('keys', 'put', 'team', 'a', '1', 'b', '2', '--key', 'once')).toEqual(first)
    await json('keys', 'put', 'team', '00ff', 'fe', '--hex')
    await json('keys', 'put', 'team', 'Yy9k', 'AAE=', '--base64')
    expect(await list<Row>('keys', 'range', 'team')).toEqual([
      { key: { base64: 'AP8=' }, value: { base64: '/g==' } },
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
      { key: 'c/d', value: '\u0000\u0001' },
    ])
    expect(await list<Row>('keys', 'get', 'team', 'b', 'x')).toEqual([
      { key: 'b', value: '2' },
      { key: 'x', value: null },
    ])
    expect(await list<Row>('keys', 'get', 'team', '00ff', '--hex')).toEqual([{ key: '00ff', value: 'fe' }])
    const some = ['keys', 'range', 'team', '--start', 'a', '--end', 'c', '--limit', '1', '--reverse']
    expect(await list<Row>(...some)).toEqual([{ key: 'b', value: '2' }])
    expect(await list<Row>('keys', 'range', 'team', '--prefix', 'c/')).toMatchObject([{ key: 'd' }])
    expect((await waggle('keys', 'range', 'team', '--start', 'a', '--end', 'b')).stdout).toBe('a\t1\nb\t2\n')
    await json('keys', 'delete', 'team', 'a', 'never there')
    expect((await waggle('keys', 'get', 'team', 'a')).stderr).toContain('fault NOT_FOUND')
    expect(await json('keys', 'position', 'team')).toMatchObject({ oldest: first.sequence, keyCount: 3 })
  })

  it('takes values and rows from files and stdin, and writes a value to a file', async () => {
    const { folder, store, json, list } = await withHive()
    const file = path.join(folder, 'value')
    writeFileSync(file, Uint8Array.of(0, 255, 10))
    await json('keys', 'put', 'team', 'k', '--value', file)
    const out = path.join(folder, 'out')
    expect(await list('keys', 'get', 'team', 'k', '--out', out)).toEqual([])
    expect([...readFileSync(out)]).toEqual([0, 255, 10])
    const put = ['keys', 'put', 'team', '--lines', '-', '--path', store]
    expect((await run(put, { input: '["l","1"]\n{"key":"m","value":{"base64":"AP8="}}\n' })).code).toBe(0)
    expect((await list<Row>('keys', 'get', 'team', 'l', 'm')).map(({ value }) => value)).toEqual([
      ...['1', { base64: 'AP8=' }],
    ])
  })

  it('shows batches, follows them from one on, and says how to go on', async () => {
    const { json, list, waggle } = await withHive()
    const { sequence } = await json<Written>('keys', 'put', 'team', 'a', '1', 'b', '2')
    const gone = await json<Written>('keys', 'delete', 'team', 'a')
    expect(await list('keys', 'batch', 'team', String(sequence))).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ])
    expect(await list('keys', 'batch', 'team', String(gone.sequence))).toEqual([{ deleted: 'a' }])
    expect((await waggle('keys', 'batch', 'team', '100000')).stderr).toContain('fault NOT_FOUND')
    const follow = ['keys', 'subscribe', 'team', '--prefix', 'a', '--limit', '2', '--since', String(sequence), '--json']
    const { stdout, stderr } = await waggle(...follow)
    expect(jsonLines(stdout)).toMatchObject([
      { sequence, entries: [['a', '1']], deleted: [] },
      { sequence: gone.sequence, entries: [], deleted: ['a'] },
    ])
    expect(JSON.parse(stderr)).toEqual({ cursor: expect.any(String) as string })
  })

  it('reduces, prunes and keeps by a rule', async () => {
    const { json, list, waggle } = await withHive()
    await json('keys', 'put', 'team', 'log/1', 'x', 'log/2', 'x', 'log/3', 'x', 'other', 'x')
    expect(await json('keys', 'reduce', 'team')).toMatchObject({ results: ['4'], rows: 4 })
    expect(await json('keys', 'reduce', 'team', '--prefix', 'log/')).toMatchObject({ results: ['3'] })
    const lowest = { op: 'minField', expr: { field: { key: { byteOffset: 0, kind: 'fixedSizeBinary', length: 2 } } } }
    const ofBytes = ['keys', 'reduce', 'team', JSON.stringify({ reducers: [lowest] })]
    expect((await waggle(...ofBytes)).stdout).toBe('lo\n4 rows\n')
    await json('keys', 'put', 'team', '00ff', '00', '--hex')
    expect((await waggle(...ofBytes)).stdout).toBe('base64:AP8=\n5 rows\n')
    await json('keys', 'delete', 'team', '00ff', '--hex')
    const prune = ['keys', 'prune', 'team', '--prefix', 'log/', '--regex', '^(?<n>[0-9])$', '--order', 'n']
    expect(await json(...prune, '--keep-latest', '1')).toMatchObject({ keys: 2, isDone: true })
    expect((await list<Row>('keys', 'range', 'team')).map(({ key }) => key)).toEqual(['log/3', 'other'])
    expect(await json('keys', 'retention', 'team')).toMatchObject({ rule: null })
    const rule = { keepLatest: { count: 1 } }
    expect(await json('keys', 'retention', 'team', '--keep-latest', '1')).toMatchObject({ rule })
    expect(await json('keys', 'retention', 'team', '--clear')).toMatchObject({ rule: null })
    expect(await json('keys', 'prune', 'team', '--batches', '--drop-all')).toMatchObject({ isDone: true })
    expect((await waggle('keys', 'prune', 'team', '--prefix', 'a')).code).toBe(2)
    expect((await waggle('keys', 'prune', 'team', '--drop-all')).code).toBe(2)
  })

  it.each([
    ['put', 'team', 'a'],
    ['put', 'team'],
    ['put', 'team', 'zz', 'zz', '--hex'],
    ['put', 'team', 'a', 'b', '--hex', '--base64'],
    ['put', 'team', 'a', '--lines', '-'],
    ['get', 'team', 'a', 'b', '--out', 'unwritten'],
    ['retention', 'team', '--clear', '--drop-all'],
    ['batch', 'team', 'x'],
  ])('keys %s %s: what is wrongly called ends with 2', async (...args) => {
    const { waggle } = await withHive()
    expect((await waggle('keys', ...args)).code).toBe(2)
  })
})

describe('waggle vectors and payloads', () => {
  it('store, get, search, list and delete', async () => {
    const { store, json, list, waggle } = await withHive()
    const id = '18446744073709551615'
    await json('vectors', 'store', 'team', id, '--vector', '1,0,0.5')
    const lines = ['vectors', 'store', 'team', '--lines', '-', '--path', store, '--json']
    const { stdout } = await run(lines, { input: '{"id":1,"vector":[0,1,0]}\n[2,[0,0,1]]\n' })
    expect(JSON.parse(stdout)).toMatchObject({ count: 2 })
    expect(await list('vectors', 'get', 'team', id, '7')).toEqual([
      { id, vector: [1, 0, 0.5] },
      { id: '7', vector: null },
    ])
    await json('payloads', 'store', 'team', id, '{"kind":"note"}')
    await json('payloads', 'store', 'team', '1', 'null')
    expect(await list('payloads', 'get', 'team', id, '1', '2')).toEqual([
      ...[{ id, payload: { kind: 'note' } }, { id: '1', payload: null }, { id: '2' }],
    ])
    const search = ['vectors', 'search', 'team', '--vector', '1,0,0', '--metric', 'dot', '--k', '2']
    expect(await list(...search)).toMatchObject([{ id, score: 1 }, { id: '1' }])
    const filter = ['--filter', '{"type":"eq","field":"kind","value":"note"}', '--include', 'payload']
    expect(await list(...search, ...filter)).toEqual([{ id, score: 1, payload: { kind: 'note' } }])
    expect(await list('vectors', 'ids', 'team')).toEqual(['1', '2', id])
    expect(await list('payloads', 'ids', 'team')).toEqual(['1', id])
    await json('vectors', 'delete', 'team', '1', '2')
    await json('payloads', 'delete', 'team', '1')
    expect(await json('vectors', 'status', 'team')).toMatchObject({ count: 1, dimension: 3 })
    expect(await json('payloads', 'status', 'team')).toMatchObject({ count: 1 })
    expect(await json('vectors', 'durability', 'team', 'none')).toEqual({ durability: 'none' })
    await json('vectors', 'flush', 'team')
    await json('payloads', 'flush', 'team')
    for (const args of [
      ['store', 'team'],
      ['store', 'team', '1'],
      ['get', 'team', 'x'],
      ['search', 'team'],
    ])
      expect((await waggle('vectors', ...args)).code).toBe(2)
  })
})

describe('waggle pages', () => {
  it('allocates, writes and reads; stores, loads and forgets memories', async () => {
    const { folder, json, list, waggle } = await withHive()
    const { page } = await json<{ page: number }>('pages', 'allocate', 'team')
    await json('pages', 'write', 'team', String(page), 'hello')
    expect(await json('pages', 'read', 'team', String(page))).toEqual({ kind: 'data', bytes: 'hello' })
    const file = path.join(folder, 'memory.json')
    const memory = { id: UUID, agentId: UUID, memoryType: 'semantic', content: 'x', createdAt: 1, accessedAt: 2 }
    writeFileSync(file, JSON.stringify(memory))
    const { pages } = await json<{ pages: number[] }>('pages', 'store', 'team', file)
    expect(await json('pages', 'load', 'team', UUID)).toMatchObject(memory)
    const attributes = { bytes: { base64: 'AAEC' }, text: '000102', count: 3 }
    writeFileSync(file, JSON.stringify({ ...memory, attributes }))
    await json('pages', 'store', 'team', file)
    writeFileSync(file, JSON.stringify(await json('pages', 'load', 'team', UUID)))
    await json('pages', 'store', 'team', file)
    expect(await json('pages', 'load', 'team', UUID)).toMatchObject({ ...memory, attributes })
    writeFileSync(file, JSON.stringify({ ...memory, content: 'y' }))
    await json('pages', 'update', 'team', String(pages[0]), file)
    expect(await json('pages', 'load', 'team', String(pages[0]))).toMatchObject({ content: 'y' })
    expect(await list('pages', 'scan', 'team')).toEqual([{ id: UUID, page: pages[0] }])
    await json('pages', 'delete', 'team', UUID)
    await json('pages', 'checkpoint', 'team')
    expect(await json('pages', 'status', 'team')).toMatchObject({ memoryCount: 0 })
    expect((await waggle('pages', 'load', 'team', UUID)).stderr).toContain('fault NOT_FOUND')
    expect((await waggle('pages', 'write', 'team', '1')).code).toBe(2)
  })
})
