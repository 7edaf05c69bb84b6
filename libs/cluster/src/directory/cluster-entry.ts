/** What is fixed when a cluster is created. */
export interface ClusterEntry {
  readonly shards: number
  readonly replicas: number
  readonly createdAtMs: number
}
