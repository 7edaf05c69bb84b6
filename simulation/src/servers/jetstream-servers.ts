/** All streams of the simulated servers, and what a request to one of them meets on its way. */
import { JetStreamApiError, type StreamConfig } from '@nats-io/jetstream'
import { errors, headers } from '@nats-io/transport-node'
import type { Dice } from '../world/dice.ts'
import type { SimulatedProcess } from '../world/process.ts'
import type { World } from '../world/world.ts'
import type { Interests } from '../network/bus.ts'
import { serverNames, type Attachment, type Network, type ServerName } from '../network/network.ts'
import { Stream, WRONG_SEQUENCE, type Expectation, type StoredMessage } from './stream.ts'
import { StreamGroup } from './stream-group.ts'

export interface ServerRates {
  readonly lostAckRate: number
  readonly latePublishRate: number
  readonly lateMsMax: number
  readonly spuriousRefusalRate: number
}

export const goodServers: ServerRates = { lostAckRate: 0, latePublishRate: 0, lateMsMax: 0, spuriousRefusalRate: 0 }

export interface PublishRequest {
  readonly subject: string
  readonly data: Uint8Array
  readonly expected: Expectation
}

export interface Acknowledgement {
  readonly stream: string
  readonly seq: number
  readonly duplicate: boolean
}

/** What a purge was, for whoever checks it before it happens. */
export type PurgeObserver = (stream: Stream, below: number) => unknown

export const apiError = (code: number, description: string, status = 400): JetStreamApiError =>
  new JetStreamApiError({ code: status, err_code: code, description })

const NO_LEADER = 10_008
const STREAM_NOT_FOUND = 10_059
/** Of a proposal to a leader that is about to lose its office. */
const FORGOTTEN_MS = 3_000

export class JetStreamServers {
  rates: ServerRates
  onPurge: PurgeObserver = () => undefined
  readonly world: World
  readonly network: Network
  readonly #dice: Dice
  readonly #interests: Interests
  readonly #groups = new Map<string, StreamGroup>()

  constructor(parts: { world: World; dice: Dice; interests: Interests; rates: ServerRates }) {
    this.world = parts.world
    this.#dice = parts.dice
    this.#interests = parts.interests
    this.network = parts.interests.network
    this.rates = parts.rates
  }

  get groups(): readonly StreamGroup[] {
    return [...this.#groups.values()]
  }

  /** Logs of shards, by subject. */
  get logs(): readonly StreamGroup[] {
    return this.groups.filter(({ stream }) => stream.config.subjects?.[0]?.startsWith('wal.') === true)
  }

  group(name: string): StreamGroup | undefined {
    return this.#groups.get(name)
  }

  /** @throws JetStreamApiError */
  known(name: string): StreamGroup {
    const group = this.#groups.get(name)
    if (group === undefined) throw apiError(STREAM_NOT_FOUND, 'stream not found', 404)
    return group
  }

  add(config: Partial<StreamConfig> & { readonly name: string }): StreamGroup {
    const known = this.#groups.get(config.name)
    if (known !== undefined) return known
    const created = new Date(1_800_000_000_000 + Math.floor(this.world.nowMs)).toISOString()
    const parts = { world: this.world, dice: this.#dice.fork(), network: this.network }
    const group = new StreamGroup(new Stream(config, created), this.#dice.pick(serverNames), parts)
    this.#groups.set(config.name, group)
    return group
  }

  groupOfSubject(subject: string): StreamGroup | undefined {
    const matches = (pattern: string): boolean =>
      pattern === subject || (pattern.endsWith('>') && subject.startsWith(pattern.slice(0, -1)))
    return this.groups.find(({ stream }) => (stream.config.subjects ?? []).some(matches))
  }

  /**
   * One request of a process to the servers: it goes there, is handled, and its answer comes back, or none of it.
   * @param handle gives the answer, or `undefined` for none at all
   */
  ask<Answer>(
    attachment: Attachment,
    { label, timeoutMs, toLeaderOf }: { label: string; timeoutMs: number; toLeaderOf?: StreamGroup | undefined },
    handle: () => { readonly answer: Answer } | undefined,
  ): Promise<Answer> {
    const { process, server, life } = attachment
    const path = [process.name, server, ...(toLeaderOf === undefined ? [] : [toLeaderOf.leader])]
    return new Promise((resolve, reject) => {
      const cancel = process.timers.after(timeoutMs, () => reject(new errors.TimeoutError()))
      const settle = (act: () => void): void => {
        this.#send([...path].reverse(), { attachment, life, label }, () => {
          process.planFor('message', 0, label, () => {
            cancel()
            act()
          })
        })
      }
      this.#send(path, { attachment, life, label }, () => {
        try {
          const handled = handle()
          if (handled !== undefined) settle(() => resolve(handled.answer))
        } catch (refusal) {
          const error = refusal instanceof Error ? refusal : new Error(String(refusal))
          settle(() => reject(error))
        }
      })
    })
  }

  /** What the process' own server says when a request comes to it: nobody there, which the client knows at once. */
  nobody(): Error {
    const error = new Error('jetstream is not enabled')
    error.name = 'JetStreamNotEnabled'
    return error
  }

  publish(attachment: Attachment, request: PublishRequest, timeoutMs: number): Promise<Acknowledgement> {
    const group = this.groupOfSubject(request.subject)
    if (group === undefined) return Promise.reject(this.nobody())
    const isLate = this.#dice.chance(this.rates.latePublishRate)
    if (isLate) {
      this.network.hit('latePublish')
      const lateMs = this.#dice.between(200, this.rates.lateMsMax)
      this.world.plan(lateMs, 'latePublish', () => this.#tryCommit(group, request))
      return this.#never(attachment.process, timeoutMs)
    }
    return this.ask(attachment, { label: 'publish', timeoutMs, toLeaderOf: group }, () => {
      const acknowledgement = this.#take(group, request)
      if (acknowledgement === undefined) return undefined
      if (this.#dice.chance(this.rates.lostAckRate)) {
        this.network.hit('lostAcknowledgement')
        return undefined
      }
      return { answer: acknowledgement }
    })
  }

  /** For a request that nobody will ever answer. */
  #never(process: SimulatedProcess, timeoutMs: number): Promise<never> {
    return new Promise((_, reject) => {
      process.timers.after(timeoutMs, () => reject(new errors.TimeoutError()))
    })
  }

  #send(
    path: readonly string[],
    { attachment, life, label }: { attachment: Attachment; life: number; label: string },
    arrive: () => void,
  ): void {
    const order = `${path[0] ?? ''}>${path.at(-1) ?? ''}`
    this.network.send(
      path,
      { order: `${order}.${label}`, mayLose: false, isCurrent: () => attachment.life === life },
      arrive,
    )
  }

  /** @throws JetStreamApiError; `undefined`: no answer ever comes */
  #take(group: StreamGroup, request: PublishRequest): Acknowledgement | undefined {
    if (group.isElecting) {
      this.#takeWithoutLeader(group, request)
      return
    }
    if (this.#dice.chance(this.rates.spuriousRefusalRate)) {
      this.network.hit('spuriousRefusal')
      throw apiError(WRONG_SEQUENCE, 'wrong last sequence')
    }
    return this.#commit(group, request)
  }

  #takeWithoutLeader(group: StreamGroup, request: PublishRequest): undefined {
    const chance = this.#dice.fraction()
    if (chance < 0.25) throw apiError(NO_LEADER, 'JetStream system temporarily unavailable', 503)
    if (chance < 0.4) throw this.nobody()
    if (chance < 0.55) {
      this.#tryCommit(group, request)
      return undefined
    }
    this.network.hit('lostProposal')
    const { id } = request.expected
    if (chance < 0.65 || id === undefined) return undefined
    this.network.hit('phantomDuplicate')
    group.stream.remember(id, group.stream.last + 1, this.world.nowMs)
    this.world.plan(FORGOTTEN_MS, 'forget', () => {
      const isThere = group.stream.archive.some((message) => message.id === id)
      if (!isThere) group.stream.forget(id)
    })
    return undefined
  }

  #tryCommit(group: StreamGroup, request: PublishRequest): void {
    try {
      this.#commit(group, request)
    } catch {
      // Refused, and nobody hears of it.
    }
  }

  /** @throws JetStreamApiError */
  #commit(group: StreamGroup, { subject, data, expected }: PublishRequest): Acknowledgement {
    const { stream } = group
    const taking = stream.take(subject, data, expected, this.world.nowMs)
    if (taking.kind === 'refused') throw apiError(taking.code, 'refused')
    if (taking.kind === 'stored') this.#republish(group, stream.at(taking.sequence))
    return { stream: stream.config.name, seq: taking.sequence, duplicate: taking.kind === 'duplicate' }
  }

  #republish(group: StreamGroup, message: StoredMessage | undefined): void {
    const { republish, name } = group.stream.config
    if (republish === undefined || message === undefined) return
    const made = headers()
    made.set('Nats-Stream', name)
    made.set('Nats-Subject', message.subject)
    made.set('Nats-Sequence', String(message.sequence))
    made.set('Nats-Last-Sequence', String(message.sequence - 1))
    if (message.id !== undefined) made.set('Nats-Msg-Id', message.id)
    const server: ServerName = group.leader
    this.#interests.publish([], server, { subject: republish.dest, data: message.data, headers: made })
  }
}
