/** An agent: writes and reads one command after the other, and writes down what it asked and what it heard. */
import { Fault, pause, utf8 } from '@waggle/kernel'
import { decodeToken, type CollectiveId, type ExperienceId } from '@waggle/protocol'
import type { Consistency, History, KeyValueText, ReadCommand, WriteCommand } from './history.ts'
import type { Session } from './session.ts'

/** A collective that all agents work on. */
export interface Place {
  readonly collective: CollectiveId
  readonly shard: number
  /** An experience that agents update by its version. */
  readonly experience: ExperienceId
}

export interface AgentParts {
  readonly session: Session
  readonly history: History
  readonly places: readonly Place[]
  readonly commands: number
  /** Milliseconds between two commands, on average. */
  readonly restMs: number
  /** Never writes: so it is not kept waiting where nothing can be written, and may see what is old. */
  readonly readsOnly?: boolean
  readonly nowMs: () => number
}

const KEYS = 6

const textOf = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString()

export class Agent {
  isDone = false
  readonly #parts: AgentParts
  readonly #tokens = new Map<CollectiveId, string>()
  readonly #versions = new Map<CollectiveId, number>()
  #numbered = 0

  constructor(parts: AgentParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { session, commands, restMs } = this.#parts
    const { random, timers } = session.process
    for (let count = 0; count < commands; count += 1) {
      await this.command()
      await pause(timers, random.around(restMs))
    }
    this.isDone = true
  }

  async command(): Promise<void> {
    const { session, places, readsOnly = false } = this.#parts
    const { random } = session.process
    const place = random.pick(places)
    const chance = readsOnly ? 1 : random.fraction()
    if (chance < 0.38) await this.#put(place)
    else if (chance < 0.44) await this.#delete(place)
    else if (chance < 0.56) await this.#update(place)
    else await this.#read(place, this.#consistency(), random.pick(['get', 'get', 'range', 'version']))
  }

  /** At the end: one write and one strong read everywhere. */
  async probe(): Promise<void> {
    for (const place of this.#parts.places) {
      await this.#put(place)
      await this.#read(place, 'strong', 'range')
    }
  }

  #consistency(): Consistency {
    const chance = this.#parts.session.process.random.fraction()
    if (this.#parts.readsOnly === true && chance < 0.6) return 'strong'
    return chance < 0.4 ? 'token' : chance < 0.65 ? 'any' : 'strong'
  }

  async #put(place: Place): Promise<void> {
    const { random, name } = this.#parts.session.process
    const entries = Array.from({ length: 1 + random.below(2) }, (): KeyValueText => {
      this.#numbered += 1
      return { key: `k${random.below(KEYS)}`, value: `${name}/${this.#numbered}` }
    })
    const command = this.#newWrite('put', place, { entries })
    await this.#write(command, 'keys.put', { entries: entries.map(({ key, value }) => [utf8(key), utf8(value)]) })
  }

  async #delete(place: Place): Promise<void> {
    const keys = [`k${this.#parts.session.process.random.below(KEYS)}`]
    await this.#write(this.#newWrite('delete', place, { keys }), 'keys.delete', { keys: keys.map((key) => utf8(key)) })
  }

  async #update(place: Place): Promise<void> {
    const ifVersion = this.#versions.get(place.collective) ?? 1
    const command = this.#newWrite('update', place, { ifVersion })
    const patch = { importance: this.#parts.session.process.random.below(100) / 100 }
    await this.#write(command, 'experience.update', { id: place.experience, patch, ifVersion })
    const version = command.version ?? command.actual
    if (version !== undefined) this.#versions.set(place.collective, version)
  }

  #newWrite(
    kind: WriteCommand['kind'],
    { collective, shard }: Place,
    what: Partial<Pick<WriteCommand, 'entries' | 'keys' | 'ifVersion'>>,
  ): WriteCommand {
    const { session, history, nowMs } = this.#parts
    const command: WriteCommand = {
      ...{ kind, id: session.freshKey(), agent: session.process.name, collective, shard },
      ...{ entries: [], keys: [], invokedMs: nowMs(), attempts: 0, ...what },
    }
    history.writes.push(command)
    return command
  }

  async #write(command: WriteCommand, operation: string, fields: object): Promise<void> {
    const { session, nowMs } = this.#parts
    const token = this.#token(command.collective)
    const body = { collective: command.collective, idempotencyKey: command.id, ...fields, ...token }
    const { answer, attempts } = await session.ask(operation, body)
    command.attempts = attempts
    command.completedMs = nowMs()
    if (answer instanceof Fault) {
      command.fault = answer.code
      if (typeof answer.details.actual === 'number') command.actual = answer.details.actual
      return
    }
    command.sequence = this.#learn(command.collective, answer.token)
    if (typeof answer.version === 'number') command.version = answer.version
  }

  #token(collective: CollectiveId): { readonly token?: string } {
    const token = this.#tokens.get(collective)
    return token === undefined ? {} : { token }
  }

  /** Keeps the newest token. @returns the sequence of this one */
  #learn(collective: CollectiveId, token: unknown): number {
    const { sequence } = decodeToken(token as string)
    const known = this.#tokens.get(collective)
    if (known === undefined || decodeToken(known).sequence < sequence) this.#tokens.set(collective, token as string)
    return sequence
  }

  async #read(place: Place, consistency: Consistency, kind: ReadCommand['kind']): Promise<void> {
    const { session, history, nowMs } = this.#parts
    const { collective, shard, experience } = place
    const { token } = this.#token(collective)
    const key = `k${session.process.random.below(KEYS)}`
    const command: ReadCommand = {
      ...{ kind, consistency, agent: session.process.name, collective, shard, key, attempts: 0 },
      ...{ tokenSequence: token === undefined ? 0 : decodeToken(token).sequence, invokedMs: nowMs() },
    }
    history.reads.push(command)
    const options = { collective, consistency, ...(token === undefined ? {} : { token }) }
    const asked = {
      get: () => session.ask('keys.get', { ...options, key: utf8(key) }),
      range: () => session.ask('keys.range', options),
      version: () => session.ask('experience.get', { ...options, id: experience }),
    }
    const { answer, attempts } = await asked[kind]()
    command.attempts = attempts
    command.completedMs = nowMs()
    if (answer instanceof Fault) {
      command.fault = answer.code
      return
    }
    const sequence = this.#learn(collective, answer.token)
    command.sequence = kind === 'version' ? sequence : (answer.sequence as number)
    if (kind === 'get') command.found = answer.value === undefined ? [] : [{ key, value: textOf(answer.value) }]
    else if (kind === 'range')
      command.found = (answer.items as [unknown, unknown][]).map(([k, value]) => ({
        key: textOf(k),
        value: textOf(value),
      }))
    else {
      const found = answer.experience as { readonly version: number } | undefined
      if (found !== undefined) command.version = found.version
    }
  }
}
