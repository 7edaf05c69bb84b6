/** How much of the evidence a search brings. */
import { sumOf } from '../statistics.ts'

export interface Answered {
  /** Ids of the turns that the question needs; at least one. */
  readonly evidence: readonly string[]
  /** Ids of the turns that were found. */
  readonly found: readonly string[]
}

export interface Recall {
  readonly questions: number
  /** Percent of the questions of which every evidence turn was found. */
  readonly all: number
  /** Mean share of the evidence turns found, percent. */
  readonly part: number
}

export const recallOf = (answered: readonly Answered[]): Recall => {
  const shares = answered.map(shareFound)
  const percent = (sum: number): number => (100 * sum) / Math.max(1, shares.length)
  return {
    questions: shares.length,
    all: percent(shares.filter((share) => share === 1).length),
    part: percent(sumOf(shares)),
  }
}

/** A turn that stands twice in the evidence is needed once. */
const shareFound = ({ evidence, found }: Answered): number => {
  const needed = new Set(evidence)
  const brought = new Set(found)
  return [...needed].filter((id) => brought.has(id)).length / needed.size
}
