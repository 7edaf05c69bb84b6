/**
 * The bus of a simulated cluster: subjects, queue groups, inboxes and requests over the network, as core NATS has them.
 */
import type { Bus, BusMessage, BusPublishing, BusSubscribing, BusSubscription } from '@waggle/cluster'
import { errors, type MsgHdrs } from '@nats-io/transport-node'
import type { Dice } from '../world/dice.ts'
import type { SimulatedProcess } from '../world/process.ts'
import { serverNames, type Attachment, type Network, type ServerName } from './network.ts'

const PAYLOAD_BYTES_MAX = 8 * 1024 ** 2 + 64 * 1024
const SERVER_VERSION = '2.14.5'

interface Subscription {
  readonly connection: SimulatedConnection
  readonly tokens: readonly string[]
  readonly options: BusSubscribing
  isOpen: boolean
}

const matches = (pattern: readonly string[], subject: readonly string[]): boolean => {
  for (const [index, token] of pattern.entries()) {
    if (token === '>') return subject.length > index
    if (index >= subject.length || (token !== '*' && token !== subject[index])) return false
  }
  return pattern.length === subject.length
}

/** Who listens to what: the servers agree on it. */
export class Interests {
  readonly network: Network
  readonly #dice: Dice
  readonly #subscriptions = new Set<Subscription>()
  readonly #homes = new WeakMap<SimulatedProcess, ServerName>()
  #found = new Map<string, readonly Subscription[]>()

  constructor(network: Network, dice: Dice) {
    this.network = network
    this.#dice = dice
  }

  connect(process: SimulatedProcess, inbox: string): SimulatedConnection {
    // All connections of a process begin at one server: so whoever is cut off is cut off as a whole.
    const server = this.#homes.get(process) ?? this.#dice.pick(serverNames)
    this.#homes.set(process, server)
    return new SimulatedConnection({ interests: this, process, inbox, server })
  }

  add(subscription: Subscription): void {
    this.#subscriptions.add(subscription)
    this.#found = new Map()
  }

  remove(subscription: Subscription): void {
    subscription.isOpen = false
    this.#subscriptions.delete(subscription)
    this.#found = new Map()
  }

  isHeard(subject: string): boolean {
    return this.#listening(subject).length > 0
  }

  /** From a connection, or from a server itself; of a queue group one gets it. */
  publish(from: readonly string[], server: ServerName, message: BusMessage): void {
    const groups = new Map<string, Subscription[]>()
    for (const subscription of this.#listening(message.subject)) {
      const { queue } = subscription.options
      if (queue === undefined) this.#deliver(from, server, subscription, message)
      else groups.set(queue, [...(groups.get(queue) ?? []), subscription])
    }
    for (const members of groups.values()) {
      // A server that is cut off from another knows nothing of who listens there.
      const reached = members.filter(({ connection }) =>
        this.network.isOpen([server, connection.attachment.server, server]),
      )
      this.#deliver(from, server, this.#dice.pick(reached.length > 0 ? reached : members), message)
    }
  }

  #listening(subject: string): readonly Subscription[] {
    const known = this.#found.get(subject)
    if (known !== undefined) return known
    const tokens = subject.split('.')
    const found = [...this.#subscriptions].filter((subscription) => matches(subscription.tokens, tokens))
    this.#found.set(subject, found)
    return found
  }

  #deliver(from: readonly string[], server: ServerName, subscription: Subscription, message: BusMessage): void {
    const { connection, options } = subscription
    const { life, process } = connection.attachment
    const path = [...from, server, connection.attachment.server, process.name]
    const isCurrent = (): boolean => connection.attachment.life === life
    this.network.send(path, { order: `${from[0] ?? server}>${process.name}`, mayLose: true, isCurrent }, () => {
      process.planFor('message', 0, 'message', () => {
        if (subscription.isOpen) options.callback(null, message)
      })
    })
  }
}

interface ConnectionParts {
  readonly interests: Interests
  readonly process: SimulatedProcess
  /** First tokens of the subjects where it is answered. */
  readonly inbox: string
  readonly server: ServerName
}

export class SimulatedConnection implements Bus {
  readonly info = { version: SERVER_VERSION, max_payload: PAYLOAD_BYTES_MAX, jetstream: true }
  readonly attachment: Attachment
  readonly #interests: Interests
  readonly #inbox: string
  readonly #subscriptions = new Set<Subscription>()
  readonly #listeners: (() => void)[] = []
  /** Ends what waits for a server that this connection has left. */
  readonly #flushes: (() => void)[] = []
  #requests = 0
  #isClosed = false

  constructor({ interests, process, inbox, server }: ConnectionParts) {
    this.#interests = interests
    this.#inbox = inbox
    this.attachment = {
      ...{ process, server, life: 1 },
      reconnected: () => {
        for (const fail of this.#flushes.splice(0)) fail()
        for (const tell of this.#listeners.splice(0)) tell()
      },
    }
    interests.network.attach(this.attachment)
    process.onDeath(() => this.close())
  }

  publish(subject: string, bytes: Uint8Array = new Uint8Array(), { reply, headers }: BusPublishing = {}): void {
    if (this.#isClosed) throw new Error('connection is closed')
    const { process, server } = this.attachment
    this.#interests.publish([process.name], server, messageOf(subject, bytes, { reply, headers }))
  }

  subscribe(subject: string, options: BusSubscribing): BusSubscription {
    const subscription: Subscription = { connection: this, tokens: subject.split('.'), options, isOpen: true }
    this.#subscriptions.add(subscription)
    this.#interests.add(subscription)
    return {
      unsubscribe: () => {
        this.#subscriptions.delete(subscription)
        this.#interests.remove(subscription)
      },
    }
  }

  request(
    subject: string,
    bytes?: Uint8Array,
    { timeout, headers }: { readonly timeout: number; readonly headers?: MsgHdrs } = { timeout: 1_000 },
  ): Promise<BusMessage> {
    const { process } = this.attachment
    this.#requests += 1
    const reply = `${this.#inbox}.${process.pid}.${this.#requests}`
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        subscription.unsubscribe()
        cancel()
        settle()
      }
      const subscription = this.subscribe(reply, { callback: (_, message) => end(() => resolve(message)) })
      const cancel = process.timers.after(timeout, () => end(() => reject(new errors.TimeoutError())))
      if (this.#interests.isHeard(subject))
        this.publish(subject, bytes, { reply, ...(headers === undefined ? {} : { headers }) })
      else
        process.planFor('message', 1, 'unheard', () => {
          if (this.#subscriptions.size > 0) end(() => reject(new errors.NoRespondersError(subject)))
        })
    })
  }

  flush(): Promise<void> {
    const { process, server } = this.attachment
    const { network } = this.#interests
    const path = [process.name, server, process.name]
    return new Promise((resolve, reject) => {
      this.#flushes.push(() => reject(new Error('connection was lost')))
      network.send(path, { order: `${process.name}>flush`, mayLose: false }, () =>
        process.planFor('message', 0, 'flushed', resolve),
      )
    })
  }

  isClosed(): boolean {
    return this.#isClosed
  }

  async *status(): AsyncIterable<{ readonly type: string }> {
    while (!this.#isClosed) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve))
      yield { type: 'reconnect' }
    }
  }

  close(): void {
    this.#isClosed = true
    for (const subscription of this.#subscriptions) this.#interests.remove(subscription)
    this.#subscriptions.clear()
  }
}

/** Bytes and texts are their receiver's own. */
const messageOf = (subject: string, bytes: Uint8Array, { reply, headers }: MessageParts): BusMessage => ({
  subject,
  data: bytes.slice(),
  ...(reply === undefined ? {} : { reply }),
  ...(headers === undefined ? {} : { headers }),
})

interface MessageParts {
  readonly reply: string | undefined
  readonly headers: MsgHdrs | undefined
}
