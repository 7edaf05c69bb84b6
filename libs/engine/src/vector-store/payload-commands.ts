/** Decisions about payloads. */
import type { Deciders } from '../command/decider.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const payloadDeciders: Pick<Deciders, 'payloads.store' | 'payloads.delete' | 'payloads.flush'> = {
  'payloads.store': notBuilt,
  'payloads.delete': notBuilt,
  'payloads.flush': notBuilt,
}
