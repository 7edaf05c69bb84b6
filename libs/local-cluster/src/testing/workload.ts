/**
 * Several clients that write and read without pause, whatever happens to the cluster, and remember what they were told:
 * the witness of tests that kill and stop its processes.
 */
import { Waggle, isFault, type CollectiveHandle, type Fault } from '@waggle/client'

export interface WorkloadOptions {
  readonly url: string
  /** Clients, each with a collective and a connection of its own. */
  readonly clients: number
  /** Writes that each client has under way at once. */
  readonly width: number
}

export interface Verdict {
  readonly acknowledged: number
  /** Acknowledged and not there. */
  readonly lost: readonly string[]
  /** There more than once; or counted more or less often than acknowledged, which no derived id could hide. */
  readonly doubled: readonly string[]
  /** Not found by a read that carried the token of its acknowledgement. */
  readonly stale: readonly string[]
  /** What calls ended with that were then tried again with the same key, and how often. */
  readonly faults: Readonly<Record<string, number>>
  /** Longest time between two acknowledgements of one client, milliseconds. */
  readonly longestGapMs: number
}

const RETRY_AFTER_MS = 50
const DIMENSION = 4
const COUNTER = { content: 'counter', embedding: [1, 0, 0, 0] }

export class Workload {
  readonly #workers: readonly Worker[]

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers
  }

  static async start({ url, clients, width }: WorkloadOptions): Promise<Workload> {
    const workers = await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        const waggle = await Waggle.connect({ servers: url, timeoutMs: 10_000 })
        const hive = await waggle.createCollective({ name: `workload ${client}`, dimension: DIMENSION })
        return new Worker(waggle, hive, `c${client}`, width)
      }),
    )
    return new Workload(workers)
  }

  /** The collectives that are written to. */
  get collectives(): readonly string[] {
    return this.#workers.map(({ hive }) => hive.id)
  }

  get acknowledged(): number {
    return this.#workers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0)
  }

  /** Waits until every client was told of `count` further writes. */
  async progress(count: number, withinMs: number): Promise<void> {
    const goals = this.#workers.map(({ acknowledged }) => acknowledged.size + count)
    const deadlineMs = Date.now() + withinMs
    while (this.#workers.some(({ acknowledged }, index) => acknowledged.size < (goals[index] as number))) {
      if (Date.now() > deadlineMs) {
        const faults = JSON.stringify(this.#workers.map(({ faults }) => Object.fromEntries(faults)))
        const sizes = this.#workers.map(({ acknowledged }) => acknowledged.size).join(' ')
        throw new Error(
          `no progress within ${withinMs} ms: acknowledged ${sizes} of ${goals.join(' ')}, faults ${faults}`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Stops writing, reads everything back, and closes. */
  async end(): Promise<Verdict> {
    await Promise.all(this.#workers.map((worker) => worker.stop()))
    const stored = await Promise.all(this.#workers.map((worker) => worker.readBack()))
    await Promise.all(this.#workers.map(({ waggle }) => waggle.close()))
    const faults: Record<string, number> = {}
    for (const worker of this.#workers)
      for (const [code, count] of worker.faults) faults[code] = (faults[code] ?? 0) + count
    return {
      acknowledged: this.acknowledged,
      lost: this.#workers.flatMap(({ acknowledged }, index) =>
        [...acknowledged].filter((content) => !(stored[index] as Map<string, number>).has(content)),
      ),
      doubled: [
        ...stored.flatMap((counts) => [...counts].flatMap(([content, count]) => (count > 1 ? [content] : []))),
        ...this.#workers.flatMap(({ miscounted }) => miscounted ?? []),
      ],
      stale: this.#workers.flatMap(({ stale }) => stale),
      faults,
      longestGapMs: Math.max(...this.#workers.map(({ longestGapMs }) => longestGapMs)),
    }
  }
}

class Worker {
  readonly waggle: Waggle
  readonly hive: CollectiveHandle
  readonly acknowledged = new Set<string>()
  readonly stale: string[] = []
  readonly faults = new Map<string, number>()
  longestGapMs = 0
  /** What the counter says when it does not say how often it was raised. */
  miscounted: string | undefined
  /** Reinforced once for each record: an effect that a repetition would double, whatever ids are derived from. */
  readonly #counter: Promise<string>
  #raised = 0
  readonly #name: string
  readonly #lanes: Promise<void>[]
  #lastMs = Date.now()
  #count = 0
  #stopped = false

  constructor(waggle: Waggle, hive: CollectiveHandle, name: string, width: number) {
    this.waggle = waggle
    this.hive = hive
    this.#name = name
    this.#counter = this.#until(() => hive.record(COUNTER, { idempotencyKey: 'counter' })).then(({ id }) => id)
    this.#lanes = Array.from({ length: width }, () => this.#write())
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#lanes)
  }

  /** How often each content is there. */
  async readBack(): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await this.#until(() =>
        this.hive.list({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) }, { consistency: 'strong' }),
      )
      for (const { content } of page.items) counts.set(content, (counts.get(content) ?? 0) + 1)
      ;({ cursor } = page)
    }
    counts.delete(COUNTER.content)
    const counter = await this.#counter
    const found = await this.#until(() => this.hive.get(counter, { consistency: 'strong' }))
    if (found?.applications !== this.#raised)
      this.miscounted = `counter of ${this.#name}: ${found?.applications} of ${this.#raised}`
    return counts
  }

  async #write(): Promise<void> {
    while (!this.#stopped) {
      const content = `${this.#name}-${(this.#count += 1)}`
      const input = { content, embedding: [this.#count, 1, 2, 3] }
      const { id, token } = await this.#until(() => this.hive.record(input, { idempotencyKey: content }))
      this.acknowledged.add(content)
      this.longestGapMs = Math.max(this.longestGapMs, Date.now() - this.#lastMs)
      this.#lastMs = Date.now()
      const found = await this.#until(() => this.hive.get(id, { token }))
      if (found?.content !== content) this.stale.push(content)
      const counter = await this.#counter
      await this.#until(() => this.hive.reinforce(counter, { idempotencyKey: `raise ${content}` }))
      this.#raised += 1
    }
  }

  /** Tries again until it works: what an agent does that must not lose its memory. */
  async #until<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (;;)
      try {
        return await attempt()
      } catch (error) {
        if (!isFault(error) || !isPassing(error)) throw error
        this.faults.set(error.code, (this.faults.get(error.code) ?? 0) + 1)
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS))
      }
  }
}

const isPassing = ({ kind }: Fault): boolean => ['busy', 'notReady', 'unavailable', 'moved'].includes(kind)
