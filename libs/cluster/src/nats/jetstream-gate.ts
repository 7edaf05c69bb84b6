/**
 * Whether a server can keep the logs of a cluster, asked before anything is created.
 *
 * Older servers accept options that they do not know and drop them in silence, so what counts is their version, and
 * what they say back (`log/stream-config.ts`).
 */
import { limits } from '@waggle/protocol'
import { clusterFault } from '../errors.ts'
import { apiCode } from './api-errors.ts'
import type { JetStreamAccess } from './jetstream-access.ts'
import { repeatedly, type Waiting } from './jetstream-retry.ts'

/** Below it, several of six racing writers win the compare-and-set of a replicated bucket (measured on 2.9.10). */
const REPLICATED_VERSION_MIN = '2.12.15'
/** Debian's: the oldest that everything unreplicated was measured on. */
const VERSION_MIN = '2.9.10'
/**
 * The first versions of these lines that send what they trace only where the client who asks may publish
 * (CVE-2026-33249): before them, any tenant can write to a log.
 */
const TRACES_WITHIN_RIGHTS: Readonly<Record<string, string>> = { '2.11': '2.11.15', '2.12': '2.12.6' }

/** A record and its headers. */
export const MESSAGE_BYTES_MAX = limits.RECORD_BYTES_MAX + limits.RECORD_OVERHEAD_BYTES_MAX

/** Milliseconds: as long as a server may take from its first greeting until JetStream is up. */
const PATIENCE_MS = 30_000

const NOT_ENABLED_FOR_ACCOUNT = 10_039
const NOT_ENABLED = 10_076

export interface ServerFeatures {
  readonly version: string
  readonly maxPayload: number
}

/** @throws Fault `SERVER_UNSUITABLE` naming what is needed and what was found */
export const checkFeatures = ({ version, maxPayload }: ServerFeatures, replicas: number): void => {
  const needed = replicas > 1 ? REPLICATED_VERSION_MIN : VERSION_MIN
  if (!isAtLeast(version, needed))
    throw clusterFault(
      'SERVER_UNSUITABLE',
      `nats-server is too old for ${replicas} replicas version=${version} needed=${needed}`,
      { version, needed, replicas },
    )
  const secure = TRACES_WITHIN_RIGHTS[version.split('.', 2).join('.')]
  if (secure !== undefined && !isAtLeast(version, secure))
    throw clusterFault(
      'SERVER_UNSUITABLE',
      `nats-server lets every client write to a log version=${version} needed=${secure}`,
      { version, needed: secure },
    )
  if (maxPayload < MESSAGE_BYTES_MAX)
    throw clusterFault(
      'SERVER_UNSUITABLE',
      `nats-server takes too small messages max_payload=${maxPayload} needed=${MESSAGE_BYTES_MAX}`,
      { setting: 'max_payload', value: maxPayload, needed: MESSAGE_BYTES_MAX },
    )
}

/** Compares versions like `2.14.5`. */
export const isAtLeast = (version: string, needed: string): boolean => {
  const [have, want] = [version, needed].map((text) => text.split(/[.-]/, 3).map(Number)) as [number[], number[]]
  for (const [index, part] of want.entries()) {
    const own = have[index] ?? NaN
    if (own !== part) return own > part
  }
  return true
}

/**
 * Checks the server behind the connection; of a cluster of servers, this one.
 * @throws Fault `SERVER_UNSUITABLE`; `SHARD_NOT_READY` when JetStream does not answer within 30 s
 */
export const checkServer = async (access: JetStreamAccess, waiting: Waiting, replicas: number): Promise<void> => {
  const { version = '', max_payload: maxPayload = 0, jetstream = false } = access.connection.info ?? {}
  checkFeatures({ version, maxPayload }, replicas)
  // Where nobody answers for JetStream it is off, or about to come up: the server's greeting tells which.
  try {
    await repeatedly(waiting, { patienceMs: jetstream ? PATIENCE_MS : 0, what: 'this account' }, () =>
      access.manager.getAccountInfo(),
    )
  } catch (error) {
    if (jetstream && !isOff(error)) throw error
    throw clusterFault(
      'SERVER_UNSUITABLE',
      'nats-server has no JetStream for this account setting=jetstream',
      { setting: 'jetstream' },
      { cause: error },
    )
  }
}

const isOff = (error: unknown): boolean => [NOT_ENABLED_FOR_ACCOUNT, NOT_ENABLED].includes(apiCode(error) ?? 0)
