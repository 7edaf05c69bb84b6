/**
 * The contracts that Waggle keeps: whose published cases there are, in which chapter of the documentation the others
 * are accounted for, and which suites bear the cases' names, by the store that each runs on.
 */
import { casesByFile, casesNamedAfter } from './titles.mjs'

/** One suite over the SDK's interface for all three: on a folder of this machine, and on a whole cluster. */
const interfaceSuites = {
  embedded: ['libs/embedded/src/stores.parity.integration.test.ts'],
  cluster: ['libs/local-cluster/src/stores.parity.integration.test.ts'],
}

const namedContract = (name, title) => ({ name, title, suites: interfaceSuites, casesOfTitle: casesNamedAfter(name) })

export const contracts = [
  {
    name: 'pulsedb',
    title: 'PulseDB',
    suites: {
      'in memory': [
        'libs/engine/src/testing/parity/parity-in-memory.test.ts',
        'libs/engine/src/storage-port/engine-storage.test.ts',
      ],
      embedded: [
        'libs/engine/src/testing/parity/parity-embedded.integration.test.ts',
        'libs/engine/src/storage-port/engine-storage.integration.test.ts',
      ],
      JetStream: [
        'libs/cluster/src/log/parity.integration.test.ts',
        'libs/cluster/src/log/storage-engine.integration.test.ts',
      ],
    },
    casesOfTitle: casesByFile,
  },
  namedContract('exoware', 'Exoware'),
  namedContract('mentedb', 'MenteDB'),
  namedContract('velesdb', 'VelesDB'),
]
