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
  Json,
  MemoryNode,
  Neighbours,
  PayloadFilter,
  Related,
  Relation,
  RelationDirection,
  RelationPath,
  RelationType,
  SearchHit,
  SearchParts,
  SearchWeights,
  Severity,
  TenantUsage,
  TextLanguage,
  VectorDurability,
  VectorMetric,
} from '@waggle/protocol'
export type { ActivityHandle } from './activity-handle.ts'
export type { Caller, ReplyBody, RequestBody } from './caller.ts'
export type { Written } from './collective-call.ts'
export { CollectiveHandle, type BatchResults } from './collective-handle.ts'
export type { CursorSaved, CursorsHandle, SaveCursorOptions, SavedCursor } from './cursors-handle.ts'
export type {
  ActivityInput,
  BatchCommandInput,
  BytesInput,
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
  PointIdInput,
  RecentInput,
  RelatedInput,
  RelationInput,
  RestoreInput,
  RestoreInsightInput,
  RestoreManyInput,
  SearchInput,
  TimeInput,
} from './inputs.ts'
export type {
  JobOptions,
  KeyEntryInput,
  KeyMatchInput,
  KeyRangeInput,
  KeyReadOptions,
  KeySelectorInput,
  PrunePolicyInput,
  ReduceInput,
  RetainInput,
  SubscribeInput,
  ValueFilterInput,
} from './keys/key-inputs.ts'
export type { BatchContents } from './keys/key-batches.ts'
export type { KeySession } from './keys/key-session.ts'
export { KeySubscription, type KeyBatch } from './keys/key-subscription.ts'
export type { KeyWriteBatch } from './keys/key-write-batch.ts'
export type { KeysHandle, KeysStatus, KeysWritten } from './keys/keys-handle.ts'
export type { Pruned } from './keys/prune-jobs.ts'
export type { Reduced, ReducedScalars } from './keys/reduced.ts'
export type { MemoryInput, MemoryPlaceInput, PageScan } from './pages/page-inputs.ts'
export type { PagesHandle, PagesStatus } from './pages/pages-handle.ts'
export type { PayloadsHandle, PayloadsStatus } from './points/payloads-handle.ts'
export type { PayloadItemInput, VectorHit, VectorItemInput, VectorSearchInput } from './points/point-inputs.ts'
export type { VectorsHandle, VectorsStatus } from './points/vectors-handle.ts'
export type { Page } from './queries.ts'
export type { CallOptions, WriteOptions } from './session.ts'
export { Waggle, type WaggleParts } from './waggle.ts'
export { Watch, type Changes, type PollInput, type PollOptions, type WatchInput } from './watch.ts'
