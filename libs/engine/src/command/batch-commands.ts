/** Several commands of one collective, all or none. */
import type { Deciders } from '../command/decider.ts'

export const batchDeciders: Pick<Deciders, 'batch.commit'> = {
  'batch.commit': () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
