/** The client over a real server, with a peer that speaks the router's side as each test says. */
import { isFault, silentLogger, type Fault } from '@waggle/kernel'
import { testServer, type TestServer } from '@waggle/nats-server/testing'
import {
  encodeToken,
  fault,
  operatorPermissions,
  tenantPermissions,
  type FaultCode,
  type Generation,
  type Sequence,
  type TenantId,
} from '@waggle/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { connectCaller, connectOperator, Waggle, type CallerOptions } from './index.ts'
import { scriptedRouter, type Answer, type ScriptedRouter, type SeenRequest } from './testing/scripted-router.ts'

const acme = 'acme' as TenantId
const users = [
  { user: 'router', password: 'router' },
  { user: 'default', password: 'default', permissions: tenantPermissions('default' as TenantId, 'admin') },
  { user: 'acme', password: '1 p@ss:word', permissions: tenantPermissions(acme, 'writer') },
  { user: 'reader', password: 'reader', permissions: tenantPermissions(acme, 'reader') },
  { user: 'operator', password: 'operator', permissions: operatorPermissions() },
]

const token = encodeToken({ shard: 3, generation: '00000000000000aa' as Generation, sequence: 7 as Sequence })
const id = '00000000-0000-4000-8000-000000000001'
const collective = { id, name: 'hive', dimension: 2, createdAt: 1, updatedAt: 1 }
const record = { collective: id, content: 'x', embedding: [1, 0] }

let server: TestServer
const open: { close(): Promise<unknown> }[] = []

const kept = <Closable extends { close(): Promise<unknown> }>(closable: Closable): Closable => {
  open.push(closable)
  return closable
}

const router = async (
  script: (request: SeenRequest, index: number) => Answer | Promise<Answer> | readonly Answer[],
): Promise<ScriptedRouter> =>
  kept(await scriptedRouter({ servers: server.url, user: 'router', pass: 'router' }, script))

const caller = async (options: Partial<CallerOptions> = {}) =>
  kept(await connectCaller({ servers: server.url, ...options }))

const refusal = async (call: Promise<unknown>): Promise<Fault> => {
  const ended: unknown = await call.then(
    () => new Error('not refused'),
    (error: unknown) => error,
  )
  if (!isFault(ended)) throw ended
  return ended
}

/** Waits until it is so. */
const until = (condition: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000, interval: 5 })

beforeAll(async () => {
  server = await testServer({ users, noAuthUser: 'default', jetstream: false })
})
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})
afterAll(async () => {
  await server.dispose()
})

describe('a call', () => {
  it('goes to the subject of its tenant and operation, and has its answer in the tenant’s own inbox', async () => {
    const peer = await router(() => ({ id, token }))
    const [ours, theirs] = [await caller(), await caller({ tenant: 'acme', user: 'acme', password: '1 p@ss:word' })]
    expect(await ours.call('experience.record', { ...record, idempotencyKey: 'k' })).toEqual({ id, token })
    expect(await theirs.call('experience.record', record)).toEqual({ id, token })
    expect(peer.seen.map(({ tenant, operation, isOwnInbox }) => [tenant, operation, isOwnInbox])).toEqual([
      ['default', 'experience.record', true],
      ['acme', 'experience.record', true],
    ])
    expect(peer.seen[0]?.body).toMatchObject({ content: 'x', idempotencyKey: 'k' })
    // Without a key of its own the router would give every attempt another one.
    expect(peer.seen[1]?.body.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/)
  })

  it.each(['BUSY', 'NOT_FOUND', 'INTERNAL', 'CONSISTENCY_NOT_READY'] as FaultCode[])(
    'ends with the fault that is answered: %s, whole',
    async (code) => {
      await router(() => fault(code, 'as it was told', { field: 'f' }, { retryAfterMs: 7 }))
      const told = await refusal((await caller()).call('experience.record', record))
      expect(told.toJSON()).toEqual(fault(code, 'as it was told', { field: 'f' }, { retryAfterMs: 7 }).toJSON())
    },
  )

  it('a fault of a code that this version does not know keeps its kind', async () => {
    const { Fault } = await import('./index.ts')
    await router(() => new Fault({ code: 'FROM_THE_FUTURE', kind: 'conflict', message: 'm', details: {} }))
    expect(await refusal((await caller()).call('collective.list', {}))).toMatchObject({
      code: 'FROM_THE_FUTURE',
      kind: 'conflict',
    })
  })

  it('P10 what has the wrong shape is refused before it is sent', async () => {
    const peer = await router(() => ({ id, token }))
    const fault = await refusal((await caller()).call('experience.record', { ...record, importance: 'high' }))
    expect([fault.code, fault.details.field]).toEqual(['INVALID_FIELD', 'importance'])
    expect(peer.seen).toEqual([])
  })

  it('P2 silence sends the same bytes again, with the same key, and the first answer counts', async () => {
    const peer = await router((_request, index) => (index === 0 ? undefined : { id, token }))
    expect(await (await caller()).call('experience.record', record)).toEqual({ id, token })
    expect(peer.seen).toHaveLength(2)
    expect(peer.seen[1]?.bytes).toEqual(peer.seen[0]?.bytes)
  })

  it('an answer that comes after the request was sent again is the answer', async () => {
    const peer = await router(() => undefined)
    const call = (await caller()).call('experience.record', record)
    await until(() => peer.seen.length === 2)
    peer.answer(0, { id, token })
    expect(await call).toEqual({ id, token })
  })

  it('two answers are one', async () => {
    await router(() => [{ id, token }, fault('NOT_FOUND', 'later'), { id: 'other', token }])
    const client = await caller()
    for (let turn = 0; turn < 20; turn += 1) expect((await client.call('experience.record', record)).id).toBe(id)
  })

  it('a write that nobody answers is UNAVAILABLE after its time limit, a read SHARD_NOT_READY', async () => {
    await router(() => undefined)
    const client = await caller()
    const [write, read] = await Promise.all([
      refusal(client.call('experience.record', { ...record, timeoutMs: 100 })),
      refusal(client.call('experience.get', { collective: id, id, timeoutMs: 100 })),
    ])
    expect([write.code, write.kind]).toEqual(['UNAVAILABLE', 'unavailable'])
    expect([read.code, read.kind]).toEqual(['SHARD_NOT_READY', 'notReady'])
    expect(read.message).toContain('no router answered')
  })

  it('without any router nothing has happened, and the message says so', async () => {
    const fault = await refusal((await caller()).call('experience.record', { ...record, timeoutMs: 300 }))
    expect([fault.code, fault.kind]).toEqual(['SHARD_NOT_READY', 'notReady'])
    expect(fault.message).toContain('no router answered: nobody listens operation=experience.record')
  })

  it('a router that comes late is found within the time limit', async () => {
    const call = (await caller()).call('experience.record', record)
    await router(() => ({ id, token }))
    expect(await call).toEqual({ id, token })
  })

  it('what passes is waited for: no leader, then an outcome that is not known, then an answer', async () => {
    const codes: FaultCode[] = ['SHARD_NOT_READY', 'UNAVAILABLE', 'SHARD_NOT_READY']
    const peer = await router((_request, index) => {
      const code = codes[index]
      return code === undefined ? { id, token } : fault(code, 'for now')
    })
    expect(await (await caller()).call('experience.record', record)).toEqual({ id, token })
    expect(new Set(peer.seen.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).size).toBe(1)
    expect(peer.seen).toHaveLength(4)
  })

  it.each<[string, Uint8Array]>([
    ['empty', new Uint8Array(0)],
    ['no map', Uint8Array.of(0x01)],
    ['cut short', Uint8Array.of(0x82, 0xa2, 0x6f)],
    ['no reply', Buffer.from('{"hello":1}')],
    ['a fault without a kind', Buffer.from('{"ok":false,"error":{"code":"X"}}')],
    ['a result of another operation', Buffer.from('{"ok":true,"items":[]}')],
  ])('P10 a reply that is %s is a fault, and stops nothing', async (_title, bytes) => {
    await router((_request, index) => (index < 2 ? bytes : { id, token }))
    const client = await caller()
    expect((await refusal(client.call('collective.stats', { collective: id }))).code).toBe('INTERNAL')
    const write = await refusal(client.call('experience.record', record))
    // It may have taken effect all the same.
    expect(write.code).toBe('UNAVAILABLE')
    expect(await client.call('experience.record', record)).toEqual({ id, token })
  })

  it('P11 one too many at once is BUSY, and says when to come again', async () => {
    const peer = await router(() => undefined)
    const client = await caller()
    const calls = Array.from({ length: 4_096 }, () => client.call('experience.get', { collective: id, id }))
    const fault = await refusal(client.call('experience.get', { collective: id, id }))
    expect([fault.code, fault.retryAfterMs]).toEqual(['BUSY', 100])
    await until(() => peer.seen.length >= 4_096)
    for (let index = 0; index < 4_096; index += 1) peer.answer(index, {})
    for (const reply of await Promise.all(calls)) expect(reply).toEqual({})
  })
})

describe('a server that restarts', () => {
  it('P2 in the middle of a request: the same bytes go to the next life, and the answer comes', async () => {
    const own = await testServer({ jetstream: false })
    try {
      const peer = await scriptedRouter({ servers: own.url }, (_request, index) =>
        index === 0 ? undefined : { id, token },
      )
      const client = await connectCaller({ servers: own.url })
      const call = client.call('experience.record', record)
      await until(() => peer.seen.length === 1)
      own.signal('SIGKILL')
      await own.ended
      const meanwhile = refusal(client.call('experience.record', { ...record, timeoutMs: 50 }))
      expect((await meanwhile).kind).toMatch(/^(notReady|unavailable)$/)
      await own.restart()
      expect(await call).toEqual({ id, token })
      const [first, last] = [peer.seen[0], peer.seen.at(-1)]
      expect(last?.bytes).toEqual(first?.bytes)
      await client.close()
      await peer.close()
    } finally {
      await own.dispose()
    }
  })

  it('P2 that is halted until it is given up: every request has its answer, whatever came through twice', async () => {
    const own = await testServer({ jetstream: false })
    try {
      const done = new Map<unknown, string>()
      const peer = await scriptedRouter({ servers: own.url }, ({ body }) => {
        const { idempotencyKey: key } = body
        if (!done.has(key)) done.set(key, `${id.slice(0, -4)}${(1_000 + done.size).toString()}`)
        return { id: done.get(key) ?? '', token }
      })
      const warnings: string[] = []
      const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) }
      const client = await connectCaller({ servers: own.url, logger })
      const record40 = () => Array.from({ length: 40 }, () => client.call('experience.record', record))
      const calls = record40()
      own.signal('SIGSTOP')
      const halted = record40()
      await until(() => warnings.includes('connection to NATS lost'))
      own.signal('SIGCONT')
      const ids = (await Promise.all([...calls, ...halted])).map((reply) => reply.id)
      expect([new Set(ids).size, done.size]).toEqual([80, 80])
      await client.close()
      await peer.close()
    } finally {
      own.signal('SIGCONT')
      await own.dispose()
    }
  })

  it('a client is closed in good time while there is no server', async () => {
    const own = await testServer({ jetstream: false })
    const client = await connectCaller({ servers: own.url })
    const call = refusal(client.call('experience.get', { collective: id, id }))
    await own.dispose()
    const closed = client.close()
    expect(['CLOSED', 'SHARD_NOT_READY']).toContain((await call).code)
    await closed
    await client.close()
    expect((await refusal(client.call('collective.list', {}))).code).toBe('CLOSED')
  })
})

describe('rights', () => {
  it('P12 what the credentials do not allow is DENIED at once', async () => {
    const peer = await router(() => ({ id, token, items: [] }))
    const reader = await caller({ tenant: 'acme', user: 'reader', password: 'reader' })
    const fault = await refusal(reader.call('experience.record', record))
    expect([fault.code, fault.kind]).toEqual(['DENIED', 'denied'])
    expect(await reader.call('experience.recent', { collective: id })).toMatchObject({ items: [] })
    expect(peer.seen.map(({ operation }) => operation)).toEqual(['experience.recent'])
  })

  it('P12 credentials of another tenant are DENIED, for what they ask and where they listen', async () => {
    await router(() => ({ items: [] }))
    for (const tenant of ['acme', 'default']) {
      const options = tenant === 'acme' ? {} : { user: 'acme', password: '1 p@ss:word' }
      const client = await caller({ tenant, ...options })
      for (let turn = 0; turn < 2; turn += 1)
        expect((await refusal(client.call('collective.list', {}))).code).toBe('DENIED')
    }
  })

  it('credentials stand in the address, or beside it', async () => {
    await router(() => ({ items: [] }))
    const servers = `nats://acme:${encodeURIComponent('1 p@ss:word')}@127.0.0.1:${server.port}`
    expect(await (await caller({ servers, tenant: 'acme' })).call('collective.list', {})).toEqual({ items: [] })
  })

  it('P12 wrong credentials are DENIED when connecting', async () => {
    const fault = await refusal(connectCaller({ servers: server.url, user: 'acme', password: 'wrong' }))
    expect([fault.code, fault.kind]).toEqual(['DENIED', 'denied'])
    expect(fault.message).not.toContain('wrong')
  })

  it('no server: a fault in good time that names those that were tried, and no secret', async () => {
    const servers = ['nats://u:secret@127.0.0.1:1', 'nats://u:secret@127.0.0.1:2']
    const fault = await refusal(Waggle.connect({ servers }))
    expect(fault.kind).toBe('notReady')
    expect(fault.message).toContain('no NATS server can be reached servers=127.0.0.1:1,127.0.0.1:2')
    expect(fault.message).not.toContain('secret')
  })
})

describe('sizes', () => {
  it('P10 a request too large for the server is REQUEST_TOO_LARGE, with the limit, and is not sent', async () => {
    const own = await testServer({ jetstream: false, maxPayloadBytes: 165_536 })
    try {
      const peer = await scriptedRouter({ servers: own.url }, () => ({ id, token }))
      const client = await connectCaller({ servers: own.url })
      const sized = (count: number) => client.call('experience.record', { ...record, content: 'x'.repeat(count) })
      const fault = await refusal(sized(100_000))
      expect([fault.code, fault.details.limit]).toEqual(['REQUEST_TOO_LARGE', 100_000])
      expect(peer.seen).toEqual([])
      expect(await sized(99_000)).toEqual({ id, token })
      await client.close()
      await peer.close()
    } finally {
      await own.dispose()
    }
  })
})

describe('closing', () => {
  it('what was begun is answered, what comes later is CLOSED, and a second closing waits for the first', async () => {
    const peer = await router(() => undefined)
    const client = await caller()
    const call = client.call('experience.record', record)
    await until(() => peer.seen.length === 1)
    let isClosed = false
    const closings = [client.close(), client.close()].map((closing) => closing.then(() => (isClosed = true)))
    expect((await refusal(client.call('collective.list', {}))).code).toBe('CLOSED')
    expect(isClosed).toBe(false)
    peer.answer(0, { id, token })
    expect(await call).toEqual({ id, token })
    await Promise.all(closings)
  })

  it('what is not answered within seconds is let go: a read CLOSED, a write UNAVAILABLE', async () => {
    const peer = await router(() => undefined)
    const client = await caller()
    const calls = [
      refusal(client.call('experience.record', record)),
      refusal(client.call('experience.get', { collective: id, id, timeoutMs: 300_000 })),
    ]
    await until(() => peer.seen.length === 2)
    await client.close()
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(['UNAVAILABLE', 'CLOSED'])
  })
})

describe('Waggle.connect', () => {
  it('is the interface: handles, vectors, tokens, absence', async () => {
    const embedding = Float32Array.of(0.1, -2)
    const experience = { id, collective: id, content: 'x', embedding }
    const answers: Record<string, Answer> = {
      'collective.getOrCreate': { collective, created: true, token },
      'experience.record': { id, token },
      'experience.get': { experience, token },
      'experience.getMany': { items: [null, experience], token },
      'experience.search': { results: [{ experience, similarity: 1, score: 1 }], token },
      'collective.list': { items: [collective] },
    }
    const peer = await router(({ operation }) => answers[operation])
    const waggle = kept(await Waggle.connect({ servers: server.url, timeoutMs: 5_000 }))
    expect(waggle).toBeInstanceOf(Waggle)
    const hive = await waggle.getOrCreateCollective({ name: 'hive', dimension: 2 })
    expect(await hive.record({ content: 'x', embedding: [0.1, -2] })).toEqual({ id, token })
    expect(await hive.get(id)).toStrictEqual(experience)
    expect(await hive.getMany([id, id])).toStrictEqual([undefined, experience])
    expect(await hive.search({ embedding })).toStrictEqual({
      results: [{ experience, similarity: 1, score: 1 }],
      token,
    })
    expect(await waggle.collectives()).toStrictEqual([collective])
    expect(peer.seen.map(({ body }) => body.token)).toEqual([undefined, token, token, token, token, token])
    expect(peer.seen[1]?.body).toMatchObject({ timeoutMs: 5_000, embedding: new Uint8Array(embedding.buffer) })
    await waggle.close()
    expect((await refusal(waggle.collectives())).code).toBe('CLOSED')
  })

  it('C3 a busy cluster is waited for', async () => {
    const peer = await router((_request, index) =>
      index < 3 ? fault('BUSY', 'full', {}, { retryAfterMs: 5 }) : { collective, created: true, token },
    )
    const waggle = kept(await Waggle.connect({ servers: server.url }))
    expect((await waggle.getOrCreateCollective({ name: 'hive', dimension: 2 })).id).toBe(id)
    expect(peer.seen).toHaveLength(4)
  })

  it.each<[object, string]>([
    [{ timeoutMs: -1 }, 'INVALID_FIELD timeoutMs'],
    [{ embedders: 5 }, 'INVALID_FIELD embedders'],
    [{ tenant: 'a.b' }, 'INVALID_FIELD tenant'],
    [{ tennant: 'a' }, 'UNKNOWN_FIELD tennant'],
  ])('P10 refuses %j', async (options, expected) => {
    const fault = await refusal(Waggle.connect({ servers: server.url, ...options }))
    expect(`${fault.code} ${String(fault.details.field)}`).toBe(expected)
  })
})

describe('connectOperator', () => {
  it('calls operators’ operations with an operator’s rights, and no tenant’s', async () => {
    const peer = await router(({ operation }) => (operation === 'shard.list' ? { shards: [] } : undefined))
    const operator = kept(await connectOperator({ servers: server.url, user: 'operator', password: 'operator' }))
    expect(await operator.call('shard.list')).toEqual({ shards: [] })
    expect(peer.seen).toMatchObject([{ tenant: '$sys', operation: 'shard.list', isOwnInbox: true, body: {} }])
    expect((await refusal(operator.call('shard.list.more'))).code).toBe('UNKNOWN_OPERATION')
    expect((await refusal(operator.call('node.list', { timeoutMs: 50 }))).code).toBe('SHARD_NOT_READY')
    const other = kept(await connectOperator({ servers: server.url, user: 'acme', password: '1 p@ss:word' }))
    expect((await refusal(other.call('shard.list'))).code).toBe('DENIED')
  })

  it('P10 takes no tenant', async () => {
    const fault = await refusal(connectOperator({ servers: server.url, tenant: 'acme' } as never))
    expect([fault.code, fault.details.field]).toEqual(['UNKNOWN_FIELD', 'tenant'])
  })
})
