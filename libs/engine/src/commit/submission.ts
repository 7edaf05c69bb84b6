import type { Fault } from '@waggle/kernel'
import type { CollectiveId, Sequence, TenantId } from '@waggle/protocol'
import type { CommandName } from '../command/decide.ts'
import type { CommandTrace } from './command-trace.ts'

/** What a caller is told: the result, and the sequence that a token must name. */
export interface Answer {
  readonly result: unknown
  readonly sequence: Sequence
}

/** A command on its way to a decision. */
export interface Command {
  readonly name: CommandName
  readonly tenant: TenantId
  /** Absent for commands that belong to no collective. */
  readonly collective?: CollectiveId | undefined
  readonly fields: unknown
  /** Ids of what is created are derived from it. */
  readonly key: string
  /** Present when the outcome is remembered under the key. */
  readonly requestHash?: Uint8Array | undefined
  readonly issuedAt?: number | undefined
  /** Size of the request, for the mailbox's bound. */
  readonly bytes: number
  /** Absent where nobody traces it. */
  readonly trace?: CommandTrace | undefined
}

/** A command of the engine's own or its host's: nobody sends it twice, so no key of a caller comes with it. */
export type OwnCommand = Pick<Command, 'name' | 'tenant' | 'collective' | 'fields'> & Partial<Pick<Command, 'bytes'>>

/** A command in the mailbox, and whom to answer. */
export interface Submission extends Command {
  readonly resolve: (answer: Answer) => void
  readonly reject: (reason: Fault) => void
}
