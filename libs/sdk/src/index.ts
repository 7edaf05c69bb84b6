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
