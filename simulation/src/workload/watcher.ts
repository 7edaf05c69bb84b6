/** A watcher of a collective's keys: asks for what comes next, again and again, and writes down what it was told. */
import { Fault, pause } from '@waggle/kernel'
import type { Place } from './agent.ts'
import type { Frame, History, WatchedStory } from './history.ts'
import type { Session } from './session.ts'

const WAIT_MS = 2_000

const textOf = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString()

interface FrameOnWire {
  readonly sequence: number
  readonly entries: readonly (readonly [unknown, unknown])[]
  readonly deleted: readonly unknown[]
}

export class Watcher {
  readonly story: WatchedStory
  readonly #session: Session
  #from: string | undefined
  isStopped = false

  constructor(session: Session, history: History, { collective, shard }: Place) {
    this.#session = session
    this.story = { watcher: session.process.name, collective, shard, frames: [], seen: 0, lost: 0 }
    history.stories.push(this.story)
  }

  async run(): Promise<void> {
    const { timers } = this.#session.process
    while (!this.isStopped) {
      const place = this.#from === undefined ? { since: 1 } : { from: this.#from }
      const fields = { collective: this.story.collective, waitMs: WAIT_MS, ...place }
      const { answer } = await this.#session.ask('keys.subscribe', fields, { waitMs: WAIT_MS })
      if (answer instanceof Fault) await pause(timers, 200)
      else this.#take(answer)
    }
  }

  #take({ frames, next, sequence, lost }: Readonly<Record<string, unknown>>): void {
    const { story } = this
    if (lost === true) story.lost += 1
    for (const { sequence: at, entries, deleted } of frames as FrameOnWire[]) {
      const frame: Frame = {
        sequence: at,
        entries: entries.map(([key, value]) => ({ key: textOf(key), value: textOf(value) })),
        deleted: deleted.map(textOf),
      }
      story.frames.push(frame)
    }
    this.#from = next as string
    story.seen = sequence as number
  }
}
