/**
 * A watcher that is cut off again and again, and each time goes on behind the last change that it was given: the
 * witness that replay and live are one.
 */
import type { Change } from '@waggle/protocol'
import type { CollectiveHandle } from '../collective-handle.ts'

/** How: it leaves the loop, its signal is aborted while it waits, or `sever` ends what it watches over. */
export const cuts = ['leave', 'abort', 'sever'] as const
export type Cut = (typeof cuts)[number]

export interface Watched {
  readonly hive: CollectiveHandle
  /** Ends the connection that the handle has. */
  sever(): Promise<void>
}

export interface CutOffWatcherParts {
  readonly connect: () => Promise<Watched>
  /** After how many changes it is cut off next, and how. */
  readonly nextCut: (cut: number) => { readonly after: number; readonly how: Cut }
  readonly from: string
}

export class CutOffWatcher {
  readonly seen: Change[] = []
  readonly #parts: CutOffWatcherParts
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #cuts = 0

  constructor(parts: CutOffWatcherParts) {
    this.#parts = parts
    this.#running = this.#run()
  }

  /** How often it was cut off. */
  get cuts(): number {
    return this.#cuts
  }

  /** Resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    for (let watched = await this.#parts.connect(); ;) {
      const { after, how } = this.#parts.nextCut(this.#cuts)
      await this.#watch(watched, after, how)
      if (this.#stopping.signal.aborted) return watched.sever()
      this.#cuts += 1
      if (how === 'sever') watched = await this.#parts.connect()
    }
  }

  async #watch(watched: Watched, after: number, how: Cut): Promise<void> {
    const aborting = new AbortController()
    const signal = AbortSignal.any([aborting.signal, this.#stopping.signal])
    const until = this.seen.length + after
    const from = this.seen.at(-1)?.cursor ?? this.#parts.from
    try {
      for await (const change of watched.hive.watch({ from, signal, max: 1 + (this.#cuts % 7) })) {
        this.seen.push(change)
        if (this.seen.length < until) continue
        if (how === 'leave') return
        // The watch asks for more, and is cut off while it waits for it.
        if (how === 'abort') setImmediate(() => aborting.abort())
        else void watched.sever()
      }
    } catch (error) {
      if (how !== 'sever' || (error as { code?: unknown }).code !== 'CLOSED') throw error
    }
  }
}
