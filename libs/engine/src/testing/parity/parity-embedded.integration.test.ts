/** PulseDB's cases on a folder of this machine. */
import { openEmbeddedParityStore } from './embedded-parity-store.ts'
import { parityContract } from './parity.contract.ts'

parityContract('embedded', openEmbeddedParityStore)
