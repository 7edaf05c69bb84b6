/** Ourselves as a contestant: a program with the phases that every peer has, and some of its own. */
import { arrivalsPhase } from './arrivals.ts'
import { diskPhase } from './disk.ts'
import { emptyPhase } from './empty.ts'
import { loadPhase } from './load.ts'
import { callsPhase, openPhase, readPhase } from './read.ts'

const phases: ReadonlyMap<string, (store: string, workload: string, beside: string) => Promise<void>> = new Map(
  Object.entries({
    load: loadPhase,
    open: openPhase,
    read: readPhase,
    calls: callsPhase,
    disk: diskPhase,
    arrivals: arrivalsPhase,
    empty: emptyPhase,
  }),
)

/** @param args the phase, the store, the workload and a folder beside the store */
export const peersWaggle = async ([phase = '', store = '', workload = '', beside = '']: readonly string[]) => {
  const run = phases.get(phase)
  if (run === undefined) throw new Error(`there is no phase ${phase}`)
  await run(store, workload, beside)
}
