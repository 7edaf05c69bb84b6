/**
 * Watchers that wait for a change of a collective. They hold nothing of the state while they wait.
 *
 * W1  Whoever follows a scope before it reads misses no change: one that is applied meanwhile is remembered.
 * W2  They are bounded in number, and of several tenants none takes more than half of the room: who comes too late is
 *     `BUSY` (P11).
 * W3  The end of the term, or of the store, ends them at once, also those that are just reading.
 * W4  So many are woken in one turn of the event loop: whoever made the change is answered first, and others' requests
 *     are served in between (P11).
 */
import type { CancelTimer, Fault, Timers } from '@waggle/kernel'
import { fault, journalNames, type JournalName, type TenantId } from '@waggle/protocol'
import type { Effect } from '../event/effect.ts'
import type { Scope } from '../state/keyspace.ts'

/** W2: some 2 KB each, with the request that waits. */
export const WATCHERS_MAX = 2_048
export const WATCHERS_OF_TENANT_MAX = WATCHERS_MAX / 2
/** W4: some milliseconds of reading. */
const WOKEN_IN_TURN_MAX = 32
/** For a watcher that was refused: room comes as others' time passes. */
const RETRY_AFTER_MS = 1_000

/** One watcher. */
export interface ChangeFollower {
  /**
   * Resolves with `true` when there was a change since the call before, or since it follows; with `false` when
   * `waitMs` milliseconds have passed since the first call, whatever has changed.
   * @throws Fault `BUSY`, or why all are ended
   */
  changed(waitMs: number): Promise<boolean>
  /** It follows no longer; to be called always. */
  end(): void
}

export class ChangeWaiters {
  readonly #timers: Timers
  readonly #followers = new Map<string, Set<Follower>>()
  readonly #room = new WaitingRoom()
  /** W4: to be woken, in the order of their changes. */
  readonly #woken = new Set<Follower>()
  #isWaking = false

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Watchers that wait at this moment. */
  get waiting(): number {
    return this.#room.waiting
  }

  /** W1. */
  follow(scope: Scope, journal: JournalName = 'memory'): ChangeFollower {
    const key = keyOf(scope, journal)
    const others = this.#followers.get(key) ?? new Set()
    this.#followers.set(key, others)
    const follower = new Follower(this.#timers, this.#room, scope.tenant, () => {
      others.delete(follower)
      this.#woken.delete(follower)
      if (others.size === 0) this.#followers.delete(key)
    })
    others.add(follower)
    return follower
  }

  /** Wakes those whose collective has changed. */
  applied(effects: readonly Effect[]): void {
    if (this.#followers.size === 0) return
    const keys = new Set(effects.flatMap(changedJournals))
    for (const key of keys)
      for (const follower of this.#followers.get(key) ?? []) {
        follower.changes()
        this.#woken.add(follower)
      }
    if (!this.#isWaking) void this.#wake()
  }

  /** W4. */
  async #wake(): Promise<void> {
    this.#isWaking = true
    while (this.#woken.size > 0) {
      await this.#timers.yield()
      for (const follower of [...this.#woken].slice(0, WOKEN_IN_TURN_MAX)) {
        this.#woken.delete(follower)
        follower.wake()
      }
    }
    this.#isWaking = false
  }

  /** W3. */
  end(reason: Fault): void {
    for (const followers of this.#followers.values()) for (const follower of followers) follower.refuse(reason)
  }
}

/** The end of a collective is one of all its journals. */
const changedJournals = (effect: Effect): readonly string[] => {
  if (effect.kind === 'drop') return journalNames.map((journal) => keyOf(effect.scope, journal))
  return effect.kind === 'journal' ? [keyOf(effect.scope, effect.journal)] : []
}

const keyOf = ({ tenant, incarnation: { sequence, index } }: Scope, journal: JournalName): string =>
  `${journal} ${tenant} ${sequence}:${index}`

/** W2. */
class WaitingRoom {
  readonly #ofTenants = new Map<TenantId, number>()
  #waiting = 0

  get waiting(): number {
    return this.#waiting
  }

  /** @throws Fault `BUSY` */
  enter(tenant: TenantId): void {
    const ofTenant = this.#ofTenants.get(tenant) ?? 0
    const isFull = this.#waiting >= WATCHERS_MAX
    if (isFull || ofTenant >= WATCHERS_OF_TENANT_MAX) {
      const [waiting, limit] = isFull ? [this.#waiting, WATCHERS_MAX] : [ofTenant, WATCHERS_OF_TENANT_MAX]
      throw fault(
        'BUSY',
        `too many watchers wait for changes waiting=${waiting} limit=${limit}`,
        { waiting, limit },
        { retryAfterMs: RETRY_AFTER_MS },
      )
    }
    this.#waiting += 1
    this.#ofTenants.set(tenant, ofTenant + 1)
  }

  leave(tenant: TenantId): void {
    this.#waiting -= 1
    const ofTenant = (this.#ofTenants.get(tenant) ?? 0) - 1
    if (ofTenant > 0) this.#ofTenants.set(tenant, ofTenant)
    else this.#ofTenants.delete(tenant)
  }
}

class Follower implements ChangeFollower {
  readonly #timers: Timers
  readonly #room: WaitingRoom
  readonly #tenant: TenantId
  readonly #onEnd: () => void
  #hasChanged = false
  #isOver = false
  #refusal: Fault | undefined
  #cancelTimer: CancelTimer | undefined
  /** Present while it waits. */
  #settle: (() => void) | undefined

  constructor(timers: Timers, room: WaitingRoom, tenant: TenantId, onEnd: () => void) {
    this.#timers = timers
    this.#room = room
    this.#tenant = tenant
    this.#onEnd = onEnd
  }

  async changed(waitMs: number): Promise<boolean> {
    // Also where it need not wait yet: where changes come faster than they are read, that may never be.
    this.#cancelTimer ??= this.#timers.after(waitMs, () => {
      this.#isOver = true
      this.#settle?.()
    })
    if (this.#isSettled) return this.#outcome()
    this.#room.enter(this.#tenant)
    try {
      await new Promise<void>((resolve) => (this.#settle = resolve))
    } finally {
      this.#settle = undefined
      this.#room.leave(this.#tenant)
    }
    return this.#outcome()
  }

  end(): void {
    this.#cancelTimer?.()
    this.#onEnd()
  }

  /** There was a change: whoever asks from now on is told at once, whoever waits when he is woken. */
  changes(): void {
    this.#hasChanged = true
  }

  /** Whoever was told of the change meanwhile waits for the next one. */
  wake(): void {
    if (this.#isSettled) this.#settle?.()
  }

  refuse(reason: Fault): void {
    this.#refusal ??= reason
    this.#settle?.()
  }

  get #isSettled(): boolean {
    return this.#hasChanged || this.#isOver || this.#refusal !== undefined
  }

  #outcome(): boolean {
    if (this.#refusal !== undefined) throw this.#refusal
    const hasChanged = this.#hasChanged
    this.#hasChanged = false
    return hasChanged && !this.#isOver
  }
}
