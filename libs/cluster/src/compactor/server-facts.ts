/**
 * How the NATS servers keep the logs, read back from them and never assumed: whoever configured them may be mistaken.
 * Only a user of the system account may ask.
 */
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import type { ServerFacts } from '@waggle/protocol'

/** Every server that has JetStream answers. */
const SUBJECT = '$SYS.REQ.SERVER.PING.JSZ'
const SERVERS_MAX = 64

/**
 * Asks all servers; those that have not answered after `waitMs` milliseconds are not among them.
 * @throws what the client throws: without the right, without a connection
 */
export const readServerFacts = async (system: NatsConnection, waitMs: number): Promise<readonly ServerFacts[]> => {
  const answers = await system.requestMany(SUBJECT, '', {
    strategy: 'timer',
    maxWait: waitMs,
    maxMessages: SERVERS_MAX,
  })
  const facts: ServerFacts[] = []
  for await (const answer of answers) {
    const server = serverFactsOf(jsonOf(answer))
    if (server !== undefined) facts.push(server)
  }
  return facts.sort((left, right) => (left.name < right.name ? -1 : 1))
}

/**
 * What an answer to JSZ says; `undefined` for one that says nothing of JetStream.
 * nats-server tells its `sync_interval` since 2.10, and leaves out what is false or 0.
 */
export const serverFactsOf = (answer: unknown): ServerFacts | undefined => {
  const server = fieldsOf(fieldsOf(answer).server)
  const data = fieldsOf(fieldsOf(answer).data)
  const config = fieldsOf(data.config)
  const { sync_interval: syncInterval } = config
  if (typeof server.name !== 'string' || typeof server.ver !== 'string' || data.disabled === true) return undefined
  return {
    name: server.name,
    version: server.ver,
    ...(isCount(syncInterval) ? { syncAlways: config.sync_always === true, syncInterval } : {}),
    storeBytes: isCount(data.storage) ? data.storage : 0,
    storeBytesMax: isCount(config.max_storage) ? config.max_storage : 0,
  }
}

const jsonOf = (answer: Msg): unknown => {
  try {
    return answer.json()
  } catch {
    return undefined
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
