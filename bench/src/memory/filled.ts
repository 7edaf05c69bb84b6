/** The collective that is measured. */
import type { CollectiveHandle } from '@waggle/sdk'
import { seededRandom, type SeededRandom } from '../seeded-random.ts'
import { inWindows } from '../write-modes.ts'

export const DIMENSION = 384
export const AGENTS = 50
const BATCH = 500
const SEED = 20_261_121

export interface Filled {
  readonly hive: CollectiveHandle
  readonly ids: readonly string[]
  readonly random: SeededRandom
}

/** Records, a relation and a reinforcement for every fifth, an insight for every twentieth, and agents at work. */
export const fill = async (hive: CollectiveHandle, records: number): Promise<Filled> => {
  const random = seededRandom(SEED)
  const ids: string[] = []
  const numbers = Array.from({ length: records }, (_, number) => number)
  for (const window of inWindows(numbers, BATCH)) {
    const inputs = window.map((number) => ({
      content: `what was learnt in step ${number}, at some length, as agents write it down`,
      embedding: random.unitVector(DIMENSION),
      importance: random.number(),
      domain: [`area ${number % 8}`],
      sourceAgent: `agent ${number % AGENTS}`,
    }))
    ids.push(...(await hive.recordMany(inputs)).ids)
  }
  const any = (): string => ids[random.below(ids.length)] as string
  for (const window of inWindows(numbers.slice(0, records / 5), BATCH)) {
    const commands = window.flatMap((number) => [
      {
        ...({ operation: 'relation.create', type: 'supports' } as const),
        ...{ source: ids[number] as string, target: ids[number + 1] as string },
      },
      { operation: 'experience.reinforce', id: any() } as const,
    ])
    await hive.commit(commands)
  }
  for (const window of inWindows(numbers.slice(0, records / 20), BATCH))
    await hive.commit(
      window.map((number) => ({
        ...({ operation: 'insight.store', type: 'pattern' } as const),
        ...{ content: `insight ${number}`, embedding: random.unitVector(DIMENSION), sources: [any(), any(), any()] },
      })),
    )
  for (let agent = 0; agent < AGENTS; agent += 1)
    await hive.activity.register({ agent: `agent ${agent}`, task: 'something' })
  return { hive, ids, random }
}
