/** How much of the evidence do searches bring in real agent memory? `bench -- locomo` says more of the same data. */
import { readConversations } from '../../locomo/conversation.ts'
import { DEPTHS, findEvidence, type EvidenceWay } from '../../locomo/evidence.ts'
import { importSet } from '../../locomo/import.ts'
import { reopen, shelvesOf } from '../../locomo/opened.ts'
import { embeddedSite } from '../../locomo/site.ts'
import { OURSELVES, type Question } from '../contest.ts'
import type { Goal } from '../goal.ts'
import { K } from '../workload.ts'

const STORE = 'locomo'
const MEASURE = 'all evidence in the top 10'

const goalOf = (way: EvidenceWay, least: number): Goal => ({
  ...{ work: `LoCoMo, ${way}`, figure: '% of questions with all evidence in the top 10', least },
  value(round) {
    const recall = round.all(OURSELVES, MEASURE).find(({ setting }) => setting === way)?.recall
    return recall === undefined ? undefined : 100 * recall
  },
})

export const locomo: Question = {
  name: 'locomo',
  goals: [goalOf('both', 62), goalOf('both, neighbours', 66)],
  sizes: ['small'],
  async measure(contest) {
    const { data, folder, round } = contest.parts
    // The same data give the same answer in every round.
    if (data === undefined || round > 1) return
    const set = await readConversations(data)
    const site = embeddedSite(folder)
    const { imported } = await importSet(set, { site, store: STORE, mode: 'recordMany of 64' })
    const { waggle, hives } = await reopen(async () => site.open(STORE), imported)
    try {
      const evidence = await findEvidence(shelvesOf(imported, hives))
      const at = DEPTHS.indexOf(K)
      const shareOf = (all = Number.NaN): number => all / 100
      contest.note(
        OURSELVES,
        evidence.map(({ way, recalls }) => ({ measure: MEASURE, setting: way, recall: shareOf(recalls[at]?.all) })),
      )
    } finally {
      await waggle.close()
    }
  },
}
