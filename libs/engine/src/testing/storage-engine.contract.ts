/**
 * What every store under PulseDB's storage port keeps: one case for each of its methods and each convention of its
 * contract. Titles name the original's own unit tests (`redb::…`, `sync_foundation::…`) where the behaviour is theirs;
 * where ours differs on purpose, the title says what the original does.
 */
import { afterAll, beforeAll, describe } from 'vitest'
import { activityContract } from './storage/activity.contract.ts'
import { changeLogContract } from './storage/change-log.contract.ts'
import { collectiveContract } from './storage/collective.contract.ts'
import { experienceContract } from './storage/experience.contract.ts'
import { experienceListContract } from './storage/experience-list.contract.ts'
import { insightContract } from './storage/insight.contract.ts'
import { lifecycleContract } from './storage/lifecycle.contract.ts'
import { modelContract } from './storage/model.contract.ts'
import { relationContract } from './storage/relation.contract.ts'
import { eachCase, type StorageStore } from './storage/storage-store.ts'
import { syncContract } from './storage/sync.contract.ts'

export interface StorageSubject {
  readonly open: () => Promise<StorageStore>
  /** Sequences of random commands to try. */
  readonly runs: number
}

export const storageEngineContract = (name: string, { open, runs }: StorageSubject): void => {
  describe(`StorageEngine contract: ${name}`, () => {
    let store: StorageStore
    beforeAll(async () => {
      store = await open()
    })
    afterAll(() => store.dispose())
    const given = eachCase(() => store)

    lifecycleContract(given)
    collectiveContract(given)
    experienceContract(given)
    experienceListContract(given)
    relationContract(given)
    insightContract(given)
    activityContract(given)
    changeLogContract(given)
    syncContract(given)
    modelContract(given, runs)
  })
}
