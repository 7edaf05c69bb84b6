/** The faults of what carries a cluster: its servers, its streams and its directory. `docs/errors.md` lists them. */
import { faultMaker, type FaultCatalogue } from '@waggle/kernel'

export const clusterFaultCatalogue = {
  SERVER_UNSUITABLE: {
    kind: 'notReady',
    summary:
      'The NATS server cannot keep the logs of this cluster: too old, without JetStream, or limited too tightly.',
    advice: 'Change the server as the details say, then start the node again.',
  },
  STREAM_CONFIGURATION: {
    kind: 'notReady',
    summary: 'A stream or bucket of the cluster is not configured as the cluster relies on.',
    advice: 'Set the field named in the details back to what is expected; nothing was written.',
  },
  DIRECTORY_UNREADABLE: {
    kind: 'corrupt',
    summary: 'An entry of the bucket `waggle`, which says where the logs are, cannot be read by this version.',
    advice: 'Use the version that wrote it; else keep the bucket as it is and call an operator.',
  },
} as const satisfies FaultCatalogue

export const clusterFault = faultMaker(clusterFaultCatalogue)
