/**
 * What any NATS client in any language meets, told in bytes: `docs/wire-protocol.md` is checked here. One cluster of
 * two shards serves all tests, also those that come after every sort of hostility.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import { systemIds } from '@waggle/kernel'
import {
  decodeListCursor,
  decodeToken,
  encodeBody,
  encodeListCursor,
  encodeToken,
  faultCatalogue,
  limits,
  operations,
  wholeTenantPermissions,
  type BuiltName,
  type Encoding,
  type ResultOf,
  type Sequence,
  type TenantId,
} from '@waggle/protocol'
import { sampleRequests } from '@waggle/protocol/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startLocalCluster, type LocalCluster } from './local-cluster.ts'
import { eventually } from './testing/cluster-state.ts'
import { cutShort, hostileBodies } from './testing/wire-bodies.ts'
import { WireConnection, type WireReply } from './testing/wire-connection.ts'

const encodings: readonly Encoding[] = ['json', 'messagePack']
const guest = { user: 'guest', password: 'guest', inboxPrefix: 'waggle.inbox.guests' }
const guests = 'guests' as TenantId

let folder: TemporaryFolder
let cluster: LocalCluster
let wire: WireConnection
/** Of dimension 3, with one record. */
let collective: string
let known: { readonly id: string; readonly token: string }

const subject = (operation: string, tenant = 'default'): string => `waggle.v1.${tenant}.${operation}`

const send = async (operation: string, body: object, encoding: Encoding = 'json'): Promise<WireReply> =>
  wire.request(subject(operation), encodeBody(body, encoding))

/** A request's result, once it is known to be one. */
const ask = async <Name extends BuiltName>(
  operation: Name,
  body: object,
  encoding: Encoding = 'json',
): Promise<ResultOf<Name> & { readonly token: string }> => {
  const { body: reply, headers, encoding: used } = await send(operation, body, encoding)
  expect(reply).toMatchObject({ ok: true })
  expect([headers, used]).toEqual([{}, encoding])
  return reply as never
}

/** A reply that refuses, in all its parts. */
const expectFault = ({ body, headers }: WireReply, code: string, details: object = {}): void => {
  const { kind } = faultCatalogue[code as keyof typeof faultCatalogue]
  expect(body).toMatchObject({ ok: false, error: { code, kind, details } })
  expect(headers['Nats-Service-Error']?.slice(0, code.length + 2)).toBe(`${code}: `)
  expect(headers['Nats-Service-Error-Code']).toBe(String(numbers[kind]))
}

const numbers = {
  ...{ invalid: 400, denied: 403, notFound: 404, conflict: 409, lost: 410, moved: 421, busy: 429 },
  ...{ closed: 499, internal: 500, notReady: 503, unavailable: 504, corrupt: 520 },
}

const refusal = async (operation: string, body: object, code: string, details: object = {}): Promise<void> =>
  expectFault(await send(operation, body), code, details)

beforeAll(async () => {
  folder = await temporaryFolder()
  const users = [{ ...{ user: guest.user, password: guest.password }, permissions: wholeTenantPermissions(guests) }]
  cluster = await startLocalCluster({ folder: folder.path, shards: 2, users, environment: process.env })
  wire = await WireConnection.open(cluster.url)
  collective = (await ask('collective.create', { name: 'wire', dimension: 3 })).collective.id
  known = await ask('experience.record', { collective, content: 'known', embedding: [1, 0, 0] })
})

afterAll(async () => {
  await wire.close()
  await cluster.stop()
  await folder.remove()
})

/** Whatever a test sent: the connection is still there, and so is every part of the cluster. */
afterEach(async () => {
  expect(wire.isOpen).toBe(true)
  const { experience } = await ask('experience.get', { collective, id: known.id, consistency: 'strong' })
  expect(experience?.content).toBe('known')
})

describe.each(encodings)('in %s', (encoding) => {
  const inEncoding = async <Name extends BuiltName>(operation: Name, body: object) => ask(operation, body, encoding)

  it('P2 a collective is created once under one key, is found by name, listed and deleted', async () => {
    const asked = { name: `team ${encoding}`, dimension: 2, owner: `ana ${encoding}`, idempotencyKey: encoding }
    const created = await inEncoding('collective.create', asked)
    expect(await inEncoding('collective.create', asked)).toEqual(created)
    const { id, ...rest } = created.collective
    expect(rest).toMatchObject({ name: `team ${encoding}`, dimension: 2, owner: `ana ${encoding}` })
    expect((await inEncoding('collective.get', { name: `team ${encoding}` })).collective).toEqual(created.collective)
    expect((await inEncoding('collective.get', { collective: id })).collective).toEqual(created.collective)
    expect((await inEncoding('collective.list', { owner: `ana ${encoding}` })).items).toEqual([created.collective])
    expect(await inEncoding('collective.getOrCreate', { name: `team ${encoding}`, dimension: 2 })).toMatchObject({
      created: false,
      collective: created.collective,
    })
    const deletion = { collective: id, idempotencyKey: `delete ${encoding}` }
    expect(await inEncoding('collective.delete', deletion)).toEqual(await inEncoding('collective.delete', deletion))
    expect((await inEncoding('collective.get', { collective: id })).collective).toBeUndefined()
    await refusal('collective.stats', { collective: id }, 'NOT_FOUND', { entity: 'collective', id })
  })

  it('P2 P5 P7 a record lives: recorded, found, changed, archived, reinforced, counted, deleted', async () => {
    const made = await inEncoding('collective.getOrCreate', { name: `life ${encoding}`, dimension: 2 })
    const within = { collective: made.collective.id }
    expect(made.created).toBe(true)
    const asked = { ...within, content: 'first', embedding: [3, 4], domain: ['d'], idempotencyKey: 'first' }
    const first = await inEncoding('experience.record', asked)
    expect(await inEncoding('experience.record', asked)).toEqual(first)
    const { ids, token } = await inEncoding('experience.recordMany', {
      ...within,
      experiences: [
        { content: 'second', embedding: [1, 0], type: { kind: 'fact', statement: 's', source: 'w' } },
        { content: 'third', embedding: [0, 1] },
      ],
    })
    const address = { ...within, id: first.id }
    const { experience } = await inEncoding('experience.get', { ...address, token })
    expect(experience).toMatchObject({ id: first.id, collective: within.collective, content: 'first', version: 1 })
    expect(vectorOf(experience?.embedding)).toEqual([3, 4])

    const absent = systemIds.uuid()
    const many = await inEncoding('experience.getMany', { ...within, ids: [ids[1], absent, first.id, ids[1]] })
    const contents = (items: readonly ({ content: string } | null)[]) => items.map((item) => item?.content)
    expect(contents(many.items)).toEqual(['third', undefined, 'first', 'third'])
    expect(many.items[1]).toBeNull()
    const page = await inEncoding('experience.list', { ...within, limit: 2 })
    const rest = await inEncoding('experience.list', { ...within, limit: 2, cursor: page.cursor })
    expect(contents([...page.items, ...rest.items])).toEqual(['first', 'second', 'third'])
    expect(rest.cursor).toBeUndefined()
    const filter = { domains: ['d'] }
    expect(contents((await inEncoding('experience.recent', { ...within, filter })).items)).toEqual(['first'])
    expect(contents((await inEncoding('experience.recent', { ...within, limit: 2 })).items)).toEqual([
      'third',
      'second',
    ])

    const found = await inEncoding('experience.search', { ...within, embedding: [0, 2], k: 2, include: ['embedding'] })
    const hits = found.results
    expect(hits.map(({ experience: hit, similarity }) => [hit.content, similarity])).toEqual([
      ['third', 1],
      ['first', Math.fround(0.8)],
    ])
    expect(vectorOf(hits[0]!.experience.embedding)).toEqual([0, 1])

    const changed = await inEncoding('experience.update', { ...address, patch: { importance: 1 }, ifVersion: 1 })
    expect(changed.version).toBe(2)
    await refusal('experience.update', { ...address, patch: { importance: 0 }, ifVersion: 1 }, 'VERSION_MISMATCH')
    expect((await inEncoding('experience.archive', address)).version).toBe(3)
    expect((await inEncoding('experience.archive', address)).version).toBe(3)
    const { stats } = await inEncoding('collective.stats', within)
    expect(stats).toMatchObject({ experienceCount: 3, archivedCount: 1 })
    expect((await inEncoding('experience.unarchive', address)).version).toBe(4)
    const reinforced = { ...address, idempotencyKey: 'again' }
    expect(await inEncoding('experience.reinforce', reinforced)).toMatchObject({ applications: 1 })
    expect(await inEncoding('experience.reinforce', reinforced)).toMatchObject({ applications: 1 })
    expect(await inEncoding('experience.reinforce', address)).toMatchObject({ applications: 2 })
    await inEncoding('experience.delete', address)
    expect((await inEncoding('experience.get', address)).experience).toBeUndefined()
  })

  it('P2 P3 a graph lives: related, concluded, walked, told of, taken along by what it hangs on', async () => {
    const { id } = (await inEncoding('collective.create', { name: `graph ${encoding}`, dimension: 2 })).collective
    const within = { collective: id }
    const [one, two] = [systemIds.uuid(), systemIds.uuid()]
    const record = (given: string) => ({ operation: 'experience.record', id: given, content: 'c', embedding: [1, 0] })
    const link = { source: one, target: two, type: 'supports', strength: 0.5 }
    const commands = [record(one), record(two), { operation: 'relation.create', ...link }]
    const batch = { ...within, commands, idempotencyKey: 'graph' }
    const made = await inEncoding('batch.commit', batch)
    expect(await inEncoding('batch.commit', batch)).toEqual(made)
    const related = made.results[2] as { readonly id: string }
    await refusal('relation.create', { ...within, ...link }, 'ALREADY_EXISTS', { field: 'type', id: related.id })
    expect((await inEncoding('relation.related', { ...within, id: two })).items).toMatchObject([
      { experience: { id: one }, relation: { ...link, id: related.id, collective: id } },
    ])
    expect(await inEncoding('relation.paths', { ...within, from: one })).toMatchObject({
      ...{ paths: [{ experiences: [one, two], relations: [{ id: related.id }] }], truncated: false },
    })
    const conclusion = { content: 'so', embedding: [3, 4], sources: [one, two], type: 'pattern' }
    const { id: concluded } = await inEncoding('insight.store', { ...within, ...conclusion })
    const { insight } = await inEncoding('insight.get', { ...within, id: concluded })
    expect([vectorOf(insight?.embedding), insight?.stale]).toEqual([[3, 4], false])
    await inEncoding('activity.register', { ...within, agent: 'scout' })
    const context = await inEncoding('context.get', { ...within, embedding: [1, 0], include: ['embedding'] })
    expect(context).toMatchObject({
      ...{ similar: [{}, {}], insights: [{ id: concluded }], relations: [{ id: related.id }] },
      activeAgents: [{ agent: 'scout' }],
    })
    expect(vectorOf(context.recent[0]?.embedding)).toEqual([1, 0])
    const { token } = await inEncoding('experience.delete', { ...within, id: one })
    expect((await inEncoding('insight.get', { ...within, id: concluded, token })).insight).toMatchObject({
      ...{ stale: true, lostSources: [one] },
    })
    expect((await inEncoding('collective.stats', within)).stats).toMatchObject({ experienceCount: 1, relationCount: 0 })
    expect((await inEncoding('tenant.usage', {})).usage.insightCount).toBeGreaterThan(0)
  })

  it('P6 changes are told once and in order, to whoever waits and to whoever comes later', async () => {
    const { id } = (await inEncoding('collective.create', { name: `watched ${encoding}`, dimension: 2 })).collective
    const within = { collective: id }
    const { next: from } = await inEncoding('watch.next', within)
    const waiting = inEncoding('watch.next', { ...within, from, waitMs: 20_000, include: ['embedding'] })
    const record = { ...within, content: 'c', embedding: [3, 4] }
    const { id: first } = await inEncoding('experience.record', record)
    const { changes, next } = await waiting
    expect(changes).toMatchObject([{ kind: 'created', entity: 'experience', id: first, experience: { id: first } }])
    expect(vectorOf(changes[0]?.experience?.embedding)).toEqual([3, 4])
    await inEncoding('experience.delete', { ...within, id: first })
    const rest = await inEncoding('watch.next', { ...within, from: next })
    expect(rest.changes).toMatchObject([{ kind: 'deleted', id: first }])
    const all = await inEncoding('watch.next', { ...within, from: 'start', filter: { entities: ['experience'] } })
    expect(all.changes.map(({ cursor }) => cursor)).toEqual([...changes, ...rest.changes].map(({ cursor }) => cursor))
    expect(await inEncoding('watch.next', { ...within, from: rest.next, waitMs: 50 })).toMatchObject({ changes: [] })
    await refusal('watch.next', { collective, from }, 'INVALID_CURSOR', { field: 'from' })
    await inEncoding('cursor.save', { ...within, name: 'mirror', cursor: next })
    expect((await inEncoding('cursor.list', within)).items).toMatchObject([{ name: 'mirror', cursor: next }])
    await inEncoding('cursor.drop', { ...within, name: 'mirror' })
  })
})

/** An embedding of a reply: numbers, or raw little-endian float32 bytes. */
const vectorOf = (embedding: unknown): readonly number[] => {
  if (Array.isArray(embedding)) return embedding as readonly number[]
  const { buffer, byteOffset, byteLength } = embedding as Uint8Array
  const view = new DataView(buffer, byteOffset, byteLength)
  return Array.from({ length: byteLength / 4 }, (_, at) => view.getFloat32(at * 4, true))
}

describe('both encodings', () => {
  it('P2 say the same: a key that was used in one of them is known in the other', async () => {
    const asked = { collective, content: 'twice', embedding: [0.5, 0.25, 1], idempotencyKey: 'both' }
    const first = await ask('experience.record', asked)
    expect(await ask('experience.record', asked, 'messagePack')).toEqual(first)
    const raw = { ...asked, embedding: Float32Array.from(asked.embedding) }
    expect(await ask('experience.record', raw, 'messagePack')).toEqual(first)
    // Options are no part of what a key stands for.
    expect(await ask('experience.record', { ...asked, token: first.token, timeoutMs: 500 })).toEqual(first)
    await refusal('experience.record', { ...asked, content: 'other' }, 'IDEMPOTENCY_KEY_REUSED')
  })

  it('P2 a key remembers a refusal that the state decided, and none of the shape', async () => {
    const id = systemIds.uuid()
    const reinforced = { collective, id, idempotencyKey: 'too early' }
    await refusal('experience.reinforce', reinforced, 'NOT_FOUND', { entity: 'experience', id })
    const record = { collective, id, content: 'late', embedding: [1, 0, 0], idempotencyKey: 'late' }
    await refusal('experience.record', { ...record, embedding: [1, 0] }, 'DIMENSION_MISMATCH')
    expect((await ask('experience.record', record)).id).toBe(id)
    await refusal('experience.reinforce', reinforced, 'NOT_FOUND', { entity: 'experience', id })
    expect((await ask('experience.reinforce', { ...reinforced, idempotencyKey: 'now' })).applications).toBe(1)
  })

  it('white space first is JSON; null is as good as absent; a whole number may be written as 3.0', async () => {
    const body = `\r\n\t {"collective":"${collective}","embedding":[1.0,0,0],"k":3.0,"filter":null,"token":null}`
    const { body: reply, encoding } = await wire.request(subject('experience.search'), body)
    expect([reply.ok, encoding]).toEqual([true, 'json'])
  })
})

describe('P5 tokens and consistency', () => {
  it.each(['any', 'token', 'strong'])('%s: a read says how far it has got', async (consistency) => {
    const { token } = await ask('experience.record', { collective, content: consistency, embedding: [0, 0, 1] })
    const read = await ask('collective.stats', { collective, token, consistency })
    expect(decodeToken(read.token).sequence).toBeGreaterThanOrEqual(decodeToken(token).sequence)
  })

  it('a token of the future: `any` does without, else CONSISTENCY_NOT_READY, with timeoutMs 0 at once', async () => {
    const now = decodeToken(known.token)
    const token = encodeToken({ ...now, sequence: (now.sequence + 1_000_000) as Sequence })
    await ask('experience.get', { collective, id: known.id, token, consistency: 'any', timeoutMs: 0 })
    for (const consistency of ['token', 'strong']) {
      const startedMs = performance.now()
      const body = { collective, id: known.id, token, consistency, timeoutMs: 0 }
      await refusal('experience.get', body, 'CONSISTENCY_NOT_READY')
      await refusal('experience.reinforce', { ...body, idempotencyKey: consistency }, 'CONSISTENCY_NOT_READY')
      expect(performance.now() - startedMs).toBeLessThan(limits.TIMEOUT_MS_DEFAULT / 4)
    }
    expect((await ask('experience.get', { collective, id: known.id })).experience?.applications).toBe(0)
  })

  it('a token of another shard, or of many, is taken; one of another life or that was damaged is not', async () => {
    const now = decodeToken(known.token)
    const elsewhere = encodeToken({ ...now, shard: 1 - now.shard, sequence: 1e9 as Sequence })
    const ofAll = (await ask('collective.list', {})).token
    expect(ofAll.split('.')).toHaveLength(2)
    for (const token of [elsewhere, ofAll, `${elsewhere}.${known.token}`])
      await ask('experience.get', { collective, id: known.id, token, timeoutMs: 0 })
    const otherLife = encodeToken({ ...now, generation: '0123456789abcdef' as never })
    await refusal('experience.get', { collective, id: known.id, token: otherLife }, 'GENERATION_CHANGED')
    const damaged = [known.token.slice(1), `${known.token}A`, `${known.token}.`, '.', `${known.token}.${known.token}`]
    for (const token of [...damaged, 'x'.repeat(4_096), '\u0000', 'ÿ'])
      await refusal('experience.get', { collective, id: known.id, token }, 'INVALID_TOKEN', { field: 'token' })
    await refusal('experience.get', { collective, id: known.id, token: '' }, 'REQUIRED_FIELD', { field: 'token' })
  })

  it('a cursor that was damaged is refused; one of the future is the end of the list', async () => {
    const { cursor = '' } = await ask('experience.list', { collective, limit: 1 })
    for (const broken of ['', 'AAAA', cursor.slice(1), `${cursor}=`, known.token])
      await refusal('experience.list', { collective, cursor: broken }, 'INVALID_CURSOR', { field: 'cursor' })
    const decoded = decodeListCursor(cursor)
    const future = encodeListCursor({ ...decoded, createdAt: limits.TIME_MS_MAX })
    expect((await ask('experience.list', { collective, cursor: future })).items).toEqual([])
    const otherLife = encodeListCursor({ ...decoded, generation: '0123456789abcdef' as never })
    await refusal('experience.list', { collective, cursor: otherLife }, 'GENERATION_CHANGED')
  })
})

describe('P10 bodies that are none', () => {
  it.each(hostileBodies.map((body) => [body.title, body] as const))('%s', async (_title, { bytes, encoding, code }) => {
    const reply = await wire.request(subject('experience.get'), bytes)
    expectFault(reply, code)
    expect(reply.encoding).toBe(encoding)
  })

  it.each(encodings)('every beginning of a good body in %s', async (encoding) => {
    const bodies = cutShort({ collective, id: known.id, timeoutMs: 300 }, encoding)
    const replies = await Promise.all(bodies.map(async (body) => wire.request(subject('experience.get'), body)))
    for (const reply of replies) expectFault(reply, 'MALFORMED_BODY')
  })

  it('a body that is larger than a request may be, and one that is larger than the server carries', async () => {
    const sized = (size: number): Buffer => Buffer.alloc(size, ' ')
    expectFault(await wire.request(subject('experience.get'), sized(limits.REQUEST_BYTES_MAX)), 'MALFORMED_BODY')
    const beyond = await wire.request(subject('experience.get'), sized(limits.REQUEST_BYTES_MAX + 1))
    const details = { limit: limits.REQUEST_BYTES_MAX, size: limits.REQUEST_BYTES_MAX + 1 }
    expectFault(beyond, 'REQUEST_TOO_LARGE', details)
    // The server ends the connection, and says why.
    const other = await WireConnection.open(cluster.url)
    const size = limits.REQUEST_BYTES_MAX + limits.PAYLOAD_OVERHEAD_BYTES + 1
    other.write(`PUB ${subject('experience.get')} _INBOX.x ${size}\r\n`)
    await other.closed
    expect(other.complaints).toEqual(["-ERR 'Maximum Payload Violation'"])
  })
})

describe('P10 fields', () => {
  const wrong: readonly unknown[] = ['no', 5.5, -1, 1e300, true, [{ no: 1 }], { no: 1 }, [[]], '\ud800']
  const options = ['token', 'consistency', 'timeoutMs', 'idempotencyKey', 'issuedAt']

  it.each(Object.keys(sampleRequests) as BuiltName[])('%s: every field with what it is not', async (operation) => {
    const { minimal } = sampleRequests[operation]
    const absent = 'collective' in minimal ? { ...minimal, collective: systemIds.uuid() } : minimal
    const asked = [...operations[operation].fields, ...options].flatMap((field) =>
      // What it is is told in `options` and `sampleRequests`; a few of these values fit a few of the fields.
      wrong.map(async (value) => ({ field, value, reply: await send(operation, { ...absent, [field]: value }) })),
    )
    let refused = 0
    for (const { field, value, reply } of await Promise.all(asked)) {
      const { ok, error } = reply.body
      const about = `${field}=${JSON.stringify(value)} ${JSON.stringify(error)}`
      if (ok === true || error?.kind === 'notFound') continue
      expect(error?.kind, about).toBe('invalid')
      if (String(error?.details.field).startsWith(field)) refused += 1
    }
    expect(refused).toBeGreaterThan(asked.length / 3)
    await refusal(operation, { ...absent, colective: 1 }, 'UNKNOWN_FIELD', { field: 'colective' })
  })

  it.each<[title: string, embedding: unknown, code: string, field: string]>([
    ['another dimension', [1, 0], 'DIMENSION_MISMATCH', 'embedding'],
    ['no component', [], 'REQUIRED_FIELD', 'embedding'],
    ['all zero', [0, 0, 0], 'INVALID_FIELD', 'embedding'],
    ['a text in it', [1, '0', 0], 'INVALID_FIELD', 'embedding[1]'],
    ['null in it', [1, 0, null], 'INVALID_FIELD', 'embedding[2]'],
    ['beyond single precision', [1, 1e39, 0], 'INVALID_FIELD', 'embedding[1]'],
    ['base64', 'AACAPwAAAAAAAAAA', 'INVALID_FIELD', 'embedding'],
    ['too many components', new Array<number>(4_097).fill(1), 'INVALID_FIELD', 'embedding'],
  ])('an embedding: %s', async (_title, embedding, code, field) => {
    await refusal('experience.search', { collective, embedding }, code, { field })
    await refusal('experience.record', { collective, content: 'x', embedding }, code, { field })
  })

  it.each<[title: string, bytes: Uint8Array, field: string]>([
    ['NaN', rawVector([NaN, 0, 1]), 'embedding[0]'],
    ['infinite', rawVector([0, 0, -Infinity]), 'embedding[2]'],
    ['a byte too few', rawVector([1, 0, 0]).subarray(1), 'embedding'],
  ])('an embedding of raw bytes: %s', async (_title, embedding, field) => {
    const body = encodeBody({ collective, content: 'x', embedding }, 'messagePack')
    expectFault(await wire.request(subject('experience.record'), body), 'INVALID_FIELD', { field })
  })

  it('limits are named', async () => {
    const record = { collective, content: 'x', embedding: [1, 0, 0] }
    const refused = async (body: object, code: string, details: object) =>
      refusal('experience.record', { ...record, ...body }, code, details)
    await ask('experience.record', { ...record, content: 'é'.repeat(51_200) })
    const size = 102_401
    await refused({ content: 'x'.repeat(size) }, 'CONTENT_TOO_LARGE', { field: 'content', size, limit: 102_400 })
    await refused({ content: '' }, 'REQUIRED_FIELD', { field: 'content' })
    await refused({ idempotencyKey: 'k'.repeat(257) }, 'CONTENT_TOO_LARGE', { field: 'idempotencyKey', limit: 256 })
    await refused({ domain: new Array(51).fill('d') }, 'TOO_MANY_ITEMS', { field: 'domain', count: 51, limit: 50 })
    await refused({ importance: 1.5 }, 'INVALID_FIELD', { field: 'importance', min: 0, max: 1 })
    const { content, embedding } = record
    const experiences = new Array(1_001).fill({ content, embedding })
    const many = { field: 'experiences', count: 1_001, limit: 1_000 }
    await refusal('experience.recordMany', { collective, experiences }, 'TOO_MANY_ITEMS', many)
    const ids = new Array(1_001).fill(known.id)
    await refusal('experience.getMany', { collective, ids }, 'TOO_MANY_ITEMS', { field: 'ids', limit: 1_000 })
    await refusal('experience.search', { collective, embedding, k: 1_001 }, 'INVALID_FIELD', { field: 'k', max: 1_000 })
    await refusal('experience.get', { collective, id: known.id, timeoutMs: 300_001 }, 'INVALID_FIELD', {
      field: 'timeoutMs',
      max: 300_000,
    })
  })

  it('P3 one bad record among many: none is stored', async () => {
    const before = (await ask('collective.stats', { collective })).stats
    const good = { content: 'good', embedding: [1, 0, 0] }
    const experiences = [good, { ...good, embedding: [1, 0] }, good]
    const details = { field: 'experiences[1].embedding', expected: 3, got: 2 }
    await refusal('experience.recordMany', { collective, experiences }, 'DIMENSION_MISMATCH', details)
    expect((await ask('collective.stats', { collective, consistency: 'strong' })).stats).toEqual(before)
  })

  it('ids: what is none, and what is not there', async () => {
    await refusal('experience.get', { collective, id: 'x' }, 'INVALID_FIELD', { field: 'id' })
    await refusal('experience.get', { collective: 'wire', id: known.id }, 'INVALID_FIELD', { field: 'collective' })
    const absent = systemIds.uuid()
    expect(await ask('experience.get', { collective, id: absent })).not.toHaveProperty('experience')
    await refusal('experience.get', { collective: absent, id: known.id }, 'NOT_FOUND', { entity: 'collective' })
    for (const operation of ['archive', 'delete', 'reinforce'])
      await refusal(`experience.${operation}`, { collective, id: absent }, 'NOT_FOUND', { entity: 'experience' })
    expect(await ask('collective.get', { name: 'nobody’s' })).not.toHaveProperty('collective')
  })
})

/** Little-endian float32, as any language writes them. */
function rawVector(components: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(components.length * 4)
  components.forEach((component, at) => bytes.writeFloatLE(component, at * 4))
  return bytes
}

describe('P10 operations', () => {
  it('those that nobody planned say so', async () => {
    for (const operation of ['experience.forget', 'a.b', '__proto__.x', 'constructor.name', 'COLLECTIVE.LIST', 'é.ü'])
      await refusal(operation, {}, 'UNKNOWN_OPERATION', { field: 'operation' })
    expectFault(await wire.request(subject('no.such'), ''), 'UNKNOWN_OPERATION')
  })

  it('P12 the operators’ are refused to everybody else, by the cluster and by the server', async () => {
    for (const [name, operation] of Object.entries(operations))
      if (operation.class === 'system') await refusal(name, {}, 'DENIED', { operation: name })
    wire.publish(subject('shard.list', '$sys'), '{}', { reply: wire.listen('sys').reply })
    expect(await wire.flush()).toEqual([`-ERR 'Permissions Violation for Publish to "waggle.v1.$sys.shard.list"'`])
    const { user, password } = cluster.operator
    const operator = await WireConnection.open(cluster.url, { user, password, inboxPrefix: 'waggle.inbox.$sys' })
    const { body } = await operator.request(subject('shard.list', '$sys'), '{}')
    expect(body).toMatchObject({ ok: true, items: [{ shard: 0 }, { shard: 1 }] })
    expectFault(await operator.request(subject('shard.split', '$sys'), '{}'), 'UNKNOWN_OPERATION')
    expectFault(await operator.request(subject('node.drain', '$sys'), '{}'), 'REQUIRED_FIELD')
    expectFault(await operator.request(subject('node.drain', '$sys'), '{"node":"nobody"}'), 'NOT_FOUND')
    expectFault(await operator.request(subject('log.prune', '$sys'), '{"shard":2}'), 'INVALID_FIELD')
    expectFault(await operator.request(subject('shard.list', '$sys'), '[]'), 'MALFORMED_BODY')
    await operator.close()
  })
})

describe('P12 tenants', () => {
  it('a tenant sees its own alone, and is answered in its own inboxes', async () => {
    const other = await WireConnection.open(cluster.url, guest)
    const asGuest = async (operation: string, body: object) =>
      other.request(subject(operation, 'guests'), JSON.stringify(body))
    expect((await asGuest('collective.list', {})).body.items).toEqual([])
    expectFault(await asGuest('experience.get', { collective, id: known.id }), 'NOT_FOUND')
    expectFault(await asGuest('collective.delete', { collective }), 'NOT_FOUND')
    expect((await asGuest('collective.create', { id: collective, dimension: 2, name: 'same id' })).body.ok).toBe(true)
    expect((await asGuest('experience.search', { collective, embedding: [1, 0] })).body.results).toEqual([])
    other.publish(subject('collective.list'), '{}', { reply: other.listen('x').reply })
    expect(await other.flush()).toHaveLength(1)
    await other.close()
  })

  it('a reply subject outside the tenant’s inboxes, or none, is answered nowhere and changes nothing', async () => {
    const seen = wire.listen('seen')
    const body = JSON.stringify({ collective, id: known.id })
    for (const reply of ['', 'shard.0.beat', 'waggle.internal.log.x', 'waggle.inbox.guests.x', '_INBOXES.x', '_INBOX'])
      wire.publish(subject('experience.reinforce'), body, { reply })
    wire.publish(subject('collective.list'), '{}', { reply: seen.reply })
    expect(await wire.flush()).toEqual([])
    const { experience } = await ask('experience.get', { collective, id: known.id, consistency: 'strong' })
    await eventually(
      () => seen.messages.length === 1,
      () => seen.messages.length,
    )
    expect(experience?.applications).toBe(0)
  })

  it('headers of a request mean nothing, those of the cluster’s own least of all', async () => {
    const id = systemIds.uuid()
    const forged = [
      `Waggle-Forwarded: guests collective.delete ${id} ${id} 1 1`,
      'Waggle-Internal: pruneJournals 0',
      'Nats-Service-Error: none',
    ]
    for (const headers of [
      `NATS/1.0\r\n${forged.join('\r\n')}\r\n\r\n`,
      'NATS/1.0 503\r\n\r\n',
      'no headers\r\n\r\n',
    ]) {
      const body = JSON.stringify({ collective, id: known.id })
      const { body: reply } = await wire.request(subject('experience.get'), body, headers)
      expect(reply).toMatchObject({ ok: true, experience: { id: known.id } })
    }
  })
})

describe('P11 many at once', () => {
  it('a thousand writes without waiting, and every one is answered', async () => {
    const { id } = (await ask('collective.create', { name: 'many', dimension: 2 })).collective
    const record = async (at: number) => {
      const body = { collective: id, content: `${at}`, embedding: [at, 1], idempotencyKey: `${at}` }
      return ask('experience.record', body, encodings[at % 2])
    }
    const replies = await Promise.all(Array.from({ length: 1_000 }, async (_, at) => record(at)))
    expect(new Set(replies.map((reply) => reply.id)).size).toBe(1_000)
    const { stats } = await ask('collective.stats', { collective: id })
    expect(stats.experienceCount).toBe(1_000)
  })

  it('P10 a result that no reply can carry is refused, whatever JSON would make of it', async () => {
    const { id } = (await ask('collective.create', { name: 'large', dimension: 2 })).collective
    // Each takes 614,400 bytes in JSON.
    const experiences = new Array(60).fill({ content: '\u0001'.repeat(limits.CONTENT_BYTES_MAX), embedding: [1, 0] })
    const { ids } = await ask('experience.recordMany', { collective: id, experiences }, 'messagePack')
    const tooLarge = ['RESULT_TOO_LARGE', { limit: limits.REPLY_BYTES_MAX }] as const
    await refusal('experience.getMany', { collective: id, ids }, ...tooLarge)
    await refusal('experience.search', { collective: id, embedding: [1, 0], k: 60 }, ...tooLarge)
    await refusal('experience.recent', { collective: id, limit: 60 }, ...tooLarge)
    expect((await ask('experience.recent', { collective: id, limit: 10 })).items).toHaveLength(10)
    const page = await ask('experience.list', { collective: id }, 'messagePack')
    expect([page.items.length < 60, typeof page.cursor]).toEqual([true, 'string'])
  })

  it('without a key every message is a write of its own', async () => {
    const { id } = (await ask('collective.create', { name: 'no key', dimension: 2 })).collective
    const body = { collective: id, content: 'same', embedding: [1, 0] }
    const [one, two] = [await ask('experience.record', body), await ask('experience.record', body)]
    expect(one.id).not.toBe(two.id)
  })
})

describe('discovery', () => {
  it.each(['waggle-router', 'waggle-shard', 'waggle-compactor'])('%s is found', async (name) => {
    for (const verb of ['PING', 'INFO', 'STATS']) {
      const { data } = await wire.request(`$SRV.${verb}.${name}`, '')
      expect(JSON.parse(data.toString())).toMatchObject({ name, metadata: { node: expect.any(String) as string } })
    }
  })

  it('a subject that nobody serves is told at once', async () => {
    expect((await wire.request('$SRV.PING.waggle-nobody', '')).status).toBe('503')
  })
})

describe('docs/wire-protocol.md', () => {
  const text = readFileSync(path.join(import.meta.dirname, '../../../docs/wire-protocol.md'), 'utf8')

  it('every request of its examples is taken', async () => {
    const examples = [...text.matchAll(/^nats request (waggle\S+) '([^']+)'$/gm)]
    expect(examples.length).toBeGreaterThan(5)
    const { changes } = await ask('watch.next', { collective, from: 'start' })
    const named = { COLLECTIVE: collective, ID: known.id, TOKEN: known.token, CURSOR: changes[0]!.cursor }
    for (const [, to = '', body = ''] of examples) {
      const filled = body.replace(/\b(COLLECTIVE|ID|TOKEN|CURSOR)\b/g, (name) => named[name as keyof typeof named])
      const { body: reply } = await wire.request(to, filled)
      expect(reply, `${to} ${filled}`).toMatchObject({ ok: true })
    }
  })

  it('its table of kinds is the one that replies use', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, kind, number]) => [kind, Number(number)])
    expect(Object.fromEntries(rows)).toEqual(numbers)
  })

  it('names every operation of a tenant that is built, and none that is not', () => {
    const [ofTenants = ''] = text.split('## Operators')
    const rows = [...ofTenants.matchAll(/^\| `([a-z]+\.[A-Za-z]+)` \|/gm)].map(([, name]) => name)
    expect(rows.sort()).toEqual(Object.keys(sampleRequests).sort())
  })
})
