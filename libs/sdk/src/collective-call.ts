/** The operations in one collective: its id goes along, and every answer says which state it speaks of. */
import type { Timers } from '@waggle/kernel'
import { fault, type BuiltName, type ResultOf } from '@waggle/protocol'
import type { RequestBody } from './caller.ts'
import { refuseFields } from './plain-data.ts'
import type { Session, WriteOptions } from './session.ts'

/** What a write returns: a token that any agent may hand to another, whose reads then reflect this write. */
export interface Written {
  readonly token: string
}

export class CollectiveCall {
  readonly #session: Session
  readonly #collective: string

  constructor(session: Session, collective: string) {
    this.#session = session
    this.#collective = collective
  }

  /** Its id. */
  get collective(): string {
    return this.#collective
  }

  /** For whoever waits between calls. */
  get timers(): Timers {
    return this.#session.timers
  }

  /** A fresh idempotency key, for a write that is made of several requests. */
  newKey(): string {
    return this.#session.newKey()
  }

  /** @throws Fault */
  async call<Name extends BuiltName>(
    operation: Name,
    fields: RequestBody,
    options: WriteOptions = {},
  ): Promise<ResultOf<Name> & Written> {
    refuseFields(fields, OWN_FIELDS)
    const reply = await this.#session.call(operation, { ...fields, collective: this.#collective }, options)
    if (!hasToken(reply)) throw fault('INTERNAL', `the reply has no token operation=${operation}`)
    return reply
  }

  /** A write that answers nothing but its token. @throws Fault */
  async write(operation: PlainWrite, fields: RequestBody, options: WriteOptions): Promise<Written> {
    const { token } = await this.call(operation, fields, options)
    return { token }
  }
}

/** What this fills in itself. */
const OWN_FIELDS = ['collective'] as const

const hasToken = <Result>(reply: Result & { readonly token?: string }): reply is Result & Written =>
  reply.token !== undefined

type PlainWrite = {
  [Name in BuiltName]: keyof ResultOf<Name> extends never ? Name : never
}[BuiltName]
