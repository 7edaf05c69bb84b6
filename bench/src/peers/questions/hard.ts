/** Does a search still find what is nearest where everything is about equally far? */
import { OURSELVES, type Question } from '../contest.ts'
import type { Goal } from '../goal.ts'

const goals: readonly Goal[] = [
  {
    ...{ work: 'search k=10, hard vectors', figure: 'recall@10', least: 0.99 },
    value: (round) => round.value(ON_HARD, 'search', 'recall'),
  },
]

/** Our figures on clustered vectors have our own name. */
const ON_HARD = `${OURSELVES}, hard`

export const hard: Question = {
  name: 'hard',
  goals,
  sizes: ['small'],
  async measure(contest) {
    const { hard: vectors, folder } = contest.parts
    const phases = [{ name: 'load', more: [folder] }, { name: 'open' }, { name: 'read' }]
    await contest.store(ON_HARD, contest.ourselves(), vectors, phases)
  },
}
