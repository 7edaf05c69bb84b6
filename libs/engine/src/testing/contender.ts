/**
 * A replica that leads whenever it is told to, whoever else does: no lease and no beats, so only the log decides
 * between leaders. It dies, loses the end of what it wrote, and comes back.
 */
import { assert, isFault, type Timers, type Uuid } from '@waggle/kernel'
import { manualClock, type ManualClock } from '@waggle/kernel/testing'
import type { BuiltName } from '@waggle/protocol'
import type { Engine, Reply } from '../engine.ts'
import { pieceKey } from '../state/keyspace.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { Wire, type Loss, type LossyNetwork } from './lossy-network.ts'
import { openTestEngine, type TestEngine } from './test-engine.ts'

/** `ending`: something is under way after which it is idle. */
type ContenderState = 'dead' | 'idle' | 'electing' | 'leading' | 'ending'

interface Life {
  readonly opened: TestEngine
  readonly wire: Wire
}

/** What may end an election or a term; everything else is a bug. */
const expectedCodes = new Set(['NOT_LEADING', 'UNAVAILABLE', 'STORAGE_FAILED'])

/** Timers that never fire, and turns of the event loop: what happens does not depend on how fast it does. */
const timelessTimers: Timers = {
  after: () => () => undefined,
  yield: () => new Promise((resolve) => setImmediate(resolve)),
}

export const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await timelessTimers.yield()
}

export class Contender {
  readonly clock: ManualClock
  readonly #network: LossyNetwork
  readonly #seeds: () => number
  readonly #surprised: (what: unknown) => void
  #store = new MemoryStore()
  #saved = new MemoryStore()
  #life: Life | undefined
  state: ContenderState = 'dead'

  constructor(parts: {
    network: LossyNetwork
    seeds: () => number
    clockMs: number
    surprised: (what: unknown) => void
  }) {
    this.#network = parts.network
    this.#seeds = parts.seeds
    this.#surprised = parts.surprised
    this.clock = manualClock(parts.clockMs)
  }

  /** Begins its first life. */
  async start(): Promise<this> {
    await this.#open()
    return this
  }

  get wire(): Wire {
    return this.#alive.wire
  }

  get engine(): Engine {
    return this.#alive.opened.engine
  }

  call(operation: BuiltName, body: object): Promise<Reply> {
    return this.#alive.opened.call(operation, body)
  }

  /** Whoever remembers another one speaks of a life that has ended. */
  get life(): object | undefined {
    return this.state === 'dead' ? undefined : this.#life
  }

  elect(): void {
    if (this.state !== 'idle') return
    this.#become('electing', async ({ engine }) => {
      await engine.catchUp()
      await engine.lead()
      return 'leading'
    })
  }

  end(how: 'release' | 'stepDown'): void {
    if (this.state !== 'leading') return
    this.#become('ending', async ({ engine }) => {
      await engine[how]()
      return 'idle'
    })
  }

  follow(): void {
    if (this.state !== 'idle') return
    this.#become('ending', async ({ engine }) => {
      await engine.catchUp()
      return 'idle'
    })
  }

  /** What is written up to now is on the disk, whatever happens. */
  async save(): Promise<void> {
    this.#saved = await copyOf(this.#store)
  }

  /** The process dies, perhaps with the end of what it wrote, and another one opens what is left. */
  async crash(loss: Loss, isEndLost: boolean): Promise<void> {
    if (this.state === 'dead') return
    this.state = 'dead'
    this.wire.cut(loss)
    // A copy: what the dead one still has under way changes nothing any more.
    this.#store = await copyOf(isEndLost ? this.#saved : this.#store)
    await this.#open()
  }

  /** Pieces of batches that came in part. */
  async keptPieces(): Promise<number> {
    let count = 0
    for await (const key of this.#store.scanKeys(EVERY_PIECE)) count += key.length > 0 ? 1 : 0
    return count
  }

  get #alive(): Life {
    assert(this.#life !== undefined, 'a contender is started first')
    return this.#life
  }

  /** A completion counts only in the life in which it was begun. */
  #become(state: ContenderState, begun: (opened: TestEngine) => Promise<ContenderState>): void {
    const life = this.#alive
    this.state = state
    begun(life.opened)
      .catch((error: unknown): ContenderState => {
        if (!isFault(error) || !expectedCodes.has(error.code)) this.#surprised(error)
        return 'idle'
      })
      .then((next) => {
        // A term that has ended by itself meanwhile is over.
        if (this.#life === life && this.state === state) this.state = next
      }, this.#surprised)
  }

  async #open(): Promise<void> {
    const wire = new Wire(this.#network, this.#store)
    const opened = await openTestEngine({
      ...{ fence: 'log', lead: false, stream: this.#network.stream, store: this.#store },
      ...{ clock: this.clock, timers: timelessTimers, seed: this.#seeds() },
      wrapLog: (log) => wire.wrap(log),
      onTermEnded: (reason) => {
        if (this.#life?.wire !== wire || this.state === 'dead') return
        if (!expectedCodes.has(reason.code)) this.#surprised(reason)
        // What its store holds is not known: a process would open it anew.
        if (reason.code === 'STORAGE_FAILED') void this.crash('lost', false).catch(this.#surprised)
        else this.#become('ending', () => opened.engine.stepDown().then(() => 'idle'))
      },
    })
    this.#life = { opened, wire }
    this.state = 'idle'
  }
}

const EVERY_PIECE = {
  gte: pieceKey('00000000-0000-0000-0000-000000000000' as Uuid, 0),
  lt: pieceKey('ffffffff-ffff-ffff-ffff-ffffffffffff' as Uuid, 0xffff),
}

const copyOf = async (store: MemoryStore): Promise<MemoryStore> => {
  const copy = new MemoryStore()
  const changes = []
  for await (const [key, value] of store.scan({ gte: Uint8Array.of(0) })) changes.push({ key, value })
  await copy.write(changes, { sync: false })
  return copy
}
