/**
 * Which sort of search finds what a question needs? Every headline question is asked by meaning alone, by its words
 * alone, and by both, each conversation in a collective of its own.
 */
import type { SearchInput } from '@waggle/sdk'
import { isHeadline, type Embedded, type Question } from './conversation.ts'
import type { Shelf } from './opened.ts'
import { storedTurn } from './passes.ts'
import { recallOf, type Answered, type Recall } from './recall.ts'

/** Of one list, whose beginning is what a search for fewer finds. */
export const DEPTHS = [5, 10, 20] as const
const K = 20

type Ask = (question: Embedded<Question>) => SearchInput

const hybrid: Ask = ({ q, embedding }) => ({ text: q, embedding })

const ways = {
  meaning: ({ embedding }) => ({ embedding }),
  words: ({ q }) => ({ text: q }),
  both: hybrid,
  'both, neighbours': (question) => ({ ...hybrid(question), neighbours: true }),
  'both, neighbours of the same agent': (question) => ({ ...hybrid(question), neighbours: { sameAgent: true } }),
} satisfies Readonly<Record<string, Ask>>

export type EvidenceWay = keyof typeof ways

export interface EvidenceFigures {
  readonly way: EvidenceWay
  /** In the order of `DEPTHS`, all conversations together. */
  readonly recalls: readonly Recall[]
  /** Processor time of this process for one search, building the indexes left out. */
  readonly cpuUs: number
}

export const findEvidence = async (shelves: readonly Shelf[]): Promise<readonly EvidenceFigures[]> => {
  const figures: EvidenceFigures[] = []
  for (const [way, ask] of Object.entries(ways) as [EvidenceWay, Ask][]) {
    const answered: Answered[] = []
    let cpuUs = 0
    for (const { hive, conversation } of shelves) {
      const [first, ...others] = conversation.questions.filter(isHeadline)
      if (first === undefined) continue
      answered.push(await answer(hive, first, ask))
      const before = process.cpuUsage()
      for (const question of others) answered.push(await answer(hive, question, ask))
      const { user, system } = process.cpuUsage(before)
      cpuUs += user + system
    }
    const recalls = DEPTHS.map((depth) =>
      recallOf(answered.map(({ evidence, found }) => ({ evidence, found: found.slice(0, depth) }))),
    )
    figures.push({ way, recalls, cpuUs: cpuUs / Math.max(1, answered.length) })
  }
  return figures
}

const answer = async (hive: Shelf['hive'], question: Embedded<Question>, ask: Ask): Promise<Answered> => {
  const { results } = await hive.search({ ...ask(question), k: K })
  return { evidence: question.evidence, found: results.map(({ experience }) => storedTurn(experience)) }
}
