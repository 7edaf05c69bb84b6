/**
 * JetStream over one connection, as everything here uses it: requests end after `REQUEST_TIMEOUT_MS`, are made once,
 * and are repeated, where that is right, by whoever knows what a repetition means.
 */
import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'

/** Milliseconds. An answer takes about one; a slower one is asked for again. */
export const REQUEST_TIMEOUT_MS = 1_000

export interface JetStreamAccess {
  readonly connection: NatsConnection
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
}

/** Asks the server nothing yet. */
export const jetStreamAccess = async (connection: NatsConnection): Promise<JetStreamAccess> => ({
  connection,
  client: jetstream(connection, { timeout: REQUEST_TIMEOUT_MS }),
  manager: await jetstreamManager(connection, { timeout: REQUEST_TIMEOUT_MS, checkAPI: false }),
})
