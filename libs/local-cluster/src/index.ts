export type { ClusterChild } from './cluster-folder.ts'
export { localClusterFaultCatalogue } from './errors.ts'
export { startLocalCluster, type LocalCluster, type LocalClusterOptions } from './local-cluster.ts'
export { findOperatorAccess, type OperatorAccess } from './registry.ts'
