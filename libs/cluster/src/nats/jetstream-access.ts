/**
 * JetStream over one connection, as everything here uses it: requests end after `REQUEST_TIMEOUT_MS`, are made once,
 * and are repeated, where that is right, by whoever knows what a repetition means. It names the calls that are used,
 * so that a simulation can answer them all.
 */
import {
  jetstream,
  jetstreamManager,
  type JetStreamAccountStats,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Bus } from './bus.ts'
import { openBucket, type Bucket } from './jetstream-bucket.ts'

/** Milliseconds. An answer takes about one; a slower one is asked for again. */
export const REQUEST_TIMEOUT_MS = 1_000

/** What a server says when it takes a connection. */
export interface ServerGreeting {
  readonly version: string
  readonly max_payload: number
  readonly jetstream?: boolean
}

export interface JetStreamAccess {
  readonly connection: Pick<Bus, 'request' | 'subscribe' | 'status'> & { readonly info?: ServerGreeting | undefined }
  readonly client: Pick<JetStreamClient, 'publish'>
  readonly manager: {
    readonly streams: Pick<JetStreamManager['streams'], 'add' | 'delete' | 'getMessage' | 'info' | 'purge'> & {
      names(subject: string): AsyncIterable<string>
    }
    readonly direct: Pick<JetStreamManager['direct'], 'getBatch' | 'getMessage'>
    getAccountInfo(): Promise<JetStreamAccountStats>
  }
  /** A key-value bucket that is there. */
  bucket(name: string): Promise<Bucket>
}

/** The same over a real connection, with all that the client library has. */
export interface NatsJetStream extends JetStreamAccess {
  readonly connection: NatsConnection
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
}

/** Asks the server nothing yet. */
export const jetStreamAccess = async (connection: NatsConnection): Promise<NatsJetStream> => {
  const client = jetstream(connection, { timeout: REQUEST_TIMEOUT_MS })
  const manager = await jetstreamManager(connection, { timeout: REQUEST_TIMEOUT_MS, checkAPI: false })
  return { connection, client, manager, bucket: (name) => openBucket(client, name) }
}
