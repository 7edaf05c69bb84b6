/** The calls that are timed: what an agent asks of its memory, and what it adds. */
import { AGENTS, DIMENSION, type Filled } from './filled.ts'

const K = 10
const weights = { similarity: 0.7, energy: 0.3 }

export type ReadName = keyof ReturnType<typeof readWays>
export type WriteName = keyof ReturnType<typeof writeWays>

/** The first is what the others are beside. */
export const readWays = ({ hive, ids, random }: Filled) => {
  const embedding = (): Float32Array => random.unitVector(DIMENSION)
  const any = (): string => ids[random.below(ids.length)] as string
  /** Of those that have relations. */
  const related = (): string => ids[random.below(ids.length / 5)] as string
  return {
    search: async () => hive.search({ embedding: embedding(), k: K }),
    'search, weighted': async () => hive.search({ embedding: embedding(), k: K, weights }),
    'search, one area of 8': async () => hive.search({ embedding: embedding(), k: K, filter: { domains: ['area 3'] } }),
    context: async () => hive.context({ embedding: embedding() }),
    insights: async () => hive.insights({ embedding: embedding(), k: K }),
    recent: async () => hive.recent({ limit: K }),
    related: async () => hive.related(related()),
    'paths of 3 steps': async () => hive.paths({ from: related() }),
    'active agents': async () => hive.activity.active(),
    energy: async () => hive.energy(any()),
    'cold, all records': async () => hive.cold({ below: 1, limit: K }),
    get: async () => hive.get(any()),
  }
}

export const writeWays = ({ hive, ids, random }: Filled) => {
  const any = (): string => ids[random.below(ids.length)] as string
  const experience = () => ({ content: 'one more thing that was learnt', embedding: random.unitVector(DIMENSION) })
  const relation = () => ({ source: any(), target: any(), type: 'relatedTo', strength: random.number() }) as const
  /** That two ends are one, or related already, is of no interest here. */
  const unlessRefused = async (write: Promise<unknown>): Promise<unknown> => write.catch(() => undefined)
  return {
    record: async () => hive.record(experience()),
    relate: async () => unlessRefused(hive.relate(relation())),
    storeInsight: async () => hive.storeInsight({ ...experience(), type: 'pattern', sources: [any(), any(), any()] }),
    reinforce: async () => hive.reinforce(any()),
    heartbeat: async () => hive.activity.heartbeat(`agent ${random.below(AGENTS)}`),
    'batch of 10 records': async () =>
      hive.commit(Array.from({ length: 10 }, () => ({ operation: 'experience.record', ...experience() }) as const)),
  }
}

/** Whether what weighted searches find is in the order of their scores, and as many as were asked for. */
export const checkWeighted = async ({ hive, random }: Filled): Promise<boolean> => {
  for (let query = 0; query < 20; query += 1) {
    const { results } = await hive.search({ embedding: random.unitVector(DIMENSION), k: K, weights })
    const isInOrder = results.every(({ score, similarity = NaN, energy = NaN }, index) => {
      const own = weights.similarity * Math.max(0, similarity) + weights.energy * energy
      return Math.abs(own - score) < 1e-5 && (index === 0 || score <= (results[index - 1]?.score ?? NaN))
    })
    if (!isInOrder || results.length !== K) return false
  }
  return true
}
