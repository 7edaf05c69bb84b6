/**
 * What the log must keep for the replicas of a shard (DESIGN K1): each syncs its state now and then, and says up to
 * where it is on the disk; the leader logs what it hears.
 *
 * K1  A hold is what was synced, and never what was only written.
 * Q1  Logging a hold is a record too: where nothing else is appended, holds stand still.
 * Q2  Only what was said lately is logged: whoever has left must not come back by what is remembered of it.
 */
import { isFault, type Clock, type Logger } from '@waggle/kernel'
import { SYSTEM_TENANT, type ReplicaBeat, type Sequence } from '@waggle/protocol'
import { LogLimit } from '../log-limit.ts'
import type { Replica } from './replica.ts'

export interface HoldKeeperParts {
  readonly replica: Replica
  /** Under which this replica's hold is registered. */
  readonly node: string
  readonly clock: Clock
  readonly logger: Logger
  /** The store refused to sync. */
  readonly onFailed: (error: unknown) => void
}

const SYNC_PERIOD_MS = 10_000
const LOG_PERIOD_MS = 1_000
/** Replicas that are remembered (P11): more than can be registered. */
const HEARD_MAX = 256
/** Q2: of silence. */
const SILENT_MS = 2_000

interface HeardHold {
  readonly hold: number
  readonly heardAtMs: number
}

export class HoldKeeper {
  readonly #parts: HoldKeeperParts
  readonly #refusals: LogLimit
  readonly #heard = new Map<string, HeardHold>()
  #synced: Sequence | undefined
  #syncedAtMs = -Infinity
  #loggedAtMs = -Infinity
  #syncing: Promise<void> | undefined
  #isLogging = false

  constructor(parts: HoldKeeperParts) {
    this.#parts = parts
    this.#refusals = new LogLimit(parts.clock)
  }

  /** The end of the state as it is on the disk; 0 before it was synced. */
  get hold(): Sequence {
    return this.#synced ?? (0 as Sequence)
  }

  /** What another replica of the shard says. */
  heard({ node, hold }: ReplicaBeat): void {
    if (this.#heard.size < HEARD_MAX || this.#heard.has(node))
      this.#heard.set(node, { hold, heardAtMs: this.#parts.clock.monotonicMs() })
  }

  /** When each other replica was heard last, monotonic. */
  get heardAtMs(): ReadonlyMap<string, number> {
    return new Map([...this.#heard].map(([node, { heardAtMs }]) => [node, heardAtMs]))
  }

  /** To be called several times a second. */
  tick({ leads }: { readonly leads: boolean }): void {
    const nowMs = this.#parts.clock.monotonicMs()
    if (this.#syncing === undefined && nowMs - this.#syncedAtMs >= SYNC_PERIOD_MS) {
      this.#syncedAtMs = nowMs
      this.#syncing = this.#sync()
    }
    if (!leads || this.#isLogging || this.#synced === undefined || nowMs - this.#loggedAtMs < LOG_PERIOD_MS) return
    void this.#log(nowMs)
  }

  /** Resolves when it uses the store no more. */
  async close(): Promise<void> {
    await this.#syncing
  }

  async #sync(): Promise<void> {
    try {
      this.#synced = await this.#parts.replica.sync()
    } catch (error) {
      this.#parts.onFailed(error)
    }
    this.#syncing = undefined
  }

  /** All that moved share a record. */
  async #log(nowMs: number): Promise<void> {
    const { replica, node } = this.#parts
    this.#isLogging = true
    this.#loggedAtMs = nowMs
    const registered = replica.engine.holds()
    // Q1: each replica's last hold may have been a record.
    const ownRecords = Object.keys(registered).length
    const present = [...this.#heard].filter(([, { heardAtMs }]) => nowMs - heardAtMs < SILENT_MS)
    const told = [...present, [node, { hold: this.hold }] as const]
    const moved = told.filter(([name, { hold }]) => {
      const before = registered[name]
      return before === undefined || hold > before + ownRecords
    })
    await Promise.all(moved.map(([name, { hold }]) => this.#submit(name, hold)))
    this.#isLogging = false
  }

  async #submit(replica: string, sequence: number): Promise<void> {
    const { engine, shardLog } = this.#parts.replica
    try {
      await engine.submit({ name: 'maintenance.hold', tenant: SYSTEM_TENANT, fields: { replica, sequence } })
    } catch (error) {
      if (isFault(error) && error.code === 'NOT_LEADING') return
      const skipped = this.#refusals.take()
      if (skipped === undefined) return
      const { shard } = shardLog
      this.#parts.logger.warn('hold did not move', { shard, replica, sequence, reason: String(error), skipped })
    }
  }
}
