/** Decisions about relations. */
import type { Deciders } from '../command/decider.ts'

export const relationDeciders: Pick<Deciders, 'relation.create' | 'relation.delete'> = {
  'relation.create': () => {
    throw notBuilt()
  },
  'relation.delete': () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
