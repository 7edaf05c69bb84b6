/** What does a store in the same process cost beside PulseDB, VelesDB and a bare graph, with clustered vectors? */
import { OURSELVES, type Contest, type Phase, type Question } from '../contest.ts'
import { embeddedGoals, HNSWLIB, PULSEDB, VELESDB } from './embedded-goals.ts'

const LOAD: Phase = { name: 'load' }
/** After kill -9, then after a close. */
const READ: readonly Phase[] = [{ name: 'open' }, { name: 'read' }]

export const embedded: Question = {
  name: 'embedded',
  goals: embeddedGoals,
  sizes: ['small'],
  async measure(contest) {
    const { clustered, peers } = contest.parts
    await contest.inTurns([
      async () => measureOurselves(contest),
      async () =>
        contest.store(PULSEDB, await peers.rust({ name: 'pulse', binary: 'bench_pulse' }), clustered, [LOAD, ...READ]),
      async () =>
        contest.store(VELESDB, await peers.rust({ name: 'veles', binary: 'bench_veles' }), clustered, [LOAD, ...READ]),
      async () => contest.store(HNSWLIB, await peers.python('hnsw.py'), clustered, [{ name: 'read' }]),
    ])
    await contest.store(OURSELVES, contest.ourselves(), clustered, [{ name: 'empty' }])
  },
}

const measureOurselves = async (contest: Contest): Promise<void> => {
  const { clustered, folder } = contest.parts
  const load: Phase = { name: 'load', more: [folder] }
  const phases = [load, ...READ, { name: 'disk' }, { name: 'calls' }, { name: 'arrivals' }]
  await contest.store(OURSELVES, contest.ourselves(), clustered, phases)
}
