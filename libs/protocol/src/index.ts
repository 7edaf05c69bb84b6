import * as limits from './limits.ts'

export type { Activity, NewActivity } from './activity.ts'
export { isGeneration, type Address, type Generation, type Sequence } from './address.ts'
export {
  decodeClusterMessage,
  encodeClusterMessage,
  type ClusterMessage,
  type CompactorBeat,
  type NodeBeat,
  type ReplicaBeat,
  type RouterId,
  type ShardAlarm,
  type ShardBeat,
} from './cluster/beats.ts'
export {
  durabilities,
  isDurability,
  judgeDurability,
  type Durability,
  type DurabilityChoice,
  type DurabilityJudgement,
  type ServerFacts,
} from './cluster/durability.ts'
export { decodeForwarded, encodeForwarded, FORWARDED_HEADER, type Forwarded } from './cluster/forwarded.ts'
export {
  decodeInternalRequest,
  decodeMoveHorizonReply,
  decodePruneJournalsReply,
  decodeTakeCheckpointReply,
  encodeInternalRequest,
  INTERNAL_HEADER,
  type InternalRequest,
  type MoveHorizon,
  type MoveHorizonResult,
  type PruneJournals,
  type PruneJournalsResult,
  type TakeCheckpoint,
  type TakeCheckpointResult,
} from './cluster/internal.ts'
export { commandOf, OPERATOR_HEADER, type OperatorCommand } from './cluster/operator-command.ts'
export {
  internalPermissions,
  operatorPermissions,
  systemPermissions,
  tenantPermissions,
  tenantRoles,
  wholeTenantPermissions,
  type Permissions,
  type SubjectRights,
  type TenantRole,
} from './cluster/permissions.ts'
export {
  decodeReply,
  encodeFault,
  encodeReply,
  FAULT_NUMBER_HEADER,
  FAULT_TEXT_HEADER,
  type EncodedReply,
} from './cluster/reply.ts'
export { ServerPool, type PooledConnection } from './cluster/server-pool.ts'
export {
  ALARM_SUBJECTS,
  alarmSubject,
  API_SUBJECTS,
  apiSubject,
  BEAT_SUBJECTS,
  beatSubject,
  commandSubject,
  COMPACTOR_BEAT_SUBJECTS,
  COMPACTOR_COMMAND_SUBJECTS,
  compactorBeatSubject,
  compactorCommandSubject,
  inboxPrefix,
  internalInboxPrefix,
  internalRoles,
  isClientInbox,
  isInternalInbox,
  isOwnInbox,
  liveSubject,
  logSubject,
  NODE_BEAT_SUBJECTS,
  NODE_COMMAND_SUBJECTS,
  nodeBeatSubject,
  nodeCommandSubject,
  nodePulseSubject,
  parseApiSubject,
  READ_SUBJECTS,
  readSubject,
  REPLICA_BEAT_SUBJECTS,
  replicaBeatSubject,
  ROUTER_QUEUE,
  SYSTEM_TENANT,
  systemInboxPrefix,
  upkeepSubject,
  type ApiAddress,
  type InternalRole,
} from './cluster/subjects.ts'
export {
  changeEntities,
  changeKinds,
  type Change,
  type ChangeEntity,
  type ChangeFilter,
  type ChangeKind,
} from './change.ts'
export {
  orderEncodings,
  type KeyEntry,
  type KeyFrame,
  type KeySelector,
  type KeysScope,
  type KeyValue,
  type LargeValue,
  type OrderEncoding,
  type PruneJob,
  type PrunePolicy,
  type Retain,
  type ValueFilter,
} from './batch-store.ts'
export { decodeBody, encodeBody, encodingOf, type Body, type Encoding } from './codec/body.ts'
export { isJsonWithin } from './codec/json-structure.ts'
export { decodeForeignMessagePack, decodeMessagePack, encodeMessagePack, useMessagePack } from './codec/message-pack.ts'
export type { Collective, CollectiveId, CollectiveStats, TenantId, TenantUsage } from './collective.ts'
export { collectiveIdOfKey, collectiveIdOfName, collectiveIdsOfName } from './collective-id.ts'
export { DECAY_DEFAULT, type DecayConfig, type RecallWeights } from './decay.ts'
export { fault, faultCatalogue, type FaultCode } from './errors.ts'
export {
  experienceKinds,
  severities,
  type Experience,
  type ExperienceFilter,
  type ExperienceId,
  type ExperienceKind,
  type ExperiencePatch,
  type ExperienceType,
  type NewExperience,
  type RestoredExperience,
  type Severity,
} from './experience.ts'
export {
  insightTypes,
  type Insight,
  type InsightHit,
  type InsightId,
  type InsightType,
  type NewInsight,
  type RestoredInsight,
} from './insight.ts'
export { limits }
export { metricTable } from './metric-table.ts'
export {
  cutPayload,
  decodeEntries,
  decodeRecord,
  encodeEntry,
  encodeRecord,
  GENESIS_TIP,
  joinEntries,
  RECORD_FORMAT,
  type EncodedRecord,
  type Epoch,
  type LogEntry,
  type LogEvent,
  type LogRecord,
  type LogResult,
  type RecordDefect,
  type Tip,
} from './log-record.ts'
export { decayConfig as decodeDecay } from './operations/experience-fields.ts'
export { decodeKeyEntries } from './operations/keys.ts'
export type { BatchCommand, BatchCommandName } from './operations/batch.ts'
export type { BuiltOperation, OperationClass } from './operations/operation.ts'
export {
  builtOperation,
  decodeRequest,
  decodeSystemRequest,
  type DecodedRequest,
  type RequestOptions,
} from './operations/request.ts'
export type { RegisteredCursorItem, ResultOf, Results } from './operations/results.ts'
export { storedRecord, type StoredRecordName } from './operations/stored-records.ts'
export {
  isCommandName,
  isNodeCommandName,
  nodeCommandNames,
  type CommandName,
  type NodeCommandName,
  type StateName,
} from './operations/system.ts'
export type {
  AnsweredBy,
  CheckpointListed,
  CheckpointStatus,
  CheckpointTaken,
  CompactorStatus,
  FollowerStatus,
  HorizonMoved,
  LogStatus,
  NodeStatus,
  OfShard,
  ShardStatus,
  SystemResultOf,
  SystemResults,
  CheckpointPiece,
  RestoreLook,
  RestoreStatus,
} from './operations/system-results.ts'
export {
  isOperationName,
  isPollName,
  isSequencedName,
  isSystemName,
  isWriteName,
  operations,
  writeNames,
  type BuiltName,
  type OperationName,
  type PollName,
  type ReadName,
  type RequestOf,
  type SystemName,
  type SystemRequestOf,
  type WriteName,
} from './operations/table.ts'
export {
  memoryTypes,
  pageKinds,
  type AttributeValue,
  type MemoryNode,
  type MemoryType,
  type PageKind,
  type PageNumber,
} from './page-store.ts'
export { fnv1a32 } from './fnv1a32.ts'
export { partition } from './partition.ts'
export {
  fieldKinds,
  floatTexts,
  skipReasons,
  type Bounds,
  type Constraint,
  type Expression,
  type FieldKind,
  type FieldRef,
  type FloatBound,
  type FloatText,
  type FloatValue,
  type KeyFieldRef,
  type Operands,
  type Predicate,
  type ReducedGroup,
  type ReducedValue,
  type ReducedValues,
  type ReduceParams,
  type Reducer,
  type Reduction,
  type SkipReason,
  type ValueFieldRef,
  type ZOrderKeyFieldRef,
} from './reduce.ts'
export {
  relationDirections,
  relationTypes,
  type NewRelation,
  type Related,
  type Relation,
  type RelationDirection,
  type RelationId,
  type RelationPath,
  type RelationType,
  type RestoredRelation,
} from './relation.ts'
export { checkActivity, checkActivityAgent } from './rules/activity-rules.ts'
export { decimalBytes, decimalOf } from './rows/decimal.ts'
export { decodeKeyField, encodeKeyField, keyFieldWidth } from './rows/key-fields.ts'
export {
  DECIMAL_BYTES,
  isInRange,
  isWholeKind,
  kindOf,
  numberOfFloat,
  reducedValue,
  scalarOf,
  type Scalar,
  type WholeKind,
} from './rows/scalar.ts'
export {
  columnsOf,
  decodeStoredRow,
  encodeStoredRow,
  RowReader,
  TAG,
  type StoredColumn,
  type StoredValue,
} from './rows/stored-row.ts'
export { bitPositions, gatherBits, interleaveKeyFields } from './rows/z-order.ts'
export { checkDecay, checkWeights } from './rules/decay-rules.ts'
export { checkSearch } from './rules/search-rules.ts'
export { checkNewExperience, checkPatch, checkVector } from './rules/experience-rules.ts'
export { checkDimension, checkFinite } from './rules/point-rules.ts'
export { checkNewInsight, checkRestoredInsight } from './rules/insight-rules.ts'
export { checkNewRelation } from './rules/relation-rules.ts'
export { contentTooLarge, invalidField, requiredField, tooManyItems } from './schema/decoder.ts'
export { base64Of, bytes as bytesDecoder } from './schema/bytes.ts'
export { float32Bytes, float32FromBytes } from './schema/embedding.ts'
export { jsonTextOf } from './schema/json-value.ts'
export { isMap } from './schema/map.ts'
export { excerpt } from './schema/unicode.ts'
export { NEIGHBOURS_DEFAULT, type Neighbours, type SearchHit, type SearchParts, type SearchWeights } from './search.ts'
export { DEFAULT_TENANT, decodeTenant } from './tenant.ts'
export { TEXT_LANGUAGE_DEFAULT, TEXT_LANGUAGES, type TextLanguage } from './text-language.ts'
export {
  decodeListCursor,
  decodeToken,
  decodeTokens,
  encodeListCursor,
  encodeToken,
  encodeTokens,
  generationFrom,
  listNumber,
  type ListCursor,
  type Token,
} from './token.ts'
export type { StoredPayload } from './operations/json-payload.ts'
export type { Int64Text } from './int64.ts'
export type { Uint64Text } from './uint64.ts'
export {
  comparisons,
  vectorDurabilities,
  vectorMetrics,
  type Comparison,
  type Json,
  type PayloadFilter,
  type ScoredVector,
  type VectorDurability,
  type VectorMetric,
} from './vector-store.ts'
export {
  collectiveNumber,
  decodeWatchCursor,
  encodeWatchCursor,
  endOfBatch,
  journalNames,
  type JournalName,
  type WatchCursor,
} from './watch-cursor.ts'
