import { waggleContract } from '@waggle/sdk/testing'
import { openEmbeddedStore } from './testing/embedded-store.ts'

waggleContract('an embedded store', openEmbeddedStore, { keepsSendingOrder: true, shards: 1 })
