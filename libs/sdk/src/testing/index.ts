export { waggleContract } from './waggle.contract.ts'
export type { Abilities, OpenStore, ReopenOptions, StoreUnderTest } from './store-under-test.ts'
