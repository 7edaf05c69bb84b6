/**
 * What a router passes on of the operators' requests: the unchanged body and the operator's own reply subject, beside
 * one header with the name of the operation. It goes to the active compactor, or to the node that is named, on subjects
 * to which routers alone may publish.
 *
 * Whoever takes it decodes it once more, and answers in an operator's inbox or nowhere (DESIGN K7): whoever stole a
 * router's credentials must not make it speak elsewhere.
 */
import { isFault } from '@waggle/kernel'
import { decodeBody, type Encoding } from '../codec/body.ts'
import { TIMEOUT_MS_DEFAULT } from '../limits.ts'
import { decodeSystemRequest } from '../operations/request.ts'
import { isCommandName, type CommandName } from '../operations/system.ts'
import type { SystemRequestOf } from '../operations/table.ts'
import { isOwnInbox, SYSTEM_TENANT } from './subjects.ts'

/** Its value is the operation's name. */
export const OPERATOR_HEADER = 'Waggle-Operator'

/** One operation that was passed on. */
export type OperatorCommand = { readonly [Name in CommandName]: CommandOf<Name> }[CommandName]

interface CommandOf<Name extends CommandName> {
  readonly operation: Name
  readonly fields: SystemRequestOf<Name>
  /** How long the operator waits, from when it was sent. */
  readonly timeoutMs: number
  /** Of the answer. */
  readonly encoding: Encoding
  readonly reply: string
}

/** A message on a node's or a compactor's subject for operators; `undefined` for what no router passed on. */
export const commandOf = (message: {
  readonly header: string
  readonly reply: string | undefined
  readonly data: Uint8Array
}): OperatorCommand | undefined => {
  const { header: operation, reply, data } = message
  if (!isCommandName(operation) || reply === undefined || !isOwnInbox(SYSTEM_TENANT, reply)) return undefined
  try {
    const { encoding, value } = decodeBody(data)
    const { fields, options } = decodeSystemRequest(operation, value)
    const { timeoutMs = TIMEOUT_MS_DEFAULT } = options
    return { operation, fields, timeoutMs, encoding, reply } as OperatorCommand
  } catch (error) {
    if (isFault(error)) return undefined
    throw error
  }
}
