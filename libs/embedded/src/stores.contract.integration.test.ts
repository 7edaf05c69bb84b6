import { storesContract } from '@waggle/sdk/testing'
import { openEmbeddedStore } from './testing/embedded-store.ts'

storesContract('an embedded store', openEmbeddedStore)
