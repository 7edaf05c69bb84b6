/** Mutants that are made by wrapping a port: each breaks one rule of the design, as a mistake in production would. */
import type { JetStreamAccess } from '@waggle/cluster'
import { errors } from '@nats-io/transport-node'
import type { PubAck } from '@nats-io/jetstream'
import type { PortWrapping } from '../cluster/simulated-cluster.ts'

type Publish = JetStreamAccess['client']['publish']
type PublishArguments = Parameters<Publish>

const LOG = 'wal.'

/** The port with another way to publish to logs. */
const publishing = (
  change: (publish: () => Promise<PubAck>, ...args: PublishArguments) => Promise<PubAck>,
): PortWrapping => ({
  access: (access) => ({
    ...access,
    client: {
      publish: (...args: PublishArguments) => {
        const publish = () => access.client.publish(...args)
        return args[0].startsWith(LOG) ? change(publish, ...args) : publish()
      },
    },
  }),
})

/** As if it stood where it was meant to. */
const asStored = (...[, , options]: PublishArguments): PubAck => ({
  stream: options?.expect?.streamName ?? '',
  seq: (options?.expect?.lastSequence ?? 0) + 1,
  duplicate: false,
})

export const wrappingMutants: Readonly<Record<string, PortWrapping>> = {
  /** L4: publishes one behind the other and believes that the expectation fences them. */
  'pipelined-expectation': publishing(async (publish, ...args) => {
    publish().catch(() => undefined)
    return Promise.resolve(asStored(...args))
  }),
  /** L7: that an id is known is taken for the record's being there. */
  'duplicate-as-proof': publishing(async (publish, ...args) => {
    const acknowledgement = await publish()
    return acknowledgement.duplicate ? asStored(...args) : acknowledgement
  }),
  /** L7: answers before it is known what became of a publish that nobody acknowledged. */
  'reply-before-resolve': publishing(async (publish, ...args) => {
    try {
      return await publish()
    } catch (error) {
      if (error instanceof errors.TimeoutError) return asStored(...args)
      throw error
    }
  }),
}
