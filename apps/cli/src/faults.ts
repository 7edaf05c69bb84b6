/**
 * The command's own faults, and the advice of every fault that it may have to print.
 */
import { faultMaker, type FaultBody, type FaultCatalogue, type FaultKind } from '@waggle/kernel'
import { faultCatalogue } from '@waggle/protocol'

const commandFaults = {
  INPUT_UNREADABLE: {
    kind: 'notFound',
    summary: 'A file that the command was told to read cannot be read.',
    advice: 'Mend its path or its rights.',
  },
  CONTEXT_UNUSABLE: {
    kind: 'invalid',
    summary: 'The NATS context that is selected cannot be read, or asks for what this version cannot do.',
    advice: 'Say where to work, with --path or --server, or select another context.',
  },
  OUTPUT_FAILED: {
    kind: 'unavailable',
    summary: 'The output could not be written.',
    advice: 'Free room, or write somewhere else; the store was only read.',
  },
  MALFORMED_LINE: {
    kind: 'invalid',
    summary: 'A line is not one JSON object.',
    advice: 'Mend the line and import the file again: what was imported is not doubled.',
  },
  MALFORMED_INPUT: {
    kind: 'invalid',
    summary: 'A file is not the JSON that the command reads.',
    advice: 'Mend the file.',
  },
  MATRIX_MISMATCH: {
    kind: 'invalid',
    summary: 'The matrix of embeddings does not have one row for each line, or rows of another size.',
    advice: 'Give little-endian float32 rows of the dimension of the collective, one for each line.',
  },
} as const satisfies FaultCatalogue

export const commandFault = faultMaker(commandFaults)

/**
 * What only an embedded store, or a cluster on this machine, says. Their own advice knows no command line, and loading
 * them for it would cost every command their start.
 */
const otherAdvice: Readonly<Record<string, string>> = {
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

/** What the user does now, in one sentence. */
export const adviceOf = ({ code, kind }: Pick<FaultBody, 'code' | 'kind'>): string => {
  const catalogue: FaultCatalogue = { ...faultCatalogue, ...commandFaults }
  return otherAdvice[code] ?? catalogue[code]?.advice ?? kindAdvice[kind]
}

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Whoever read our output has gone: there is nobody to tell, and nothing went wrong. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}

/** The user asked for the end, and everything was put away. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
