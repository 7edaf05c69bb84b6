/**
 * What becomes of searches, rates and openings at 100,000 records? Beside VelesDB at whatever quality finds what has
 * to be found, and beside a bare graph at our recall, with clustered and with hard vectors.
 */
import { OURSELVES, type Phase, type Question } from '../contest.ts'
import type { Goal } from '../goal.ts'
import { over, quickestAt, type Round } from '../reading.ts'
import { HNSWLIB, VELESDB } from './embedded-goals.ts'

const RECALL = 0.99
/** What a graph may find less than we do and still count as finding as much. */
const RECALL_TOLERANCE = 0.001
const [OURS_ON_HARD, HNSWLIB_ON_HARD] = [`${OURSELVES}, hard`, `${HNSWLIB}, hard`] as const

const opening = (setting: string): Goal => ({
  ...{ work: `open to first right search, ${setting}`, figure: 'ms', most: 1_000 },
  value: (round) => round.all(OURSELVES, 'first right search').find((reading) => reading.setting === setting)?.ms,
})

const besideQuickest = (round: Round, ours: string, peer: string, recall: number): number | undefined =>
  over(round.value(ours, 'search', 'p50Us'), quickestAt(round.all(peer, 'search'), recall)?.p50Us)

const goals: readonly Goal[] = [
  {
    ...{ work: 'record, 64 callers', figure: 'rate at the end ÷ at the beginning', least: 0.8 },
    value: (round) =>
      over(
        round.value(OURSELVES, 'record, 64 callers, last tenth', 'perSecond'),
        round.value(OURSELVES, 'record, 64 callers, first tenth', 'perSecond'),
      ),
  },
  {
    ...{ work: 'search k=10', figure: 'recall@10', least: RECALL },
    value: (round) => round.value(OURSELVES, 'search', 'recall'),
  },
  {
    ...{ work: 'search k=10', figure: `p50 ÷ ${VELESDB} at recall ≥ ${RECALL}`, most: 1, peer: VELESDB },
    value: (round) => besideQuickest(round, OURSELVES, VELESDB, RECALL),
  },
  {
    ...{ work: 'search k=10, hard vectors', figure: 'recall@10', least: RECALL },
    value: (round) => round.value(OURS_ON_HARD, 'search', 'recall'),
  },
  {
    ...{ work: 'search k=10, hard vectors', figure: `p50 ÷ ${HNSWLIB} at our recall`, most: 1, peer: HNSWLIB },
    value(round) {
      const recall = round.value(OURS_ON_HARD, 'search', 'recall') ?? 1
      return besideQuickest(round, OURS_ON_HARD, HNSWLIB_ON_HARD, recall - RECALL_TOLERANCE)
    },
  },
  opening('after a close'),
  opening('after kill -9'),
]

const READ: readonly Phase[] = [{ name: 'open' }, { name: 'read' }]

export const large: Question = {
  name: 'large',
  goals,
  sizes: ['large'],
  async measure(contest) {
    const { clustered, hard, peers, folder } = contest.parts
    const load: Phase = { name: 'load', more: [folder] }
    const veles = await peers.rust({ name: 'veles', binary: 'bench_veles' })
    const graph = await peers.python('hnsw.py')
    await contest.inTurns([
      async () => contest.store(OURSELVES, contest.ourselves(), clustered, [load, ...READ]),
      async () => contest.store(VELESDB, veles, clustered, [{ name: 'load', more: ['batched'] }, ...READ]),
      async () => contest.store(HNSWLIB, graph, clustered, [{ name: 'read' }]),
      async () => contest.store(OURS_ON_HARD, contest.ourselves(), hard, [load, ...READ]),
      async () => contest.store(HNSWLIB_ON_HARD, graph, hard, [{ name: 'read' }]),
    ])
  },
}
