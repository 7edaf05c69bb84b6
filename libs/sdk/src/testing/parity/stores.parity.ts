/**
 * The published cases of Exoware's batch store, VelesDB's vector and payload storage and MenteDB's page store, each
 * under its contract and name, over the public interface.
 */
import { keyPrefixParity } from './key-prefix.parity.ts'
import { keyPruneParity } from './key-prune.parity.ts'
import { keyRangeParity } from './key-range.parity.ts'
import { keyReduceParity } from './key-reduce.parity.ts'
import { keyRetentionParity } from './key-retention.parity.ts'
import { keySequenceParity } from './key-sequence.parity.ts'
import { keySubscribeParity } from './key-subscribe.parity.ts'
import { pageParity } from './page.parity.ts'
import { runCases } from './parity-cases.ts'
import type { OpenParityStore } from './parity-store.ts'
import { pointRecoveryParity } from './point-recovery.parity.ts'
import { pointStoringParity } from './point-storing.parity.ts'

const suites = [
  keyRangeParity,
  keySequenceParity,
  keyPruneParity,
  keyRetentionParity,
  keySubscribeParity,
  keyReduceParity,
  keyPrefixParity,
  pointStoringParity,
  pointRecoveryParity,
  pageParity,
]

/** @param name of the store, as `npm run parity` prints it */
export const storesParity = (name: string, open: OpenParityStore): void => {
  runCases(`the published cases of the stores: ${name}`, open, (it) => {
    for (const suite of suites) suite(it)
  })
}
