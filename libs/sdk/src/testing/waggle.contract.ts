/**
 * What the interface promises on every face: run it over each. Titles name the promise of the design (P1…) or, where
 * a case has a counterpart in PulseDB's published suite, that one's name.
 */
import { describe } from 'vitest'
import { activitiesContract } from './activities.contract.ts'
import { badInputContract } from './bad-input.contract.ts'
import { batchContract } from './batch.contract.ts'
import { checkOrderContract } from './check-order.contract.ts'
import { collectiveUpdateContract } from './collective-update.contract.ts'
import { collectivesContract } from './collectives.contract.ts'
import { contextContract } from './context.contract.ts'
import { cursorsContract } from './cursors.contract.ts'
import { embeddingsContract } from './embeddings.contract.ts'
import { energyContract } from './energy.contract.ts'
import { experiencesContract } from './experiences.contract.ts'
import { filtersContract } from './filters.contract.ts'
import { historyContract } from './history.contract.ts'
import { hybridContract } from './hybrid.contract.ts'
import { idempotencyContract } from './idempotency.contract.ts'
import { insightsContract } from './insights.contract.ts'
import { isolationContract } from './isolation.contract.ts'
import { lifecycleContract } from './lifecycle.contract.ts'
import { lifetimesContract } from './lifetimes.contract.ts'
import { limitsContract } from './limits.contract.ts'
import { listsContract } from './lists.contract.ts'
import { relationsContract } from './relations.contract.ts'
import { restoreContract } from './restore.contract.ts'
import { searchContract } from './search.contract.ts'
import { statisticsContract } from './statistics.contract.ts'
import type { Abilities, OpenStore } from './store-under-test.ts'
import { tokensContract } from './tokens.contract.ts'
import { watchContract } from './watch.contract.ts'

/** @param open opens a store of the test's own, empty */
export const waggleContract = (name: string, open: OpenStore, abilities: Abilities): void => {
  describe(name, () => {
    collectivesContract(open, abilities)
    collectiveUpdateContract(open)
    experiencesContract(open)
    lifetimesContract(open)
    limitsContract(open)
    checkOrderContract(open)
    listsContract(open)
    filtersContract(open)
    searchContract(open)
    hybridContract(open)
    embeddingsContract(open)
    relationsContract(open)
    insightsContract(open)
    activitiesContract(open)
    energyContract(open)
    contextContract(open)
    batchContract(open)
    watchContract(open)
    cursorsContract(open)
    idempotencyContract(open)
    tokensContract(open)
    isolationContract(open)
    statisticsContract(open)
    restoreContract(open)
    historyContract(open, abilities)
    badInputContract(open)
    lifecycleContract(open)
  })
}
