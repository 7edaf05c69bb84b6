import { apiSubject, fault, limits, systemInboxPrefix, SYSTEM_TENANT } from '@waggle/protocol'
import { portsOf } from './cluster-caller.ts'
import { decodeServerOptions, type ServerOptions } from './connect-options.ts'
import type { ReplyMap } from './exchange.ts'
import { Requester } from './requester.ts'

/** Calls operators' operations. */
export interface Operator {
  /**
   * The result of an operation such as `shard.list`. It may be executed more than once where an answer is lost: all
   * that operators can ask for may be asked for twice.
   * @param body the operation's fields, with `timeoutMs` beside them: 0..300,000, 20,000 when absent
   * @throws Fault
   */
  call(operation: string, body?: ReplyMap): Promise<ReplyMap>
  /** Waits for what was begun, then closes; a second call waits for the first. */
  close(): Promise<void>
}

const OPERATION = /^[A-Za-z]{1,64}\.[A-Za-z]{1,64}$/

/**
 * Connects with an operator's credentials.
 * @throws Fault `INVALID_FIELD`, `UNKNOWN_FIELD`, `DENIED`; `SHARD_NOT_READY` when no server answers within 10 s
 */
export const connectOperator = async (options: ServerOptions): Promise<Operator> => {
  const settings = decodeServerOptions(options)
  const requester = await Requester.open(settings, systemInboxPrefix(), portsOf(options))
  return {
    async call(operation, body = {}) {
      if (!OPERATION.test(operation))
        throw fault('UNKNOWN_OPERATION', 'an operation is named noun.verb', { field: 'operation' })
      const subject = apiSubject(SYSTEM_TENANT, operation)
      return requester.request({ subject, operation, body, isWrite: false, timeoutMs: timeLimitOf(body.timeoutMs) })
    },
    close: () => requester.close(),
  }
}

/** What is none is refused where the request is decoded. */
const timeLimitOf = (value: unknown): number =>
  Number.isInteger(value) ? Math.min(Math.max(value as number, 0), limits.TIMEOUT_MS_MAX) : limits.TIMEOUT_MS_DEFAULT
