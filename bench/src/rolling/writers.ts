/** Agents that write without a pause, each into a collective of its own, and count what was acknowledged. */
import { isFault, Waggle, type CollectiveHandle } from '@waggle/client'
import { seededRandom } from '../seeded-random.ts'
import { DIMENSION } from '../vectors/vector-set.ts'

const SEED = 20_261_122
const RETRY_AFTER_MS = 50
const PAGE = 1_000

export class Writers {
  readonly #waggle: Waggle
  readonly #hives: readonly CollectiveHandle[]
  readonly #lanes: readonly Promise<void>[]
  readonly #acknowledged: Set<string>[]
  #isStopped = false
  /** The longest that a write took since somebody set it to 0, milliseconds. */
  longestMs = 0

  private constructor(waggle: Waggle, hives: readonly CollectiveHandle[]) {
    this.#waggle = waggle
    this.#hives = hives
    this.#acknowledged = hives.map(() => new Set())
    this.#lanes = hives.map((hive, index) => this.#write(hive, index))
  }

  static async start(servers: string, count: number): Promise<Writers> {
    const waggle = await Waggle.connect({ servers })
    const names = Array.from({ length: count }, (_, index) => `rolling ${index}`)
    const hives = await Promise.all(names.map((name) => waggle.createCollective({ name, dimension: DIMENSION })))
    return new Writers(waggle, hives)
  }

  /** Stops, and looks how much of what was acknowledged is not there. */
  async end(): Promise<{ readonly acknowledged: number; readonly missing: number }> {
    this.#isStopped = true
    await Promise.all(this.#lanes)
    let [acknowledged, missing] = [0, 0]
    for (const [index, hive] of this.#hives.entries()) {
      const expected = this.#acknowledged[index] as Set<string>
      acknowledged += expected.size
      const found = await this.#contents(hive)
      missing += [...expected].filter((content) => !found.has(content)).length
    }
    await this.#waggle.close()
    return { acknowledged, missing }
  }

  async #write(hive: CollectiveHandle, index: number): Promise<void> {
    const acknowledged = this.#acknowledged[index] as Set<string>
    for (let count = 0; !this.#isStopped; count += 1) {
      const content = `writer ${index} record ${count}`
      const embedding = seededRandom(SEED, index, count).unitVector(DIMENSION)
      const begunMs = performance.now()
      await surely(() => hive.record({ content, embedding }, { idempotencyKey: content }))
      this.longestMs = Math.max(this.longestMs, performance.now() - begunMs)
      acknowledged.add(content)
    }
  }

  async #contents(hive: CollectiveHandle): Promise<ReadonlySet<string>> {
    const contents = new Set<string>()
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const from = cursor === undefined ? {} : { cursor }
      const page = await surely(() => hive.list({ limit: PAGE, ...from }, { consistency: 'strong' }))
      for (const { content } of page.items) contents.add(content)
      ;({ cursor } = page)
    }
    return contents
  }
}

/** What passes is tried again, with the same key. */
const surely = async <Result>(attempt: () => Promise<Result>): Promise<Result> => {
  for (;;)
    try {
      return await attempt()
    } catch (error) {
      if (!isFault(error) || !['busy', 'notReady', 'unavailable', 'moved'].includes(error.kind)) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS))
    }
}
