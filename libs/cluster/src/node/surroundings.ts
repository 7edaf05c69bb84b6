/** What a node hears of the others, and where its replicas stand among them: the shell of membership and placement. */
import type { Clock } from '@waggle/kernel'
import type { NodeBeat, ReplicaBeat, ShardBeat } from '@waggle/protocol'
import { forgetSilent, hearNode, nobody, type Membership } from '../membership/membership.ts'
import { departed, hasOthers, staggerMs, successorNow, type Placing } from '../placement/placement.ts'
import { seeFollower, seeLeader, unseen, type ShardView } from '../placement/shard-view.ts'
import type { ReplicaPlace } from './replica-place.ts'

export interface SurroundingsParts {
  readonly node: string
  /** Replicas of each shard. */
  readonly copies: number
  readonly clock: Clock
}

export class Surroundings {
  readonly #parts: SurroundingsParts
  readonly #views = new Map<number, ShardView>()
  #membership: Membership

  constructor(parts: SurroundingsParts) {
    this.#parts = parts
    this.#membership = nobody(this.#nowMs)
  }

  /** Its own beats too. @returns whether the node was not known */
  heardNode(beat: NodeBeat): boolean {
    const isNew = !this.#membership.members.has(beat.node)
    this.#membership = hearNode(this.#membership, beat, this.#nowMs)
    return isNew
  }

  heardLeader(beat: ShardBeat): void {
    this.#views.set(beat.shard, seeLeader(this.#view(beat.shard), beat, this.#nowMs))
  }

  heardReplica(beat: ReplicaBeat): void {
    this.#views.set(beat.shard, seeFollower(this.#view(beat.shard), beat, this.#nowMs))
  }

  /** What is decided about a shard is decided from this. */
  placing(shard: number): Placing {
    const { node, copies } = this.#parts
    const nowMs = this.#nowMs
    this.#membership = forgetSilent(this.#membership, nowMs)
    return { shard, self: node, copies, membership: this.#membership, view: this.#view(shard), nowMs }
  }

  placeOf(shard: number, clockMeasured: (aheadMs: number) => void): ReplicaPlace {
    return {
      handicapMs: () => staggerMs(this.placing(shard)),
      successor: (appliedBefore) => successorNow(this.placing(shard), appliedBefore),
      drains: () => this.#membership.members.get(this.#parts.node)?.draining === true,
      hasOthers: () => hasOthers(this.placing(shard)),
      departed: (holds) => departed(this.placing(shard), holds),
      clockMeasured,
    }
  }

  get #nowMs(): number {
    return this.#parts.clock.monotonicMs()
  }

  #view(shard: number): ShardView {
    return this.#views.get(shard) ?? unseen
  }
}
