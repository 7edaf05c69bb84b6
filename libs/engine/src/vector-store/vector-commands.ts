/** Decisions about vectors. */
import type { Deciders } from '../command/decider.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const vectorDeciders: Pick<
  Deciders,
  'vectors.store' | 'vectors.delete' | 'vectors.flush' | 'vectors.configure'
> = {
  'vectors.store': notBuilt,
  'vectors.delete': notBuilt,
  'vectors.flush': notBuilt,
  'vectors.configure': notBuilt,
}
