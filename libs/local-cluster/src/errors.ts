/** Faults of running a cluster on this machine. */
import { faultMaker, type FaultCatalogue } from '@waggle/kernel'

export const localClusterFaultCatalogue = {
  FOLDER_UNUSABLE: {
    kind: 'invalid',
    summary: 'The folder of the cluster cannot be made, or not be written to.',
    advice: 'Name another folder, or give this user the right to write there.',
  },
  PORT_TAKEN: {
    kind: 'conflict',
    summary: 'Another process listens on the port that the cluster was to have.',
    advice: 'Stop that process, or choose another port; 0 takes a free one.',
  },
  SHARDS_FIXED: {
    kind: 'conflict',
    summary: 'The folder holds a cluster with another number of shards, which is fixed when a cluster is made.',
    advice: 'Leave the number out, or use another folder.',
  },
  SERVERS_FIXED: {
    kind: 'conflict',
    summary: 'The folder holds a cluster with another number of nats-servers, which is fixed when a cluster is made.',
    advice: 'Leave the number out, or use another folder.',
  },
  CLUSTER_NOT_READY: {
    kind: 'notReady',
    summary: 'The processes of the cluster run, but a record could not be written and found in time.',
    advice: 'Read the logs that the message names, then start it again: what was stored is kept.',
  },
  SERVICE_NOT_BUILT: {
    kind: 'notFound',
    summary: 'A service of the cluster is not built on this machine.',
    advice: 'Run "npm run build" first.',
  },
} as const satisfies FaultCatalogue

export const localClusterFault = faultMaker(localClusterFaultCatalogue)
