/**
 * A reader of changes that saves its place under a name, and so must find everything behind it later (P9): it reads
 * from the start, saves a place that is about to be pruned, and looks whether what comes after it is still there.
 */
import { Fault, pause } from '@waggle/kernel'
import type { CollectiveId } from '@waggle/protocol'
import type { History } from './history.ts'
import type { Session } from './session.ts'

export class JournalKeeper {
  isStopped = false
  readonly #session: Session
  readonly #history: History
  readonly #collective: CollectiveId

  constructor(session: Session, history: History, collective: CollectiveId) {
    this.#session = session
    this.#history = history
    this.#collective = collective
  }

  async run(): Promise<void> {
    const { random, timers } = this.#session.process
    while (!this.isStopped) {
      await this.#round()
      await pause(timers, random.around(150))
    }
  }

  async #round(): Promise<void> {
    const { random, timers, name } = this.#session.process
    const begun = await this.#next('start')
    if (begun === undefined) return
    await pause(timers, random.around(300))
    const save = { collective: this.#collective, name, cursor: begun.next, idempotencyKey: this.#session.freshKey() }
    const { answer: saved } = await this.#session.ask('cursor.save', save)
    if (saved instanceof Fault) return
    this.#history.cursorsSaved += 1
    for (let looks = random.below(3); looks >= 0; looks -= 1) {
      await pause(timers, random.around(700))
      const seen = await this.#next(begun.next as string)
      if (seen?.lost === true)
        this.#history.lostPlaces.push(`${name} saved a place of ${this.#collective}, and what comes after it is gone`)
    }
    const drop = { collective: this.#collective, name, idempotencyKey: this.#session.freshKey() }
    await this.#session.ask('cursor.drop', drop)
  }

  async #next(from: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { answer } = await this.#session.ask('watch.next', { collective: this.#collective, from, max: 1 })
    return answer instanceof Fault ? undefined : answer
  }
}
