/** PulseDB's cases on the in-memory log. */
import { openMemoryParityStore } from './memory-parity-store.ts'
import { parityContract } from './parity.contract.ts'

parityContract('in memory', openMemoryParityStore)
