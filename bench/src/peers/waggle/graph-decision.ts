/** Waits until a store has decided whether a large index is searched by its graph, which it builds or reads beside. */
import { silentLogger, type Logger } from '@waggle/kernel'
import { tell } from '../program.ts'

/** What the store says, and what it means. */
const DECISIONS: ReadonlyMap<string, string> = new Map([
  ['an index is searched by its graph', 'graph'],
  ['an index is searched without a graph', 'scan'],
])
/** Smaller ones have none. */
const ROWS_MIN = 20_000
const DECISION_MS_MAX = 900_000

export interface GraphDecision {
  /** For the store. */
  readonly logger: Logger
  /** From now on; tells how long it took, and what was decided. */
  wait(rows: number): Promise<void>
}

export const graphDecision = (): GraphDecision => {
  let decide: (tier: string) => void = () => undefined
  const decided = new Promise<string>((resolve) => (decide = resolve))
  return {
    logger: {
      ...silentLogger,
      info(message) {
        const tier = DECISIONS.get(message)
        if (tier !== undefined) decide(tier)
      },
    },
    async wait(rows) {
      if (rows < ROWS_MIN) return
      const start = performance.now()
      const patience = new Promise<string>((resolve) => setTimeout(resolve, DECISION_MS_MAX, 'undecided').unref())
      const setting = await Promise.race([decided, patience])
      tell({ measure: 'large index searched by', setting, ms: performance.now() - start })
    },
  }
}
