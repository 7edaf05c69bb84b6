export type { Embedder } from '@waggle/embedding'
export { Fault, isFault, type FaultBody, type FaultDetails, type FaultKind } from '@waggle/kernel'
export type {
  Collective,
  CollectiveStats,
  Experience,
  ExperienceKind,
  ExperienceType,
  SearchHit,
  Severity,
} from '@waggle/protocol'
export type { Caller, ReplyBody, RequestBody } from './caller.ts'
export { CollectiveHandle, type Written } from './collective-handle.ts'
export type {
  CollectiveInput,
  EmbeddingInput,
  ExperienceInput,
  FilterInput,
  IncludeInput,
  ListInput,
  PatchInput,
  RecentInput,
  RestoreInput,
  SearchInput,
  TimeInput,
} from './inputs.ts'
export type { CallOptions, WriteOptions } from './session.ts'
export { Waggle, type WaggleParts } from './waggle.ts'
