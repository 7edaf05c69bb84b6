/** Operations of the operators, on the subjects of `$sys`. They speak of a cluster as a whole and of no tenant. */
import { operation } from './operation.ts'

export const systemOperations = {
  'shard.list': operation('system', {}),
  'log.status': operation('system', {}),
  'node.list': operation('system', {}),
} as const
