/** Faults of finding a nats-server and of running one. */
import { faultMaker, type FaultCatalogue } from '@waggle/kernel'

export const natsServerFaultCatalogue = {
  NATS_SERVER_UNFIT: {
    kind: 'invalid',
    summary: 'The nats-server that was named, or what is asked of it, does not do: the message says why.',
    advice: 'Name another one in WAGGLE_NATS_SERVER, or unset the variable to have one found or installed.',
  },
  NATS_SERVER_NOT_FOUND: {
    kind: 'notFound',
    summary: 'There is no nats-server that fits on this machine, and none could be installed.',
    advice: 'Install Go, or put a nats-server on the PATH, or name one in WAGGLE_NATS_SERVER.',
  },
  NATS_SERVER_NOT_STARTED: {
    kind: 'notReady',
    summary: 'A nats-server did not become ready: the message quotes its log.',
    advice: 'Mend what its log complains of, then start it again.',
  },
  NATS_SERVER_UNREACHABLE: {
    kind: 'notReady',
    summary: 'Nothing that speaks as a nats-server does answers at the address.',
    advice: 'Check the address, start the server, then try again.',
  },
} as const satisfies FaultCatalogue

export const natsServerFault = faultMaker(natsServerFaultCatalogue)
