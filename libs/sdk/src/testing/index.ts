export { CutOffWatcher, cuts, type Cut, type CutOffWatcherParts, type Watched } from './cut-off-watcher.ts'
export { waggleContract } from './waggle.contract.ts'
export { storesParity } from './parity/stores.parity.ts'
export type { Abilities, OpenStore, ReopenOptions, StoreUnderTest } from './store-under-test.ts'
