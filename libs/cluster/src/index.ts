export { startCompactorNode, type CompactorNode, type CompactorNodeOptions } from './compactor/compactor-node.ts'
export { type ClusterEntry } from './directory/cluster-entry.ts'
export { Directory, type ClusterOptions, type DirectoryParts } from './directory/directory.ts'
export { type ShardLog } from './directory/shard-entry.ts'
export { clusterFault, clusterFaultCatalogue } from './errors.ts'
export { type LeaseHolder } from './lease/lease-holder.ts'
export {
  leaseHolder,
  takeLease,
  type Lease,
  type LeaseLoss,
  type LeaseParts,
  type LeaseRequest,
  type LeaseTaking,
} from './lease/lease.ts'
export { JetStreamLog, type JetStreamLogParts, type LogStatus } from './log/jetstream-log.ts'
export { connectNode, type NodeConnectionOptions } from './nats/connection.ts'
export { headerOf, headersOf } from './nats/headers.ts'
export { jetStreamAccess, type JetStreamAccess } from './nats/jetstream-access.ts'
export { type Bucket, type BucketEntry, type BucketWrite } from './nats/jetstream-bucket.ts'
export { registerService, type MicroService, type ServiceEndpoint, type ServiceName } from './nats/micro-service.ts'
export { decodeSettings, INDEX_BYTES_MAX_DEFAULT, type EngineSettings } from '@waggle/engine'
export { LOG_BYTES_MAX_DEFAULT } from './log/stream-config.ts'
export { type ShardNode } from './node/shard-node.ts'
export { startShardNode, type ShardNodeOptions } from './nats/shard-service.ts'
export { startRouter, type RouterOptions, type RunningRouter } from './nats/router-service.ts'
export { Compactor, type CompactorParts } from './compactor/compactor.ts'
export type { DiskRoom, NodeDisk } from './disk/node-disk.ts'
export type { Bus, BusMessage, BusPublishing, BusSubscribing, BusSubscription } from './nats/bus.ts'
export type { Outbox } from './router/outbox.ts'
export {
  decodeTenantLimits,
  rateLimitNames,
  type Limits,
  type RateLimits,
  type TenantLimits,
} from './quota/tenant-limits.ts'
export type { Incoming } from './router/incoming.ts'
export { Router, type RouterParts } from './router/router.ts'
export { runShardNode, type ShardNodeParts } from './node/shard-node.ts'
export type { CheckpointShelf, ShelvedObject } from './checkpoint/checkpoint-shelf.ts'
