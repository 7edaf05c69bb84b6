/**
 * How the processes of a cluster are found: each registers as a NATS micro service, so that `nats micro ls` lists them
 * (`$SRV.PING`, `INFO`, `STATS`). What they tell there names no tenant, for every tenant may ask.
 *
 * M1  They tell it to clients' inboxes alone. The library answers at whatever subject a message names, with the rights
 *     of the connection: a tenant could have a router speak to a leader, or a shard raise a beat.
 */
import { isClientInbox } from '@waggle/protocol'
import { Svcm, type Service } from '@nats-io/services'
import type { Msg, NatsConnection, SubscriptionOptions } from '@nats-io/transport-node'

export type ServiceName = 'waggle-router' | 'waggle-shard' | 'waggle-compactor'

/** Requests that the service takes, and figures of its own beside those that `STATS` counts anyway. */
export interface ServiceEndpoint {
  readonly name: string
  readonly subject: string
  /** Of all who share it, one gets each request. */
  readonly queue: string
  /** Must not throw. */
  readonly handle: (message: Msg) => void
  readonly figures: () => Readonly<Record<string, number>>
}

export interface MicroService {
  readonly name: ServiceName
  /** Semantic version, such as `0.1.0`. */
  readonly version: string
  readonly description: string
  /** Shown by `INFO`: the node's name, the pid. */
  readonly metadata: Readonly<Record<string, string>>
  readonly endpoint?: ServiceEndpoint
}

/**
 * Registers it. Its `stop` takes no further requests, hands on those that have come, and is no longer found; it also
 * goes with the connection.
 */
export const registerService = async (
  connection: NatsConnection,
  { name, version, description, metadata, endpoint }: MicroService,
): Promise<Service> => {
  const service = await new Svcm(answeringClientsOnly(connection)).add({
    name,
    version,
    description,
    metadata: { ...metadata },
    ...(endpoint === undefined ? {} : { statsHandler: async () => endpoint.figures() }),
  })
  if (endpoint !== undefined)
    service.addEndpoint(endpoint.name, {
      subject: endpoint.subject,
      queue: endpoint.queue,
      handler: (error, message) => {
        if (error === null) endpoint.handle(message)
      },
    })
  return service
}

/** M1. The service's own subjects; who takes requests judges their reply subjects itself. */
const answeringClientsOnly = (connection: NatsConnection): NatsConnection => {
  const subscribe: NatsConnection['subscribe'] = (subject, { callback, ...options }: SubscriptionOptions = {}) =>
    connection.subscribe(subject, {
      ...options,
      callback: (error, message) => {
        const isAnswered = error !== null || !subject.startsWith('$SRV.') || isClientInbox(message.reply ?? '')
        if (isAnswered) void callback?.(error, message)
      },
    })
  return new Proxy(connection, {
    get(target, name) {
      if (name === 'subscribe') return subscribe
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
