/**
 * The replicas of one node: opens those that belong here, and lets those leave that belong elsewhere. The shell of
 * `placement/hosting.ts`, which has the rules; where a replica belongs is `placement/placement.ts`'.
 *
 * S1  Nothing is opened before the other nodes had time to say that they are there. Then what was found on the disk is,
 *     whoever its hosts are: it may be what the others wait for.
 * S2  A replica that has halted stays: whoever looks after it needs its folder.
 * S3  A replica whose shard has another log is closed and opened anew, in one go: nobody takes its folder in between.
 */
import type { Clock, Logger } from '@waggle/kernel'
import type { ShardBeat } from '@waggle/protocol'
import type { NodeDisk } from '../disk/node-disk.ts'
import { stepHosting, type HostingEffect, type HostingEvent, type HostingState } from '../placement/hosting.ts'
import { isHost, mayLeave, type Placing } from '../placement/placement.ts'
import type { ShardActor } from '../shard/shard-actor.ts'

export interface HostedShardsParts {
  readonly node: string
  readonly shards: number
  readonly disk: NodeDisk
  readonly placing: (shard: number) => Placing
  readonly makeActor: (shard: number) => ShardActor
  readonly clock: Clock
  readonly logger: Logger
}

/** S1. They answer the first beat of a node at once. */
const WELCOME_MS = 200

interface Slot {
  state: HostingState
  /** While there is a replica. */
  actor?: ShardActor
}

export class HostedShards {
  readonly #parts: HostedShardsParts
  readonly #slots: readonly Slot[]
  readonly #startedMs: number
  /** S1: shards of which there is a state on the disk, while they are not opened. */
  #found: readonly number[] | undefined
  #ending = false
  /** S3. */
  readonly #renewing = new Set<number>()

  constructor(parts: HostedShardsParts, found: readonly number[]) {
    this.#parts = parts
    this.#found = found
    this.#startedMs = parts.clock.monotonicMs()
    this.#slots = Array.from({ length: parts.shards }, () => ({ state: 'absent' }))
  }

  actor(shard: number): ShardActor | undefined {
    return this.#slots[shard]?.actor
  }

  get actors(): readonly ShardActor[] {
    return this.#slots.flatMap(({ actor }) => actor ?? [])
  }

  /** Shards of which there is a replica here that its leader should know. */
  get hosts(): readonly number[] {
    if (this.#found !== undefined) return this.#found
    return this.#slots.flatMap(({ state }, shard) => (state === 'hosted' || state === 'leaving' ? [shard] : []))
  }

  /** S1: whether it has begun to open what belongs here. */
  get hasBegun(): boolean {
    return this.#found === undefined
  }

  /** Those that `told` tells something of, with what it tells. */
  each<Told>(told: (actor: ShardActor, shard: number) => Told | undefined): readonly Told[] {
    return this.#slots.flatMap(({ actor }, shard) => (actor === undefined ? [] : (told(actor, shard) ?? [])))
  }

  /** Called several times a second. @param isDeaf nothing reaches this node */
  tick(isDeaf = false): void {
    const isWelcome = this.#parts.clock.monotonicMs() - this.#startedMs >= WELCOME_MS
    if (isWelcome && !this.#ending) this.#place()
    for (const actor of this.actors) this.#tickOne(actor, isDeaf)
  }

  /** A beat of a leader, which may have struck this node's hold off. */
  heardLeader({ shard, leading, holds }: ShardBeat): void {
    if (leading && holds[this.#parts.node] === undefined) this.#happened(shard, 'struckOff')
  }

  /** S3. */
  renew(shard: number): void {
    const { logger } = this.#parts
    if (this.#ending || this.#renewing.has(shard) || this.#slots[shard]?.state !== 'hosted') return
    logger.warn('the shard has another log now: its replica is opened anew', { shard })
    this.#renewing.add(shard)
    this.#happened(shard, 'unneeded')
  }

  /** Closes everything; what is on the disk stays. */
  async drain(): Promise<void> {
    this.#ending = true
    await Promise.all(this.actors.map((actor) => actor.drain()))
  }

  #place(): void {
    // S1.
    for (const shard of this.#found ?? []) this.#happened(shard, 'wanted')
    this.#found = undefined
    for (const shard of this.#slots.keys()) this.#happened(shard, this.#standing(shard))
  }

  #standing(shard: number): HostingEvent {
    const placing = this.#parts.placing(shard)
    if (isHost(placing)) return 'wanted'
    const actor = this.actor(shard)
    // S2.
    const isBound = actor !== undefined && (actor.leads !== undefined || actor.halted !== undefined)
    return !isBound && mayLeave(placing) ? 'unneeded' : 'spared'
  }

  /** What goes wrong with one replica stops none of the others. */
  #tickOne(actor: ShardActor, isDeaf: boolean): void {
    try {
      actor.tick(isDeaf)
    } catch (error) {
      this.#parts.logger.error('a replica could not be looked after', { reason: String(error) })
    }
  }

  #happened(shard: number, event: HostingEvent): void {
    const slot = this.#slots[shard]
    if (slot === undefined) return
    const { state, effect } = stepHosting(slot.state, event)
    if (state !== slot.state) this.#parts.logger.debug('hosting', { shard, from: slot.state, to: state })
    slot.state = state
    if (effect !== undefined) this.#perform(shard, slot, effect)
  }

  #perform(shard: number, slot: Slot, effect: HostingEffect): void {
    const { makeActor, logger } = this.#parts
    switch (effect) {
      case 'open':
        slot.actor = makeActor(shard)
        return
      case 'close':
        logger.info('replica leaves this node', { shard })
        void this.#close(shard, slot)
        return
      case 'remove':
        void this.#remove(shard)
    }
  }

  async #close(shard: number, slot: Slot): Promise<void> {
    const isRenewed = this.#renewing.has(shard)
    // There is nobody to hand a log over to that is no more.
    await slot.actor?.drain(isRenewed ? { patienceMs: 0 } : {})
    delete slot.actor
    this.#renewing.delete(shard)
    this.#happened(shard, 'closed')
    if (isRenewed && !this.#ending) this.#happened(shard, 'wanted')
  }

  async #remove(shard: number): Promise<void> {
    const { disk, logger } = this.#parts
    try {
      await disk.remove(shard)
      logger.info('folder of a replica that left is removed', { shard })
      this.#happened(shard, 'removed')
    } catch (error) {
      logger.warn('folder of a replica that left is not removed', { shard, reason: String(error) })
      this.#happened(shard, 'failed')
    }
  }
}
