/** Leases in a bucket whose keys expire: the shell of `lease-state.ts`, which has the rules. */
import type { CancelTimer, Clock, Logger, Random, Timers } from '@waggle/kernel'
import type { Bucket } from '../nats/jetstream-bucket.ts'
import { jittered } from '../nats/jetstream-retry.ts'
import { decodeLeaseHolder, encodeLeaseHolder, yieldsTo, type LeaseHolder } from './lease-holder.ts'
import { beginLease, stepLease, type LeaseEffect, type LeaseEvent, type LeaseState } from './lease-state.ts'

/** `taken`: by a holder with a higher rank; `expired`: it could not be renewed in time. */
export type LeaseLoss = 'taken' | 'expired'

export interface LeaseParts {
  /** The directory's `leases`. */
  readonly bucket: Bucket
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

export interface LeaseRequest {
  readonly key: string
  readonly holder: LeaseHolder
  /** Monotonic time up to which taking it is tried. */
  readonly tryUntilMs: number
  /** Called once, when the lease is no longer held although it was not released. */
  readonly onLost: (loss: LeaseLoss, heldBy: LeaseHolder | undefined) => void
}

export type LeaseTaking =
  | { readonly kind: 'held'; readonly lease: Lease }
  | { readonly kind: 'refused'; readonly heldBy: LeaseHolder }
  /** It may have been taken nevertheless; then it expires. */
  | { readonly kind: 'unanswered' }

/** A lease that is held: renewed every 5 s until it is released or lost. */
export interface Lease {
  /** Monotonic time up to which nobody can have got it by its expiry; `-Infinity` once it is lost or released. */
  deadlineMs(): number
  /** Stops renewing, and deletes the key so that others need not wait. Never fails: what is not deleted expires. */
  release(): Promise<void>
  /** Stops renewing, and leaves the key: whoever comes with a higher rank takes it, else it expires. */
  leave(): Promise<void>
}

/** Takes a lease: where nobody holds it, or from a holder who yields (`LeaseHolder`). */
export const takeLease = (parts: LeaseParts, request: LeaseRequest): Promise<LeaseTaking> =>
  new Promise((resolve, reject) => {
    new RenewedLease(parts, request, resolve).run().catch(reject)
  })

/** Who holds it now, as far as the bucket's leader knows. @throws what the client throws when nobody answers */
export const leaseHolder = async (bucket: Bucket, key: string): Promise<LeaseHolder | undefined> =>
  decodeLeaseHolder(await bucket.read(key))

class RenewedLease implements Lease {
  readonly #parts: LeaseParts
  readonly #request: LeaseRequest
  readonly #onTaken: (taking: LeaseTaking) => void
  #state: LeaseState
  #effect: LeaseEffect | undefined
  #heldBy: LeaseHolder | undefined
  #isReleased = false
  #ended: Promise<void> = Promise.resolve()
  #wake: () => void = () => undefined

  constructor(parts: LeaseParts, request: LeaseRequest, onTaken: (taking: LeaseTaking) => void) {
    this.#parts = parts
    this.#request = request
    this.#onTaken = onTaken
    const begin = beginLease(request.tryUntilMs, parts.clock.monotonicMs())
    this.#state = begin.state
    this.#effect = begin.effect
  }

  deadlineMs(): number {
    const state = this.#state
    return this.#isReleased || state.kind === 'taking' || state.kind === 'over' ? -Infinity : state.deadlineMs
  }

  run(): Promise<void> {
    this.#ended = this.#run()
    return this.#ended
  }

  async leave(): Promise<void> {
    this.#isReleased = true
    this.#wake()
    await this.#ended
  }

  async release(): Promise<void> {
    const isFirst = !this.#isReleased
    await this.leave()
    if (isFirst && this.#state.kind !== 'over') await this.#delete()
  }

  async #run(): Promise<void> {
    while (this.#effect !== undefined && !this.#isReleased) {
      const event = await this.#perform(this.#effect)
      const wasTaking = this.#state.kind === 'taking'
      const { state, effect } = stepLease(this.#state, event, this.#parts.clock.monotonicMs())
      this.#state = state
      this.#effect = effect
      if (wasTaking && state.kind === 'held') this.#onTaken({ kind: 'held', lease: this })
      if (state.kind === 'over') this.#report(state.end)
    }
  }

  #report(end: Extract<LeaseState, { kind: 'over' }>['end']): void {
    const { onLost, key } = this.#request
    switch (end) {
      case 'refused':
        this.#onTaken({ kind: 'refused', heldBy: this.#heldBy as LeaseHolder })
        break
      case 'unanswered':
        this.#onTaken({ kind: 'unanswered' })
        break
      case 'taken':
      case 'expired':
        if (this.#isReleased) break
        this.#parts.logger.warn('lease is lost', { key, loss: end, heldBy: this.#heldBy?.node })
        onLost(end, end === 'taken' ? this.#heldBy : undefined)
    }
  }

  #perform(effect: LeaseEffect): Promise<LeaseEvent> {
    switch (effect.kind) {
      case 'read':
        return this.#read()
      case 'write':
        return this.#write(effect.revision)
      case 'wait':
        return this.#wait(effect.delayMs)
    }
  }

  async #read(): Promise<LeaseEvent> {
    const { bucket } = this.#parts
    const { key, holder } = this.#request
    try {
      const entry = await bucket.read(key)
      this.#heldBy = decodeLeaseHolder(entry)
      const isOpen = this.#heldBy === undefined || yieldsTo(this.#heldBy, holder)
      return isOpen ? { kind: 'open', revision: entry?.revision ?? 0 } : { kind: 'closed' }
    } catch {
      return { kind: 'readFailed' }
    }
  }

  async #write(revision: number): Promise<LeaseEvent> {
    const { bucket, logger } = this.#parts
    const { key, holder } = this.#request
    const written = await bucket.write(key, encodeLeaseHolder(holder), revision)
    if (written.kind !== 'unknown') return written
    logger.debug('lease is not acknowledged', { key, reason: String(written.error) })
    return { kind: 'unanswered' }
  }

  /** Keeps no process alive. */
  #wait(delayMs: number): Promise<LeaseEvent> {
    const { timers, random } = this.#parts
    return new Promise((resolve) => {
      const cancel: CancelTimer = timers.after(jittered(random, delayMs), () => resolve({ kind: 'due' }), {
        background: true,
      })
      this.#wake = () => {
        cancel()
        resolve({ kind: 'due' })
      }
    })
  }

  /**
   * By the revision that is there, if it is ours: so nobody else's is deleted. A replicated bucket needs a server for
   * this that compares on every copy, which the directory checks.
   */
  async #delete(): Promise<void> {
    const { bucket } = this.#parts
    const { key, holder } = this.#request
    try {
      const entry = await bucket.read(key)
      const heldBy = decodeLeaseHolder(entry)
      if (entry !== undefined && heldBy?.id === holder.id && heldBy.rank === holder.rank)
        await bucket.delete(key, entry.revision)
    } catch (error) {
      this.#parts.logger.debug('lease is left to expire', { key, reason: String(error) })
    }
  }
}
