export { waggleContract } from './waggle.contract.ts'
export type { OpenStore, ReopenOptions, StoreUnderTest } from './store-under-test.ts'
