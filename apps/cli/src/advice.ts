/** What the user of the command does about a fault: every fault that is printed says it. */
import type { FaultBody, FaultCatalogue, FaultKind } from '@waggle/kernel'
import { faultCatalogue, isOperationName, operations, type OperationClass } from '@waggle/protocol'
import { commandFaults } from './faults.ts'

/**
 * What only an embedded store, or a cluster on this machine, says, and what is said to programs elsewhere. Their own
 * advice knows no command line, and loading them for it would cost every command their start.
 */
const OTHER_VERSION =
  'The cluster runs an older version than this command (`waggle --version`): update it, or use its own command.'

const otherAdvice: Readonly<Record<string, string>> = {
  NOT_FOUND: 'Look it up again: `waggle collective list`, and the lists of each collective, show what is there.',
  UNKNOWN_OPERATION: OTHER_VERSION,
  OPERATION_NOT_BUILT: OTHER_VERSION,
  DATABASE_LOCKED:
    'Wait until the process that holds the folder has ended, or use another one (--path, or --dir of up).',
  CORRUPT: 'Stop writing and keep the folder as it is; `waggle doctor` says what is damaged.',
  FORMAT_UNSUPPORTED: 'Open it with the version that wrote it, or a newer one.',
  STORAGE_FAILED: 'Free room or mend the disk, then run the command again.',
  FOLDER_UNUSABLE: 'Name another --dir, or give this user the right to write there.',
  PORT_TAKEN: 'Stop the process that has it, or choose another one: --port; 0 takes a free one.',
  SHARDS_FIXED: 'Leave --shards out, or make another cluster in another --dir.',
  SERVERS_FIXED: 'Leave --servers out, or make another cluster in another --dir.',
  CLUSTER_NOT_READY: 'Read the logs that the message names, then start it again: what was stored is kept.',
  SERVICE_NOT_BUILT: 'Run "npm run build" first.',
  NATS_SERVER_UNFIT: 'Name another nats-server in $WAGGLE_NATS_SERVER, or unset it to have one found or installed.',
  NATS_SERVER_NOT_FOUND: 'Install Go, or put a nats-server on the PATH, or name one in $WAGGLE_NATS_SERVER.',
  NATS_SERVER_NOT_STARTED: 'Mend what its log complains of, then start it again.',
  NATS_SERVER_UNREACHABLE: 'Check the address and start the server, then try again.',
}

/** For codes that this version does not know: a fault of a newer library degrades to its kind. */
const kindAdvice: Readonly<Record<FaultKind, string>> = {
  invalid: 'Mend what the message names.',
  notFound: 'It is not there, or not yours.',
  denied: 'Get the right to do this.',
  conflict: 'Read the state again and decide again.',
  moved: 'Try again.',
  busy: 'Wait a little and try again.',
  notReady: 'Nothing happened: wait a little and try again.',
  lost: 'Start again from a fresh read.',
  unavailable: 'The outcome is unknown: repeat it with the same idempotency key.',
  corrupt: 'Stop writing and keep the folder as it is.',
  closed: 'Run the command again.',
  internal: 'A bug: report it with the message.',
}

/** What decides about the advice. */
export type AdvisedFault = Pick<FaultBody, 'code' | 'kind'> & Partial<Pick<FaultBody, 'details'>>

/** What the user does now, in a sentence or two. */
export const adviceOf = (fault: AdvisedFault): string => {
  const { code, kind } = fault
  const catalogue: FaultCatalogue = { ...faultCatalogue, ...commandFaults }
  return (
    connectionAdvice(fault) ?? rightsAdvice(fault) ?? otherAdvice[code] ?? catalogue[code]?.advice ?? kindAdvice[kind]
  )
}

/** Why no server lets the command in is told by its reason alone. */
const connectionAdvice = ({ code, details = {} }: AdvisedFault): string | undefined => {
  const { servers, reason } = details
  if (code !== 'SHARD_NOT_READY' || typeof servers !== 'string' || typeof reason !== 'string') return undefined
  if (/does not support 'tls'/i.test(reason)) return 'This server speaks no TLS: write nats:// instead of tls://.'
  if (/certificate|self[- ]signed|altname/i.test(reason))
    return (
      'This machine does not trust the certificate of the server: name its authority with --tlsca or $NATS_CA, and ' +
      'the server by the name that the certificate is for.'
    )
  return (
    'Is a server running there? `waggle up` starts a cluster on this machine; --server, $NATS_URL or a NATS context ' +
    'name another one; --path works in a folder, without any. `waggle config` says which is taken, and why.'
  )
}

/** The role that a user needs at least; permissions are given by role. */
const roleOf: Readonly<Record<OperationClass, string>> = {
  read: 'reader',
  write: 'writer',
  admin: 'admin',
  system: 'operator',
}

const REQUEST_SUBJECT = /^waggle\.v1\.([^.]+)\.([^.]+\.[^.]+)$/

/** Which right is missing, where the server said what it does not allow. */
const rightsAdvice = ({ code, details = {} }: AdvisedFault): string | undefined => {
  if (code !== 'DENIED') return undefined
  const { subject, reason, missing } = details
  if (missing === 'operator')
    return (
      'Give --user and $NATS_PASSWORD, or --creds. The operator of a cluster that `waggle up` runs on this machine ' +
      'is found by itself: does it run, at that port, for this user?'
    )
  if (reason === 'Authorization Violation')
    return 'The server knows no such user, or not with this password: mend --user and $NATS_PASSWORD, or --creds.'
  if (typeof subject !== 'string') return undefined
  const [, tenant = '', operation = ''] = REQUEST_SUBJECT.exec(subject) ?? []
  if (!isOperationName(operation)) return undefined
  const role = roleOf[operations[operation].class]
  const [owner, option] = role === 'operator' ? ['', ''] : [` of tenant ${tenant}`, ` --tenant ${tenant}`]
  const permissions = `\`waggle permissions --role ${role}${option}\``
  return `${operation} takes the role ${role}${owner}, which this user lacks: ${permissions} prints its rights.`
}
