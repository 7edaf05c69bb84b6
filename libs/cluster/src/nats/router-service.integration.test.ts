import type { LogFields, Logger, Uuid } from '@waggle/kernel'
import { silentLogger } from '@waggle/kernel'
import {
  apiSubject,
  collectiveIdOfName,
  DEFAULT_TENANT,
  FAULT_NUMBER_HEADER,
  FAULT_TEXT_HEADER,
  encodeBody,
  limits,
  partition,
} from '@waggle/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ana, RouterFixture } from '../testing/router-fixture.ts'
import { sampleId } from '../testing/sample-beat.ts'

let fixture: RouterFixture
beforeAll(async () => {
  fixture = await RouterFixture.start()
})
afterEach(() => fixture.closeAll())
afterAll(() => fixture.dispose())

const collective = sampleId(3)
const record = { collective, content: 'retry with the same key' }
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 20 })
const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code
const refusal = async (reply: Promise<unknown>): Promise<unknown> => reply.then(() => 'no fault', codeOf)
const answering = (result: object) => () => result
const hearing = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

/** Keeps what is said. */
const heardLogger = () => {
  const lines: { message: string; fields?: LogFields | undefined }[] = []
  const logger: Logger = { ...silentLogger, warn: (message, fields) => void lines.push({ message, fields }) }
  return { lines, logger }
}

describe('T1 a request', () => {
  it.each(['messagePack', 'json'] as const)(
    'reaches the leader unchanged, and its answer the client (%s)',
    async (encoding) => {
      const leader = await fixture.leader({ epoch: 5, answer: ({ fields }) => ({ id: 'x', echo: fields }) })
      const router = await fixture.router()
      const client = await fixture.client(ana)
      expect(await client.ask('experience.record', record, encoding)).toEqual({ id: 'x', echo: record })
      const [received] = leader.received
      expect(received).toMatchObject({ tenant: 'ana', operation: 'experience.record', number: 1, lowest: 1 })
      expect(received?.reply).toMatch(/^waggle\.inbox\.ana\./)
      await eventually(() =>
        expect(router.figures()).toMatchObject({ requests: 1, forwarded: 1, kept: 0, keptBytes: 0 }),
      )
    },
  )

  it('waits for a leader', async () => {
    const router = await fixture.router()
    const client = await fixture.client()
    const answer = client.ask('experience.record', record)
    await eventually(() => expect(router.figures()).toMatchObject({ kept: 1, forwarded: 0 }))
    await fixture.leader({ epoch: 5, answer: answering({ id: 'x' }) })
    expect(await answer).toEqual({ id: 'x' })
  })

  it.each(['release', 'die'] as const)(
    'is forwarded again, with the same id, to the next leader after a %s',
    async (end) => {
      const first = await fixture.leader({ epoch: 5 })
      const router = await fixture.router()
      const client = await fixture.client()
      const answers = [1, 2, 3].map((one) => client.ask('experience.record', { ...record, content: `no. ${one}` }))
      await eventually(() => expect(first.received).toHaveLength(3))
      first[end]()
      const second = await fixture.leader({ epoch: 9, answer: ({ fields }) => ({ id: fields.content }) })
      expect(await Promise.all(answers)).toEqual([1, 2, 3].map((one) => ({ id: `no. ${one}` })))
      expect(second.received).toEqual(first.received)
      await eventually(() => expect(router.figures()).toMatchObject({ forwarded: 3, forwardedAgain: 3, kept: 0 }))
    },
  )

  it('is forwarded again when it was lost on its way', async () => {
    const leader = await fixture.leader({ epoch: 5, answer: answering({ id: 'x' }), isListening: false })
    const router = await fixture.router()
    const client = await fixture.client()
    const answer = client.ask('experience.record', record)
    await eventually(() => expect(router.figures()).toMatchObject({ forwarded: 1, forwardedAgain: 0 }))
    // It has passed the server, where nobody took it.
    await router.connection.flush()
    leader.listen()
    expect(await answer).toEqual({ id: 'x' })
    expect(router.figures()).toMatchObject({ forwardedAgain: 1 })
  })

  it('is served after the server was killed and came back', async () => {
    await fixture.leader({ epoch: 5, answer: answering({ id: 'x' }) })
    await fixture.router()
    const client = await fixture.client()
    await client.ask('experience.record', record)
    fixture.server.signal('SIGKILL')
    await fixture.server.restart()
    // What anybody sends before the connections are back is lost: like an SDK, the client asks again.
    const body = encodeBody(record, 'json')
    await vi.waitFor(() => client.send('experience.record', body, 1_000), { timeout: 30_000, interval: 50 })
  })
})

describe('T5 a request whose time is over', () => {
  const soon = { timeoutMs: 100 }

  it('and that never was forwarded: nothing happened', async () => {
    await fixture.router()
    const client = await fixture.client()
    expect(await refusal(client.ask('experience.record', { ...record, ...soon }))).toBe('SHARD_NOT_READY')
    expect(await refusal(client.ask('collective.list', soon))).toBe('SHARD_NOT_READY')
  })

  it('and that was forwarded: a write’s outcome is unknown, a read may ask again', async () => {
    await fixture.leader({ epoch: 5 })
    await fixture.router()
    const client = await fixture.client()
    const codes = ['experience.record', 'collective.stats', 'collective.delete'].map((operation) =>
      refusal(
        client.ask(operation, operation === 'experience.record' ? { ...record, ...soon } : { collective, ...soon }),
      ),
    )
    expect(await Promise.all(codes)).toEqual(['UNAVAILABLE', 'SHARD_NOT_READY', 'UNAVAILABLE'])
  })
})

describe('P10 every body gets an answer', () => {
  it.each([
    ['nothing', new Uint8Array(), 'MALFORMED_BODY', 'messagePack'],
    ['a text', Buffer.from('hello'), 'MALFORMED_BODY', 'messagePack'],
    ['half a JSON', Buffer.from('{"name":'), 'MALFORMED_BODY', 'json'],
    ['a list', encodeBody([], 'messagePack'), 'INVALID_FIELD', 'messagePack'],
    ['the largest message', new Uint8Array(limits.REQUEST_BYTES_MAX + 1), 'REQUEST_TOO_LARGE', 'messagePack'],
  ])('%s', async (_, body, code, encoding) => {
    await fixture.router()
    const client = await fixture.client()
    const reply = await client.send('experience.record', body)
    expect(reply.headers?.get(FAULT_TEXT_HEADER)).toContain(code)
    expect(reply.headers?.get(FAULT_NUMBER_HEADER)).toBe('400')
    expect(reply.data[0] === 0x7b).toBe(encoding === 'json')
  })

  it('and so do operations that are not there, and those of the operators', async () => {
    await fixture.router()
    const client = await fixture.client()
    expect(await refusal(client.ask('keys.steal', {}))).toBe('UNKNOWN_OPERATION')
    expect(await refusal(client.ask('shard.list', {}))).toBe('DENIED')
  })
})

describe('K7 P12 an inbox that is not the tenant’s', () => {
  it.each(['_INBOX.victim', 'shard.0.5.cmd', 'wal.0', 'waggle.internal.router.x', 'waggle.inbox.other.x'])(
    '%s gets no answer',
    async (reply) => {
      const { lines, logger } = heardLogger()
      const leader = await fixture.leader({ epoch: 5, answer: answering({}) })
      const router = await fixture.router(logger)
      const victim = await fixture.client()
      const seen: string[] = []
      victim.connection.subscribe('_INBOX.victim', { callback: (_, { subject }) => void seen.push(subject) })
      await victim.connection.flush()
      const client = await fixture.client(ana)
      client.connection.publish(apiSubject(ana, 'experience.record'), encodeBody(record, 'json'), { reply })
      client.connection.publish(apiSubject(ana, 'experience.record'), encodeBody(record, 'json'))
      expect(await client.ask('experience.record', record)).toEqual({})
      expect(router.figures()).toMatchObject({ droppedForeignInbox: 1, droppedNoReply: 1, forwarded: 1 })
      expect(lines).toMatchObject([{ fields: { subject: 'waggle.v1.ana.experience.record', reply } }])
      await victim.connection.flush()
      await hearing()
      expect([seen, leader.received.length]).toEqual([[], 1])
    },
  )
})

describe('K6 requests to all shards', () => {
  const listed = (shard: number) => ({ items: [{ id: sampleId(shard), name: `n${shard}`, createdAt: 10 - shard }] })
  const leaders = (answers: readonly ((operation: string) => object)[]) =>
    Promise.all(
      answers.map((answer, shard) =>
        fixture.leader({ shard, shards: answers.length, epoch: 5, answer: ({ operation }) => answer(operation) }),
      ),
    )

  it('a list is that of all, in order', async () => {
    const all = await leaders([0, 1, 2, 3].map((shard) => () => listed(shard)))
    await fixture.router()
    const client = await fixture.client(ana)
    const { items } = await client.ask('collective.list', { owner: 'o', consistency: 'any' }, 'json')
    expect((items as { name: string }[]).map(({ name }) => name)).toEqual(['n3', 'n2', 'n1', 'n0'])
    for (const { received } of all)
      expect(received).toMatchObject([
        { tenant: 'ana', operation: 'collective.list', fields: { owner: 'o', consistency: 'any' } },
      ])
  })

  it('a shard that is missing is no shorter list', async () => {
    await leaders([() => listed(0)])
    await fixture.closeAll()
    await fixture.leader({ shard: 0, shards: 2, epoch: 5, answer: answering(listed(0)) })
    const router = await fixture.router()
    const client = await fixture.client()
    const name = { name: 'n', timeoutMs: 100 }
    expect(await refusal(client.ask('collective.list', { timeoutMs: 100 }))).toBe('SHARD_NOT_READY')
    expect(await refusal(client.ask('collective.get', name))).toBe('SHARD_NOT_READY')
    expect(await refusal(client.ask('collective.getOrCreate', { ...name, dimension: 3 }))).toBe('SHARD_NOT_READY')
    await eventually(() => expect(router.figures()).toMatchObject({ fanOuts: 0, kept: 0 }))
  })

  it('a change of leader in the middle loses nothing', async () => {
    await fixture.leader({ shard: 0, shards: 2, epoch: 5, answer: answering(listed(0)) })
    const first = await fixture.leader({ shard: 1, shards: 2, epoch: 5 })
    await fixture.router()
    const client = await fixture.client()
    const answer = client.ask('collective.list', {})
    await eventually(() => expect(first.received).toHaveLength(1))
    first.die()
    await fixture.leader({ shard: 1, shards: 2, epoch: 6, answer: answering(listed(1)) })
    expect((await answer).items).toHaveLength(2)
  })

  it('V3 a part that nobody takes yet is no answer: it goes out again', async () => {
    await fixture.leader({ shard: 0, shards: 2, epoch: 5, answer: answering(listed(0)) })
    const deaf = await fixture.leader({
      ...{ shard: 1, shards: 2, epoch: 5, isListening: false },
      answer: answering(listed(1)),
    })
    const router = await fixture.router()
    const client = await fixture.client()
    const answer = client.ask('collective.list', {})
    await eventually(() => expect(router.figures()).toMatchObject({ forwarded: 2, kept: 1 }))
    deaf.listen()
    expect((await answer).items).toHaveLength(2)
  })

  it.each<[string, Uuid | undefined]>([
    ['nobody carries the name', undefined],
    ['somebody does', sampleId(1)],
  ])('getOrCreate asks all strongly, and goes to one shard, when %s', async (_, id) => {
    const all = await leaders(
      [0, 1, 2].map((shard) => (operation) => {
        if (operation === 'collective.getOrCreate') return { created: true, shard }
        return id === undefined || shard !== 2 ? {} : { collective: { id, name: 'n' } }
      }),
    )
    await fixture.router()
    const client = await fixture.client()
    const created = await client.ask('collective.getOrCreate', { name: 'n', dimension: 3 })
    expect(created.shard).toBe(partition(id ?? collectiveIdOfName(DEFAULT_TENANT, 'n'), 3))
    for (const { received } of all)
      expect(received[0]).toMatchObject({ operation: 'collective.get', fields: { name: 'n', consistency: 'strong' } })
    const writes = all.flatMap(({ received }, shard) => received.slice(1).map(({ fields }) => ({ shard, fields })))
    expect(writes).toMatchObject([{ shard: created.shard, fields: { name: 'n', dimension: 3 } }])
  })

  it('getOrCreate of a name that several carry is refused', async () => {
    await leaders([0, 1].map((shard) => () => ({ collective: { id: sampleId(shard), name: 'n' } })))
    await fixture.router()
    const client = await fixture.client()
    expect(await refusal(client.ask('collective.getOrCreate', { name: 'n', dimension: 3 }))).toBe('AMBIGUOUS_NAME')
  })

  it('getOrCreate of what can be no name is refused by the leader, as one shard alone does', async () => {
    const [leader] = await leaders([() => ({ refused: true })])
    await fixture.router()
    const client = await fixture.client()
    for (const name of ['', '  ', 'n'.repeat(300)])
      expect(await client.ask('collective.getOrCreate', { name, dimension: 3 })).toEqual({ refused: true })
    expect(leader?.received.map(({ operation }) => operation)).toEqual(Array(3).fill('collective.getOrCreate'))
  })
})
