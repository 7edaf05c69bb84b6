/** JetStream as one connection of a simulated process has it. */
import type { Bucket, BucketEntry, BucketWrite, JetStreamAccess } from '@waggle/cluster'
import { JetStreamApiError, type PubAck, type StreamConfig } from '@nats-io/jetstream'
import { serverNames } from '../network/network.ts'
import type { SimulatedConnection } from '../network/bus.ts'
import type { Dice } from '../world/dice.ts'
import { apiError, type JetStreamServers, type PublishRequest } from './jetstream-servers.ts'
import type { CopyView, StreamGroup } from './stream-group.ts'
import { WRONG_SEQUENCE } from './stream.ts'

const TIMEOUT_MS = 1_000
const NO_LEADER = 10_008

interface AccessParts {
  readonly servers: JetStreamServers
  readonly connection: SimulatedConnection
  readonly dice: Dice
}

interface BatchQuestion {
  readonly seq?: number
  readonly batch?: number
  readonly callback?: (done: { readonly err?: Error } | null, message: unknown) => void
}

type Name = string

export const simulatedAccess = (parts: AccessParts): JetStreamAccess => {
  const { servers, connection } = parts
  const { attachment } = connection
  const question = (label: string, toLeaderOf?: StreamGroup) => ({ label, timeoutMs: TIMEOUT_MS, toLeaderOf })
  const leaderOf = (name: Name): { readonly group: StreamGroup; readonly view: CopyView } | undefined => {
    const group = servers.known(name)
    const view = group.leaderView(attachment.server)
    if (view === undefined && parts.dice.chance(0.5)) throw apiError(NO_LEADER, 'temporarily unavailable', 503)
    return view === undefined ? undefined : { group, view }
  }
  const info = (name: Name): Promise<unknown> =>
    servers.ask(attachment, question('info'), () => {
      const found = leaderOf(name)
      return found && { answer: infoOf(found) }
    })
  const getMessage = (name: Name, sequence: number): Promise<unknown> =>
    servers.ask(attachment, question('get'), () => {
      const found = leaderOf(name)
      return found && { answer: messageAt(found, sequence) }
    })
  const access = {
    connection,
    client: {
      publish: (subject: string, data: Uint8Array, options: PublishOptions = {}): Promise<PubAck> =>
        servers.publish(attachment, requestOf(subject, data, options), options.timeout ?? TIMEOUT_MS),
    },
    manager: {
      streams: {
        add: (config: Partial<StreamConfig> & { readonly name: string }) =>
          servers.ask(attachment, question('add'), () => ({ answer: infoOf(whole(servers.add(config))) })),
        info,
        getMessage: (name: Name, { seq }: { readonly seq: number }) => getMessage(name, seq),
        purge: (name: Name, { seq = 0 }: { readonly seq?: number } = {}) =>
          servers.ask(attachment, question('purge', servers.group(name)), () => {
            const found = leaderOf(name)
            if (found === undefined) return undefined
            servers.onPurge(found.group.stream, seq)
            return { answer: { success: true, purged: found.group.stream.purge(seq) } }
          }),
        async *names(subject: string) {
          const found = await servers.ask(attachment, question('names'), () => ({
            answer: servers.groupOfSubject(subject),
          }))
          if (found !== undefined) yield found.stream.config.name
        },
      },
      direct: {
        getMessage: (name: Name, { seq }: { readonly seq: number }) =>
          servers.ask(attachment, question('direct'), () => {
            const group = servers.known(name)
            return { answer: messageAt({ group, view: group.copyView(parts.dice.pick(serverNames)) }, seq) }
          }),
        getBatch: (name: Name, batch: BatchQuestion) => getBatch(parts, name, batch),
      },
    },
    getAccountInfo: () => servers.ask(attachment, question('account'), () => ({ answer: {} })),
    bucket: (name: string) => Promise.resolve(simulatedBucket(parts, name)),
  }
  const { getAccountInfo, manager, ...rest } = access
  return { ...rest, manager: { ...manager, getAccountInfo } } as never
}

interface PublishOptions {
  readonly msgID?: string
  readonly timeout?: number
  readonly expect?: { readonly streamName?: string; readonly lastSequence?: number }
}

const requestOf = (subject: string, data: Uint8Array, { msgID, expect = {} }: PublishOptions): PublishRequest => ({
  ...{ subject, data: data.slice() },
  expected: { id: msgID, stream: expect.streamName, lastSequence: expect.lastSequence },
})

const whole = (group: StreamGroup) => ({ group, view: { first: group.stream.first, last: group.stream.last } })

/** As servers say it, with the fields that they fill in. */
const infoOf = ({ group, view }: { group: StreamGroup; view: Pick<CopyView, 'first' | 'last'> }) => ({
  config: { ...group.stream.config },
  created: group.stream.created,
  state: {
    messages: Math.max(0, view.last - view.first + 1),
    bytes: group.stream.bytes,
    first_seq: view.first,
    last_seq: view.last,
    consumer_count: 0,
  },
  // Who answers for it here is its leader, or was a moment ago.
  cluster: { leader: group.leader },
})

const messageAt = ({ group, view }: { group: StreamGroup; view: CopyView }, sequence: number) => {
  const message = group.read(view, sequence)
  return message === undefined ? null : { subject: message.subject, seq: message.sequence, data: message.data }
}

/** Records from one copy, as it has them: what it lacks it leaves out. */
const getBatch = async ({ servers, connection, dice }: AccessParts, name: Name, batch: BatchQuestion) => {
  const { seq = 1, batch: countMax = 1_024, callback = () => undefined } = batch
  const asked = { label: 'batch', timeoutMs: TIMEOUT_MS }
  let isStopped = false
  const stop = (): void => {
    if (!isStopped) callback({}, undefined)
    isStopped = true
  }
  servers
    .ask(connection.attachment, asked, () => {
      const group = servers.known(name)
      const view = group.copyView(dice.pick(serverNames))
      const found = []
      for (let at = Math.max(seq, view.first); at <= view.last && found.length < countMax; at += 1) {
        const message = messageAt({ group, view }, at)
        if (message !== null) found.push(message)
      }
      return { answer: found }
    })
    .then(
      (found) => {
        for (const message of found) if (!isStopped) callback(null, message)
        stop()
      },
      (error: unknown) => {
        if (!isStopped) callback({ err: error as Error }, undefined)
        isStopped = true
      },
    )
  return Promise.resolve({ stop })
}

/** A bucket over its stream, as the client library has it: reads from the leader, writes that compare. */
const simulatedBucket = ({ servers, connection, dice }: AccessParts, name: string): Bucket => {
  const { attachment } = connection
  const subjectOf = (key: string): string => `$KV.${name}.${key}`
  const write = async (key: string, data: Uint8Array, revision: number): Promise<BucketWrite> => {
    const expected = { lastSubjectSequence: revision }
    try {
      const { seq } = await servers.publish(attachment, { subject: subjectOf(key), data, expected }, TIMEOUT_MS)
      return { kind: 'written', revision: seq }
    } catch (error) {
      const isRefused = error instanceof JetStreamApiError && error.code === WRONG_SEQUENCE
      return isRefused ? { kind: 'refused' } : { kind: 'unknown', error }
    }
  }
  return {
    name,
    read: (key) =>
      servers.ask<BucketEntry | undefined>(attachment, { label: 'keyRead', timeoutMs: TIMEOUT_MS }, () => {
        const group = servers.known(`KV_${name}`)
        const view = group.leaderView(attachment.server)
        if (view === undefined && dice.chance(0.5)) throw apiError(NO_LEADER, 'temporarily unavailable', 503)
        if (view === undefined) return undefined
        // A deposed leader does not know the newest values: it has the last one before.
        const older = group.stream.lastOf(subjectOf(key), servers.world.nowMs, view.last)
        if (older === undefined) return { answer: undefined }
        return { answer: { revision: older.sequence, ...(older.data.length === 0 ? {} : { value: older.data }) } }
      }),
    write,
    delete: (key, revision) => write(key, new Uint8Array(), revision),
  }
}
