/** The command's own faults, and the ends of a command that are none. */
import { faultMaker, type FaultCatalogue } from '@waggle/kernel'

export const commandFaults = {
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
  BACKUP_DAMAGED: {
    kind: 'corrupt',
    summary: 'A file of a backup is not what was written: bytes are missing, others, or too many.',
    advice: 'Use another copy of the backup; nothing was changed.',
  },
  BACKUP_UNSUITABLE: {
    kind: 'invalid',
    summary: 'The backup is of another version, or of a place with another number of shards.',
    advice: 'Restore it with the version, or into a cluster with the number of shards, that the message names.',
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

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** The command whose help says how it is called right. */
  readonly command: string | undefined

  constructor(message: string, command?: string) {
    super(message)
    this.command = command
  }
}

/** Whoever read our output has gone: there is nobody to tell, and nothing went wrong. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}

/** The user asked for the end, and everything was put away. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
