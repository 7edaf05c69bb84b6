import {
  systemClock,
  systemIds,
  systemRandom,
  systemTimers,
  silentLogger,
  type IdSource,
  type Span,
} from '@waggle/kernel'
import {
  apiSubject,
  decodeRequest,
  fault,
  inboxPrefix,
  isPollName,
  isWriteName,
  limits,
  type BuiltName,
  type PollName,
  type RequestOf,
  type TenantId,
} from '@waggle/protocol'
import type { Caller, ReplyBody, RequestBody } from '@waggle/sdk'
import { decodeServerOptions, decodeTenantOption, type CallerOptions } from './connect-options.ts'
import type { LinkPorts } from './link.ts'
import { Requester } from './requester.ts'
import { resultOf } from './results.ts'

/** Calls a cluster's operations for one tenant. */
class ClusterCaller implements Caller {
  readonly #requester: Requester
  readonly #tenant: TenantId
  readonly #ids: IdSource

  constructor(requester: Requester, tenant: TenantId, ids: IdSource) {
    this.#requester = requester
    this.#tenant = tenant
    this.#ids = ids
  }

  async call(operation: BuiltName, body: RequestBody, span?: Span): Promise<ReplyBody> {
    // By the same table as the cluster's: what has the wrong shape is told at once, and what has the right one is plain
    // data, whatever the caller made it of.
    const { fields, options } = decodeRequest(operation, body)
    const isWrite = isWriteName(operation)
    // Without a key the router would give each attempt another one.
    const { idempotencyKey = isWrite ? this.#ids.uuid() : undefined, timeoutMs = limits.TIMEOUT_MS_DEFAULT } = options
    const reply = await this.#requester.request({
      subject: apiSubject(this.#tenant, operation),
      operation,
      body: { ...fields, ...options, idempotencyKey },
      isWrite,
      timeoutMs,
      ...(span === undefined ? {} : { span }),
      ...(isPollName(operation) ? { waitMs: (fields as RequestOf<PollName>).waitMs } : {}),
    })
    try {
      return resultOf(operation, reply)
    } catch (cause) {
      if (!isWrite) throw cause
      throw fault('UNAVAILABLE', 'the answer to the write cannot be understood', { operation }, { cause })
    }
  }

  async close(): Promise<void> {
    await this.#requester.close()
  }
}

/** Clock, timers and chance of this process. */
export const systemPorts = { clock: systemClock, timers: systemTimers, ids: systemIds, random: systemRandom }

export const portsOf = ({ logger = silentLogger }: Pick<CallerOptions, 'logger'>): LinkPorts => ({
  ...systemPorts,
  logger,
})

/** @param more names that are allowed among the options beside those of `CallerOptions` */
export const openCaller = async (options: CallerOptions, more: readonly string[]): Promise<Caller> => {
  const settings = decodeServerOptions(options, ['tenant', ...more])
  const tenant = decodeTenantOption(options)
  const requester = await Requester.open(settings, inboxPrefix(tenant), portsOf(options))
  return new ClusterCaller(requester, tenant, systemIds)
}

/**
 * The operations of one tenant as plain calls, without what `Waggle` adds: tokens, waiting where the cluster is busy,
 * embedders. A write without an idempotency key gets one.
 * @throws Fault `INVALID_FIELD`, `UNKNOWN_FIELD`, `DENIED`; `SHARD_NOT_READY` when no server answers within 10 s
 */
export const connectCaller = async (options: CallerOptions): Promise<Caller> => openCaller(options, [])
