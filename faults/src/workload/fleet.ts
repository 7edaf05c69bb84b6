/** All agents of a run: on each collective writers, readers and two watchers, over a few connections. */
import { connectCaller } from '@waggle/client'
import { pause, systemClock, systemTimers } from '@waggle/kernel'
import type { Caller } from '@waggle/sdk'
import type { Chance } from '../chance.ts'
import type { Form } from '../form.ts'
import type { Recorder } from '../history/recorder.ts'
import { Board } from './board.ts'
import { DIMENSION } from './embedding.ts'
import { Lane } from './lane.ts'
import { readEverything, readOnAndOn } from './reader.ts'
import { readLog, watchKeys, watchMemory, type WatcherParts, type Watching } from './watcher.ts'
import { Writer } from './writer.ts'

export interface FleetParts {
  readonly url: string
  readonly form: Form
  readonly recorder: Recorder
  readonly chance: Chance
}

const CONNECTIONS = 3
/** How long lanes may take to be answered when nothing is broken any more. */
const ENDING_MS_MAX = 90_000
const POLL_MS = 50
const CREATE_MS_MAX = 60_000

interface Watched {
  readonly collective: string
  readonly memory: Watching
  readonly keys: Watching
}

export class Fleet {
  readonly #parts: FleetParts
  readonly #callers: readonly Caller[]
  readonly #collectives: readonly string[]
  /** One for each watcher. */
  readonly #ends: AbortController[] = []
  readonly #watched: Watched[] = []
  #working: readonly Promise<void>[] = []
  /** Lanes begin nothing more. */
  #isStopping = false
  /** Lanes give up what is not answered. */
  #isOver = false

  private constructor(parts: FleetParts, callers: readonly Caller[], collectives: readonly string[]) {
    this.#parts = parts
    this.#callers = callers
    this.#collectives = collectives
  }

  static async open(parts: FleetParts): Promise<Fleet> {
    const connecting = Array.from({ length: CONNECTIONS }, () => connectCaller({ servers: parts.url }))
    const callers = await Promise.all(connecting)
    const collectives: string[] = []
    for (let count = 1; count <= parts.form.collectives; count += 1) {
      const body = { name: `faults ${count}`, dimension: DIMENSION, idempotencyKey: `collective ${count}` }
      const { collective } = await (callers[0] as Caller).call('collective.create', {
        ...body,
        timeoutMs: CREATE_MS_MAX,
      })
      collectives.push((collective as { readonly id: string }).id)
    }
    return new Fleet(parts, callers, collectives)
  }

  async work(): Promise<void> {
    this.#working = (await Promise.all(this.#collectives.map((id, index) => this.#workOn(id, index)))).flat()
  }

  /** Resolves when every collective has acknowledged a write that began after this. @throws Error */
  async settled(withinMs: number): Promise<void> {
    const { recorder } = this.#parts
    const from = recorder.entries.length
    const deadlineMs = systemClock.monotonicMs() + withinMs
    for (;;) {
      const waiting = this.#unacknowledged(from)
      if (waiting.length === 0) return
      if (systemClock.monotonicMs() > deadlineMs)
        throw new Error(`no write was acknowledged within ${withinMs} ms by ${waiting.join(', ')}`)
      await pause(systemTimers, POLL_MS)
    }
  }

  /** Lets the lanes end what they have begun. */
  async rest(): Promise<void> {
    this.#isStopping = true
    const cancel = systemTimers.after(ENDING_MS_MAX, () => (this.#isOver = true))
    await Promise.all(this.#working)
    cancel()
  }

  /** Reads the log and everything else, waits until the watchers were told of it, and ends. */
  async conclude(): Promise<void> {
    const { recorder } = this.#parts
    for (const { collective, memory, keys } of this.#watched) {
      const lane = await this.#lane('conclusion', collective, 0)
      const ends = await readLog(lane.hive, recorder)
      await readEverything(lane)
      const deadlineMs = systemClock.monotonicMs() + ENDING_MS_MAX
      const areBehind = (): boolean => memory.reached() < ends.memory || keys.reached() < ends.keys
      while (areBehind() && systemClock.monotonicMs() < deadlineMs) await pause(systemTimers, POLL_MS)
    }
    this.#endWatchers()
    await Promise.all(this.#watched.flatMap(({ memory, keys }) => [memory.ended, keys.ended]))
  }

  async close(): Promise<void> {
    this.#isStopping = true
    this.#isOver = true
    this.#endWatchers()
    await Promise.allSettled(this.#working)
    await Promise.all(this.#callers.map((caller) => caller.close()))
  }

  #endWatchers(): void {
    for (const end of this.#ends) end.abort()
  }

  #unacknowledged(from: number): readonly string[] {
    const begun = new Map<number, string>()
    const acknowledged = new Set<string>()
    for (const entry of this.#parts.recorder.entries.slice(from))
      if (entry.kind === 'invoked' && entry.key !== undefined) begun.set(entry.op, entry.collective)
      else if (entry.kind === 'completed') acknowledged.add(begun.get(entry.op) ?? '')
    return this.#collectives.filter((id) => !acknowledged.has(id))
  }

  #lane(name: string, collective: string, index: number): Promise<Lane> {
    const caller = this.#callers[index % this.#callers.length] as Caller
    return Lane.open({ name, collective, caller, recorder: this.#parts.recorder, isOver: () => this.#isOver })
  }

  async #workOn(collective: string, index: number): Promise<readonly Promise<void>[]> {
    const { form, chance, recorder } = this.#parts
    const board = new Board()
    const isOver = (): boolean => this.#isStopping
    const watcher = await this.#lane(`watcher ${index}`, collective, index)
    const watching = (name: string): WatcherParts => {
      const end = new AbortController()
      this.#ends.push(end)
      return { hive: watcher.hive, recorder, signal: end.signal, name, chance: chance.fork(name) }
    }
    this.#watched.push({
      collective,
      memory: watchMemory(watching(`memory ${index}`)),
      keys: watchKeys(watching(`keys ${index}`)),
    })
    const lanes: Promise<void>[] = []
    for (let count = 0; count < form.writersOfCollective; count += 1) {
      const name = `w${index}.${count}`
      const lane = await this.#lane(name, collective, index + count)
      const other = await this.#lane(`${name} again`, collective, index + count + 1)
      lanes.push(new Writer({ name, lane, other, board, chance: chance.fork(name), isOver }).run())
    }
    for (let count = 0; count < form.readersOfCollective; count += 1) {
      const name = `r${index}.${count}`
      const lane = await this.#lane(name, collective, index + count + 2)
      lanes.push(readOnAndOn({ lane, board, chance: chance.fork(name), isOver }))
    }
    return lanes
  }
}
