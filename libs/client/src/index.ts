// The interface comes along, so that whoever connects can name what it gives and catch what it throws.
export {
  CollectiveHandle,
  Fault,
  isFault,
  type CallOptions,
  type Collective,
  type CollectiveInput,
  type CollectiveStats,
  type Embedder,
  type EmbeddingInput,
  type Experience,
  type ExperienceInput,
  type ExperienceKind,
  type ExperienceType,
  type FaultKind,
  type FilterInput,
  type ListInput,
  type PatchInput,
  type RecentInput,
  type RestoreInput,
  type SearchHit,
  type SearchInput,
  type WriteOptions,
  type Written,
} from '@waggle/sdk'
export { connectCaller } from './cluster-caller.ts'
export type { CallerOptions, ConnectOptions, ServerOptions, TlsOptions } from './connect-options.ts'
export { connectOperator, type Operator } from './operator.ts'
export { Waggle } from './waggle.ts'
