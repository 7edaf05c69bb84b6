/**
 * Every metric that the processes of a cluster publish: names are kept for good, like those of faults.
 * `docs/observability.md` lists them, and dashboards and alerts are checked against them.
 *
 * Labels: `op` is an operation of the interface, `code` a fault's or `OK`, `shard` the number of a shard.
 */
import type { AnyMetricDeclaration, CounterDeclaration, GaugeDeclaration, HistogramDeclaration } from '@waggle/kernel'

const counter = <const Label extends string = never>(
  name: string,
  help: string,
  labels: readonly Label[] = [],
): CounterDeclaration<Label> => ({ kind: 'counter', name, unit: unitOf(name), help, labels })

const gauge = <const Label extends string = never>(
  name: string,
  help: string,
  labels: readonly Label[] = [],
): GaugeDeclaration<Label> => ({ kind: 'gauge', name, unit: unitOf(name), help, labels })

const histogram = <const Label extends string = never>(
  name: string,
  bounds: readonly number[],
  help: string,
  labels: readonly Label[] = [],
): HistogramDeclaration<Label> => ({ kind: 'histogram', name, unit: unitOf(name), help, labels, bounds })

/** Names carry their base unit. */
const unitOf = (name: string): AnyMetricDeclaration['unit'] => {
  const [, unit] = /_(seconds|bytes|ratio)(_total)?$/.exec(name) ?? []
  return unit === undefined ? '' : ({ seconds: 's', bytes: 'By', ratio: '1' } as const)[unit as 'seconds']
}

/** A request takes 1 ms where nothing is in its way, and up to its own time limit. */
const REQUEST_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** From a server on the same machine to one that elects its leader. */
const APPEND_SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10]
/** A handover takes some ten milliseconds, a take-over from a leader that is silent a little over 2 s. */
const HANDOFF_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60]
const DELAY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const CANDIDATES = [10, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000]
const ENTRIES = [0, 1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576]

export const metricTable = {
  requests: counter('waggle_requests_total', 'Answers that clients were given, counted where they were made.', [
    'op',
    'code',
  ]),
  requestDuration: histogram(
    'waggle_request_duration_seconds',
    REQUEST_SECONDS,
    'From a request’s arrival at whoever answers it to its answer; requests that wait for changes are left out.',
    ['op'],
  ),
  quotaRejections: counter('waggle_quota_rejections_total', 'Requests refused by a quota of their tenant.', ['quota']),
  dedupHits: counter('waggle_dedup_hits_total', 'Writes that were answered with what their key was answered before.'),
  logAppendDuration: histogram(
    'waggle_log_append_duration_seconds',
    APPEND_SECONDS,
    'From the publishing of a record to the moment it is in the log and in the state.',
  ),
  appliedSequence: gauge('waggle_applied_sequence', 'Newest record that a replica has applied.', ['shard']),
  applyLag: gauge('waggle_apply_lag_entries', 'Records that the leader has applied and this replica has not.', [
    'shard',
  ]),
  mailbox: gauge('waggle_mailbox_entries', 'Writes that wait at a leader for their turn.', ['shard']),
  shardOwner: gauge('waggle_shard_owner', '1 where this process leads the shard, 0 where it follows.', ['shard']),
  shardHalted: gauge('waggle_shard_halted', '1 where the replica has halted and an operator is needed.', ['shard']),
  handoffDuration: histogram(
    'waggle_handoff_duration_seconds',
    HANDOFF_SECONDS,
    'From the last word of a leader to the moment its successor serves; told by the successor.',
  ),
  snapshotAge: gauge('waggle_snapshot_age_seconds', 'Since the newest verified checkpoint was known of, at leaders.', [
    'shard',
  ]),
  logBytes: gauge('waggle_log_bytes', 'What the stream of a shard takes; told by its leader.', ['shard']),
  logLimitBytes: gauge('waggle_log_limit_bytes', 'What it may take; writes are refused above 90 %.', ['shard']),
  diskFreeBytes: gauge('waggle_disk_free_bytes', 'Free on the disk with the states of this process.'),
  diskLimitBytes: gauge('waggle_disk_limit_bytes', 'Size of that disk.'),
  indexVectors: gauge('waggle_index_vectors', 'Vectors of the indexes that are in memory.'),
  indexBytes: gauge('waggle_index_bytes', 'Memory of all indexes; it is bounded.'),
  indexRecall: gauge('waggle_index_recall_ratio', 'Least recall that a graph in use was measured to have.'),
  searchCandidates: histogram('waggle_search_candidates', CANDIDATES, 'Vectors that a search had to choose from.'),
  watchSubscribers: gauge('waggle_watch_subscribers', 'Requests that wait for changes.'),
  watchLag: histogram(
    'waggle_watch_lag_entries',
    ENTRIES,
    'Records between a watcher’s place and the newest applied one, when it asks.',
  ),
  routerKept: gauge('waggle_router_kept_requests', 'Requests that were forwarded or wait for a leader.'),
  routerKeptBytes: gauge('waggle_router_kept_bytes', 'What keeping them takes; beyond 64 MB the router is busy.'),
  routerPolls: gauge('waggle_router_polls', 'Requests that wait for changes, kept apart from the others.'),
  routerFanOuts: gauge('waggle_router_fan_outs', 'Requests to every shard that are under way.'),
  routerLeaderless: gauge('waggle_router_leaderless_shards', 'Shards of which this router hears no leader.'),
  routerEvents: counter('waggle_router_events_total', 'What a router has done, by kind.', ['kind']),
  compactorActive: gauge('waggle_compactor_active', '1 where this compactor has the role.'),
  logPurged: counter('waggle_log_purged_records_total', 'Records purged from logs below their horizons.'),
  journalPruned: counter('waggle_journal_pruned_rows_total', 'Rows of journals pruned by their age.'),
  natsConnected: gauge('waggle_nats_connected', '1 while the connection stands.', ['connection']),
  natsReconnects: counter('waggle_nats_reconnects_total', 'Times that a connection was lost and came back.', [
    'connection',
  ]),
  eventLoopDelay: histogram(
    'waggle_event_loop_delay_seconds',
    DELAY_SECONDS,
    'How late a timer was that asks ten times a second.',
  ),
  buildInfo: gauge('waggle_build_info', '1; what runs.', ['service', 'version']),
  processCpu: counter('process_cpu_seconds_total', 'Processor time of the process, user and system.'),
  processMemory: gauge('process_resident_memory_bytes', 'Resident memory of the process.'),
  processHeap: gauge('waggle_heap_bytes', 'JavaScript heap in use.'),
  processStart: gauge('process_start_time_seconds', 'When the process started, since the epoch.'),
} as const satisfies Readonly<Record<string, AnyMetricDeclaration>>
