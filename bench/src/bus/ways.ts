/** The ways whose costs are compared. All carry the same bytes, over one connection of this process. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { systemIds } from '@waggle/kernel'
import { apiSubject, DEFAULT_TENANT, encodeBody, FAULT_NUMBER_HEADER, logSubject, partition } from '@waggle/protocol'
import type { CollectiveHandle } from '@waggle/sdk'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { seededRandom } from '../seeded-random.ts'
import type { Way } from './laps.ts'
import { askSubject } from './relay.ts'

export const PUBLISH = 'publish to a stream'
export const FORWARD = 'forwarded request'

export interface Ways {
  readonly writes: readonly Way[]
  /** Only one after the other. */
  readonly writesAlone: readonly Way[]
  /** One message with as many of the bodies as `width`. */
  readonly grouped: Way
  readonly reads: readonly Way[]
  readonly sizes: { readonly requestBytes: number; readonly replyBytes: number; readonly readReplyBytes: number }
  /** Records that were acknowledged so far. */
  recorded(): number
  close(): void
}

export interface WayParts {
  readonly connection: NatsConnection
  readonly hive: CollectiveHandle
  /** Of the cluster. */
  readonly shards: number
  /** On the disk of the server. */
  readonly folder: string
  /** Bodies of the grouped way. */
  readonly width: number
}

const DIMENSION = 384
const CONTENT_BYTES = 200
const TIMEOUT_MS = 60_000
const STREAM = 'BENCH'
const SUBJECT = 'bench.log'
/** The servers set aside as much; what the ways publish in some minutes is less. */
const STREAM_BYTES_MAX = 512 * 1024 ** 2

export const openWays = async ({ connection, hive, shards, folder, width }: WayParts): Promise<Ways> => {
  const embedding = seededRandom(1).unitVector(DIMENSION)
  const content = 'What bees know. '.repeat(CONTENT_BYTES).slice(0, CONTENT_BYTES)
  const bytesOf = (value: Float32Array): Uint8Array => new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  const body = encodeBody({ collective: hive.id, content, embedding: bytesOf(embedding) }, 'messagePack')
  let recorded = 0
  const asked = async (operation: string, bytes: Uint8Array): Promise<Uint8Array> => {
    const reply = await connection.request(apiSubject(DEFAULT_TENANT, operation), bytes, { timeout: TIMEOUT_MS })
    const refusal = reply.headers?.get(FAULT_NUMBER_HEADER)
    if (refusal !== undefined && refusal !== '') throw new Error(`${operation} was refused: ${reply.string()}`)
    return reply.data
  }
  const record = async (): Promise<Uint8Array> => {
    const reply = await asked('experience.record', body)
    recorded += 1
    return reply
  }
  const { id, token } = await hive.record({ content, embedding })
  recorded += 1
  const get = (options: object): Uint8Array => encodeBody({ collective: hive.id, id, ...options }, 'messagePack')
  const [ordinary, strong] = [get({ token }), get({ consistency: 'strong' })]
  const replyBytes = (await record()).length
  const readReplyBytes = (await asked('experience.get', ordinary)).length
  const forward = (bytes: Uint8Array, answerBytes: number) => async (): Promise<unknown> =>
    connection.request(askSubject(answerBytes), bytes, { timeout: TIMEOUT_MS })
  const publish = await publisher(connection)
  const messages = await messagesOf(connection, hive, shards)
  const grouped = new Uint8Array(body.length * width)
  const file = openSync(join(folder, 'sync-base'), 'a')
  return {
    writes: [
      { name: PUBLISH, call: async () => publish(body) },
      { name: FORWARD, call: forward(body, replyBytes) },
      { name: 'record, plain request', call: record, messages },
      {
        name: 'record, @waggle/client',
        messages,
        async call() {
          await hive.record({ content, embedding })
          recorded += 1
        },
      },
    ],
    writesAlone: [
      {
        name: 'append to a file, fdatasync',
        async call() {
          writeSync(file, body)
          fdatasyncSync(file)
          return Promise.resolve()
        },
      },
    ],
    grouped: { name: `publish, ${width} in one message`, records: width, call: async () => publish(grouped) },
    reads: [
      { name: FORWARD, call: forward(ordinary, readReplyBytes) },
      { name: 'get', call: async () => asked('experience.get', ordinary) },
      { name: 'get, strong', call: async () => asked('experience.get', strong), messages },
      { name: 'get, @waggle/client', call: async () => hive.get(id) },
    ],
    sizes: { requestBytes: body.length, replyBytes, readReplyBytes },
    recorded: () => recorded,
    close: () => closeSync(file),
  }
}

/** Messages so far of the log that a collective is in; the shard writes some on its own account, too. */
const messagesOf = async (
  connection: NatsConnection,
  hive: CollectiveHandle,
  shards: number,
): Promise<() => Promise<number>> => {
  const { streams } = await jetstreamManager(connection)
  const [log] = await streams.list(logSubject(partition(hive.id, shards))).next()
  if (log === undefined) throw new Error('the cluster has no log of the collective')
  return async () => (await streams.info(log.config.name)).state.last_seq
}

/** Publishes as the log of a shard does, to a stream of its own that is configured as one. */
const publisher = async (connection: NatsConnection): Promise<(bytes: Uint8Array) => Promise<void>> => {
  const { streams } = await jetstreamManager(connection)
  const [log] = await streams.list(logSubject(0)).next()
  if (log === undefined) throw new Error('the cluster has no log')
  const { first_seq: _, ...config } = log.config
  await streams.add({ ...config, name: STREAM, subjects: [SUBJECT], max_bytes: STREAM_BYTES_MAX })
  const client = jetstream(connection)
  let last = 0
  return async (bytes) => {
    const lastSequence = last
    last += 1
    const { seq, duplicate } = await client.publish(SUBJECT, bytes, {
      msgID: systemIds.uuid(),
      expect: { streamName: STREAM, lastSequence },
      timeout: TIMEOUT_MS,
      retries: 1,
    })
    if (duplicate || seq !== lastSequence + 1) throw new Error(`published as ${seq} instead of ${lastSequence + 1}`)
  }
}
