/**
 * One agent with one thing at a time: it calls through the SDK, tries again with the same key until it knows what
 * became of a write, and writes everything down.
 *
 * Z1  What passes is tried again, as an agent does that must not lose its memory; what does not pass is written down
 *     as a refusal.
 * Z2  The sequence that an answer speaks of is that of its token, which the SDK keeps to itself: the lane listens to
 *     the port below.
 */
import { isFault, pause, systemClock, systemIds, systemTimers } from '@waggle/kernel'
import { decodeToken } from '@waggle/protocol'
import { Waggle, type Caller, type CollectiveHandle } from '@waggle/sdk'
import type { Arguments, Consistency, OperationName, Result } from '../history/entry.ts'
import type { Recorder } from '../history/recorder.ts'

export interface LaneParts {
  readonly name: string
  readonly caller: Caller
  readonly collective: string
  readonly recorder: Recorder
  /** Whether what was not answered is given up. */
  readonly isOver: () => boolean
}

export interface Plan {
  readonly name: OperationName
  readonly args: Arguments
  readonly key?: string
  readonly consistency?: Consistency
  /** Handed on by another agent: the read has to reflect it. */
  readonly token?: string
  readonly again?: number
  readonly call: (hive: CollectiveHandle) => Promise<Result>
}

/** What an operation came to. */
export interface Outcome {
  readonly op: number
  readonly result: Result
  readonly token: string
  readonly sequence: number
}

const RETRY_AFTER_MS = 50
const PASSING = ['busy', 'notReady', 'unavailable', 'moved']

export class Lane {
  readonly #parts: LaneParts
  readonly #hive: CollectiveHandle
  readonly #tokens: TokenListener
  /** The highest sequence that this lane's session has seen, which the SDK asks its reads to reflect. */
  #seen = 0

  private constructor(parts: LaneParts, hive: CollectiveHandle, tokens: TokenListener) {
    this.#parts = parts
    this.#hive = hive
    this.#tokens = tokens
  }

  static async open(parts: LaneParts): Promise<Lane> {
    const tokens = new TokenListener(parts.caller)
    const store = new Waggle({ caller: tokens, clock: systemClock, timers: systemTimers, ids: systemIds })
    return new Lane(parts, await store.collective(parts.collective), tokens)
  }

  get hive(): CollectiveHandle {
    return this.#hive
  }

  /** `undefined` where the run was over, or it was refused, before it was answered. */
  async do({ call, token, ...plan }: Plan): Promise<Outcome | undefined> {
    const { recorder, name: lane, collective } = this.#parts
    const floor = Math.max(this.#seen, token === undefined ? 0 : decodeToken(token).sequence)
    const { key, consistency, again, ...rest } = plan
    const op = recorder.invoked({
      ...{ lane, collective, ...rest },
      ...(key === undefined ? {} : { key }),
      ...(again === undefined ? {} : { again }),
      ...(consistency === undefined ? {} : { consistency, ...(consistency === 'any' ? {} : { floor }) }),
    })
    const faults: string[] = []
    for (;;)
      try {
        const result = await call(this.#hive)
        return this.#answered(op, result, faults)
      } catch (error) {
        const code = isFault(error) ? error.code : String(error)
        faults.push(code)
        // Z1
        if (!isFault(error) || !PASSING.includes(error.kind)) {
          const refusal = isFault(error) ? `${code} ${error.message}` : code
          recorder.completed(op, { attempts: faults.length, faults, refusal })
          return undefined
        }
        if (this.#parts.isOver()) return undefined
        await pause(systemTimers, RETRY_AFTER_MS)
      }
  }

  /** Z2. */
  #answered(op: number, result: Result, faults: readonly string[]): Outcome | undefined {
    const { recorder } = this.#parts
    const text = this.#tokens.last
    const attempts = faults.length + 1
    if (text === undefined) {
      recorder.completed(op, { attempts, refusal: 'answered without a token' })
      return undefined
    }
    const { shard, generation, sequence } = decodeToken(text)
    this.#seen = Math.max(this.#seen, sequence)
    recorder.completed(op, {
      ...{ attempts, shard, generation, sequence, result },
      ...(faults.length === 0 ? {} : { faults }),
    })
    return { op, result, token: text, sequence }
  }
}

/** Z2. */
class TokenListener implements Caller {
  readonly #inner: Caller
  last: string | undefined

  constructor(inner: Caller) {
    this.#inner = inner
  }

  async call(...[operation, body]: Parameters<Caller['call']>): ReturnType<Caller['call']> {
    const reply = await this.#inner.call(operation, body)
    this.last = reply.token
    return reply
  }

  async close(): Promise<void> {
    // The connection is not this lane's alone.
  }
}
