/** PulseDB's published cases, each under its upstream file and name, on whatever executes operations. */
import { describe } from 'vitest'
import { activityParity } from './activity.parity.ts'
import { collectiveParity } from './collective.parity.ts'
import { contextParity } from './context.parity.ts'
import { energyParity } from './energy.parity.ts'
import { experienceParity } from './experience.parity.ts'
import { experienceTypesParity } from './experience-types.parity.ts'
import { faultsParity } from './faults.parity.ts'
import { insightParity } from './insight.parity.ts'
import { lifecycleParity } from './lifecycle.parity.ts'
import { runCases } from './parity-cases.ts'
import type { ParityStore } from './parity-store.ts'
import { pollingParity } from './polling.parity.ts'
import { readingParity } from './reading.parity.ts'
import { recentParity } from './recent.parity.ts'
import { relationParity } from './relation.parity.ts'
import { searchParity } from './search.parity.ts'
import { substrateParity } from './substrate.parity.ts'
import { untestedParity } from './untested.parity.ts'
import { validationParity } from './validation.parity.ts'
import { watchParity } from './watch.parity.ts'

const suites = {
  activityParity,
  collectiveParity,
  contextParity,
  experienceParity,
  insightParity,
  lifecycleParity,
  pollingParity,
  readingParity,
  recentParity,
  relationParity,
  searchParity,
  substrateParity,
  watchParity,
  energyParity,
  experienceTypesParity,
  faultsParity,
  validationParity,
  untestedParity,
}

/** @param name of the store, as `npm run parity` prints it */
export const parityContract = (name: string, open: () => Promise<ParityStore>): void => {
  describe(`PulseDB parity: ${name}`, () => {
    // A store for each: where opening again replays the log, it replays what the suite itself has written.
    for (const [suiteName, suite] of Object.entries(suites)) runCases(suiteName, open, suite)
  })
}
