/**
 * How the processes of a cluster are found: each registers as a NATS micro service, so that `nats micro ls` lists them
 * (`$SRV.PING`, `INFO`, `STATS`). What they tell there names no tenant, for every tenant may ask.
 */
import { Svcm, type Service } from '@nats-io/services'
import type { Msg, NatsConnection } from '@nats-io/transport-node'

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
  const service = await new Svcm(connection).add({
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
