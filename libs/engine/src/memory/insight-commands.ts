/** Decisions about insights. */
import type { Deciders } from '../command/decider.ts'

export const insightDeciders: Pick<Deciders, 'insight.store' | 'insight.delete'> = {
  'insight.store': () => {
    throw notBuilt()
  },
  'insight.delete': () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
