/** How the suite of the interface gets at a store, whatever stands behind it. */
import type { Embedder } from '@waggle/embedding'
import { afterAll, beforeAll } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { CollectiveInput } from '../inputs.ts'
import type { Waggle } from '../waggle.ts'

/** How a store is opened again; what is absent is as it was at first. */
export interface ReopenOptions {
  /** Another tenant of this store. Where stores are told apart by tenants it stands for one that no other store has. */
  readonly tenant?: string
  readonly embedders?: readonly Embedder[]
  readonly timeoutMs?: number
}

/** One store of the suite's own. */
export interface StoreUnderTest {
  readonly waggle: Waggle
  /** Closes what is open and opens what is stored, as after a restart. */
  reopen(options?: ReopenOptions): Promise<Waggle>
  /** Closes whatever is open and removes all traces. */
  dispose(): Promise<void>
}

export type OpenStore = () => Promise<StoreUnderTest>

/** In what the faces differ by contract. */
export interface Abilities {
  /**
   * Writes that one client sends at once happen in the order in which it sent them: there is but one way to the store.
   */
  readonly keepsSendingOrder: boolean
  /** Over how many shards the collectives are spread, each with limits of its own. */
  readonly shards: number
}

/** Opens a store for one test and removes it afterwards. */
export const withStore = async (open: OpenStore, test: (store: StoreUnderTest) => Promise<void>): Promise<void> => {
  const store = await open()
  try {
    await test(store)
  } finally {
    await store.dispose()
  }
}

/** A store that the tests of one `describe` share, each with collectives of its own. */
export interface SharedStore {
  readonly waggle: Waggle
  /** A new collective, by default of `DIMENSION`. */
  collective(input?: Partial<CollectiveInput>): Promise<CollectiveHandle>
}

/** Components of the suite's vectors where a test needs no others. */
export const DIMENSION = 4

/** Registers the hooks that open the store before the tests of a `describe` and remove it after them. */
export const sharedStore = (open: OpenStore): SharedStore => {
  let store: StoreUnderTest | undefined
  let count = 0
  beforeAll(async () => {
    store = await open()
  })
  afterAll(async () => {
    await store?.dispose()
  })
  return {
    get waggle() {
      if (store === undefined) throw new Error('the store is open only while the tests run')
      return store.waggle
    },
    async collective(input = {}) {
      count += 1
      return this.waggle.createCollective({ name: `collective ${count}`, dimension: DIMENSION, ...input })
    },
  }
}
