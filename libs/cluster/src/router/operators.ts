/**
 * What a router knows of nodes and compactors, and where the operators' commands go.
 *
 * Y1  A command goes to whoever can carry it out, if that was heard a moment ago; else its asker is told at once that
 *     nothing happened. Whoever carries it out answers the operator.
 * Y2  A shard or a node that is not there is refused here, not by silence (P10).
 */
import type { Clock } from '@waggle/kernel'
import {
  compactorBeatSubject,
  compactorCommandSubject,
  decodeClusterMessage,
  fault,
  invalidField,
  nodeBeatSubject,
  nodeCommandSubject,
  type CompactorBeat,
  type NodeBeat,
  type StateName,
} from '@waggle/protocol'
import type { AdmittedCommand } from './admission.ts'
import { ACTIVE_MS } from './limits.ts'
import { Roster } from './roster.ts'
import { noShards, type ShardRoutes } from './routing.ts'
import { systemAnswers } from './system-answers.ts'

export interface OperatorsParts {
  readonly node: string
  readonly pid: number
  readonly clock: Clock
  /** All shards, in order; empty before the first beat. */
  readonly shards: () => readonly ShardRoutes<unknown>[]
}

interface Heard {
  readonly subject: string
  readonly data: Uint8Array
}

export class Operators {
  readonly #parts: OperatorsParts
  readonly #nodes = new Roster<NodeBeat>()
  readonly #compactors = new Roster<CompactorBeat>()

  constructor(parts: OperatorsParts) {
    this.#parts = parts
  }

  /** False for what is no beat of the node whose subject it is. */
  nodeBeat({ subject, data }: Heard): boolean {
    const beat = decodeClusterMessage('node', data)
    if (beat === undefined || subject !== nodeBeatSubject(beat.node)) return false
    this.#nodes.hear(beat.node, beat, this.#nowMs)
    return true
  }

  /** The same of a compactor. */
  compactorBeat({ subject, data }: Heard): boolean {
    const beat = decodeClusterMessage('compactor', data)
    if (beat === undefined || subject !== compactorBeatSubject(beat.compactor)) return false
    this.#compactors.hear(beat.compactor, beat, this.#nowMs)
    return true
  }

  /** What was heard. @throws Fault `SHARD_NOT_READY` where that is nothing yet */
  answer(operation: StateName): Readonly<Record<string, unknown>> {
    const { node, pid, clock, shards } = this.#parts
    const nowMs = this.#nowMs
    return {
      ...systemAnswers[operation]({
        shards: shards().map(({ leader, followers }) => ({
          shard: leader.shard,
          isLed: leader.isLed,
          lastBeat: leader.lastBeat,
          followers: followers.seen(leader),
        })),
        nodes: this.#nodes.present(nowMs),
        compactors: this.#compactors.present(nowMs),
        answeredBy: { router: node, pid, timeMs: clock.nowMs() },
      }),
    }
  }

  /** Y1, Y2: the subject to pass it on to. @throws Fault `INVALID_FIELD`, `NOT_FOUND`, `SHARD_NOT_READY` */
  subjectOf({ operation, shard, node }: AdmittedCommand): string {
    if (node !== undefined) return this.#nodeSubject(node)
    const { length } = this.#parts.shards()
    if (length === 0) throw noShards()
    if (shard !== undefined && shard >= length)
      throw invalidField('shard', `integer 0..${length - 1}`, { min: 0, max: length - 1, value: shard })
    const active = this.#compactors.newest(({ active: isActive }) => isActive, this.#nowMs - ACTIVE_MS)
    if (active === undefined)
      throw fault('SHARD_NOT_READY', `no compactor is active, which has to do that operation=${operation}`, {
        operation,
      })
    return compactorCommandSubject(active.compactor)
  }

  #nodeSubject(node: string): string {
    if (this.#nodes.newest((beat) => beat.node === node, this.#nowMs - ACTIVE_MS) === undefined)
      throw fault('NOT_FOUND', `no such node is heard of node=${node}`, { field: 'node', node })
    return nodeCommandSubject(node)
  }

  get #nowMs(): number {
    return this.#parts.clock.monotonicMs()
  }
}
