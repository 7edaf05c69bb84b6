/**
 * How a client of any language talks to a cluster: requests under one idempotency key until there is an answer for
 * good.
 *
 * A1  No answer, and every fault that says so, is tried again: with the same key and the same body.
 */
import { Fault, pause, type Uuid } from '@waggle/kernel'
import { apiSubject, decodeReply, DEFAULT_TENANT, encodeBody } from '@waggle/protocol'
import type { SimulatedConnection } from '../network/bus.ts'
import type { SimulatedProcess } from '../world/process.ts'
import type { History } from './history.ts'

const REQUEST_MS = 4_000
/** Beyond the request's own time: a router says at its end that nobody answered. */
const GRACE_MS = 1_500

/** Kinds of faults after which the same request may be made again. */
const retried: ReadonlySet<string> = new Set(['busy', 'notReady', 'unavailable', 'moved'])

export type Answer = Readonly<Record<string, unknown>>

export interface Asked {
  readonly answer: Answer | Fault
  readonly attempts: number
}

export class Session {
  readonly process: SimulatedProcess
  readonly #connection: SimulatedConnection
  readonly #history: History
  readonly #requestMs: number

  /** @param requestMs how long a request may take before it is made again */
  constructor(process: SimulatedProcess, connection: SimulatedConnection, history: History, requestMs = REQUEST_MS) {
    this.#requestMs = requestMs
    this.process = process
    this.#connection = connection
    this.#history = history
  }

  freshKey(): Uuid {
    return this.process.ids.uuid()
  }

  /** A1. */
  async ask(operation: string, fields: object, { waitMs = 0 }: { readonly waitMs?: number } = {}): Promise<Asked> {
    const body = encodeBody({ timeoutMs: this.#requestMs + waitMs, ...fields }, 'messagePack')
    const { random, timers } = this.process
    for (let attempts = 1; ; attempts += 1) {
      const answer = await this.#once(operation, body, this.#requestMs + GRACE_MS + waitMs)
      if (answer !== undefined && !(answer instanceof Fault && retried.has(answer.kind))) {
        if (answer instanceof Fault && answer.kind === 'internal')
          this.#history.bugs.push(`${operation}: ${answer.message}`)
        return { answer, attempts }
      }
      await pause(timers, random.between(20, 400))
    }
  }

  /** `undefined` for no answer. */
  async #once(operation: string, body: Uint8Array, timeout: number): Promise<Answer | Fault | undefined> {
    try {
      const subject = apiSubject(DEFAULT_TENANT, operation)
      const { data } = await this.#connection.request(subject, body, { timeout })
      try {
        return decodeReply(data)
      } catch (error) {
        if (error instanceof Fault) return error
        throw error
      }
    } catch {
      return undefined
    }
  }
}
