/** A leader that does what a test says: it takes requests of its epoch, beats, and answers or does not. */
import { isFault, systemTimers, type Fault } from '@waggle/kernel'
import {
  beatSubject,
  commandSubject,
  decodeBody,
  decodeForwarded,
  encodeClusterMessage,
  encodeFault,
  encodeReply,
  FORWARDED_HEADER,
  type Forwarded,
  type ShardBeat,
} from '@waggle/protocol'
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node'
import { headersOf } from '../nats/headers.ts'
import { sampleBeat } from './sample-beat.ts'

export interface ReceivedRequest extends Forwarded {
  readonly reply: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** The result, the refusal, or nothing at all. */
export type LeaderAnswer = (request: ReceivedRequest) => object | Fault | undefined

export interface LeaderScript {
  readonly connection: NatsConnection
  readonly shard?: number
  readonly shards?: number
  readonly epoch: number
  readonly answer?: LeaderAnswer
  /** False for one that beats and hears nothing. */
  readonly isListening?: boolean
}

const BEAT_MS = 100

export class ScriptedLeader {
  readonly received: ReceivedRequest[] = []
  readonly #script: LeaderScript
  readonly #answered = new Map<string, Set<number>>()
  readonly #lowest = new Map<string, number>()
  #subscription: Subscription | undefined
  #isBeating = true

  constructor(script: LeaderScript) {
    this.#script = script
    if (script.isListening !== false) this.listen()
    this.#keepBeating()
  }

  listen(): void {
    const { connection, shard = 0, epoch } = this.#script
    this.#subscription = connection.subscribe(commandSubject(shard, epoch), {
      callback: (_, message) => this.#take(message),
    })
  }

  /** Says that it lets go, and is gone. */
  release(): void {
    this.die()
    this.#beat(false)
  }

  /** Is gone without a word. */
  die(): void {
    this.#isBeating = false
    this.#subscription?.unsubscribe()
  }

  #take(message: Msg): void {
    const forwarded = decodeForwarded(message.headers?.get(FORWARDED_HEADER) ?? '')
    if (forwarded === undefined) throw new Error('a request without its header')
    const { encoding, value } = decodeBody(message.data)
    const request = { ...forwarded, reply: message.reply ?? '', fields: value as ReceivedRequest['fields'] }
    this.received.push(request)
    this.#lowest.set(forwarded.router, forwarded.lowest)
    const answer = this.#script.answer?.(request)
    if (answer === undefined) return
    const { bytes, headers = [] } = isFault(answer)
      ? encodeFault(answer, encoding)
      : encodeReply(answer as Record<string, unknown>, encoding, 8_000_000)
    this.#script.connection.publish(request.reply, bytes, { headers: headersOf(headers) })
    const answered = this.#answered.get(forwarded.router) ?? new Set()
    this.#answered.set(forwarded.router, answered.add(forwarded.number))
  }

  #keepBeating(): void {
    if (!this.#isBeating || this.#script.connection.isClosed()) return
    this.#beat(true)
    systemTimers.after(BEAT_MS, () => this.#keepBeating(), { background: true })
  }

  #beat(leading: boolean): void {
    const { connection, shard = 0, shards = 1, epoch } = this.#script
    const answered: Record<string, number> = {}
    for (const [router, lowest] of this.#lowest) {
      let below = lowest
      while (this.#answered.get(router)?.has(below) === true) below += 1
      answered[router] = below
    }
    const beat: ShardBeat = sampleBeat({ ...{ epoch, shard, shards, leading, answered }, node: `shard-${shard}` })
    connection.publish(beatSubject(shard), encodeClusterMessage(beat))
  }
}
