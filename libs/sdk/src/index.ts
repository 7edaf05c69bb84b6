export type { Embedder } from '@waggle/embedding'
export { Fault, isFault, type FaultBody, type FaultDetails, type FaultKind } from '@waggle/kernel'
export type {
  Activity,
  Change,
  ChangeEntity,
  ChangeKind,
  Collective,
  CollectiveStats,
  DecayConfig,
  Experience,
  ExperienceKind,
  ExperienceType,
  Insight,
  InsightHit,
  InsightType,
  RecallWeights,
  Related,
  Relation,
  RelationDirection,
  RelationPath,
  RelationType,
  SearchHit,
  Severity,
  TenantUsage,
} from '@waggle/protocol'
export type { ActivityHandle } from './activity-handle.ts'
export type { Caller, ReplyBody, RequestBody } from './caller.ts'
export type { Written } from './collective-call.ts'
export { CollectiveHandle, type BatchResults } from './collective-handle.ts'
export type { CursorsHandle, SavedCursor } from './cursors-handle.ts'
export type {
  ActivityInput,
  BatchCommandInput,
  ChangeFilterInput,
  ColdInput,
  CollectiveInput,
  CollectiveUpdateInput,
  ContextInput,
  EmbeddingInput,
  ExperienceInput,
  FilterInput,
  IncludeInput,
  InsightInput,
  InsightListInput,
  InsightSearchInput,
  ListInput,
  PageInput,
  PatchInput,
  PathsInput,
  RecentInput,
  RelatedInput,
  RelationInput,
  RestoreInput,
  RestoreInsightInput,
  RestoreManyInput,
  SearchInput,
  TimeInput,
} from './inputs.ts'
export type { Page } from './queries.ts'
export type { CallOptions, WriteOptions } from './session.ts'
export { Waggle, type WaggleParts } from './waggle.ts'
export { Watch, type Changes, type PollInput, type PollOptions, type WatchInput } from './watch.ts'
