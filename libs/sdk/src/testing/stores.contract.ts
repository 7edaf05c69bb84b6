/** What the interface promises of keys, vectors, payloads and pages on every face: run it over each. */
import { describe } from 'vitest'
import { keyFamiliesContract } from './key-families.contract.ts'
import { keysContract } from './keys.contract.ts'
import { pagesContract } from './pages.contract.ts'
import { payloadsContract } from './payloads.contract.ts'
import type { OpenStore } from './store-under-test.ts'
import { subscriptionsContract } from './subscriptions.contract.ts'
import { vectorsContract } from './vectors.contract.ts'

/** @param open opens a store of the test's own, empty */
export const storesContract = (name: string, open: OpenStore): void => {
  describe(name, () => {
    keysContract(open)
    keyFamiliesContract(open)
    subscriptionsContract(open)
    vectorsContract(open)
    payloadsContract(open)
    pagesContract(open)
  })
}
