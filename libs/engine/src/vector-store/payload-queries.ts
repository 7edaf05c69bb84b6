/** Reads of payloads. */
import type { Queries } from '../query/querier.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const payloadQueries: Pick<Queries, 'payloads.get' | 'payloads.ids' | 'payloads.status'> = {
  'payloads.get': notBuilt,
  'payloads.ids': notBuilt,
  'payloads.status': notBuilt,
}
