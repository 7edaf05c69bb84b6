/**
 * A compactor: listens to the whole cluster, says up to where logs may be purged, has leaders prune their journals and
 * move the horizons of their logs, and purges the streams up to there. Of several one is active, by a lease; the others
 * listen and speak all the same, and are ready.
 *
 * M1  What it purges is decided by leaders, in the log (DESIGN K1): `log-pruning.ts`, `purge-step.ts`.
 * M2  Only the active one asks leaders for anything. Two that both think so do no harm, and neither does one that dies
 *     in the middle: what they ask for is decided by the leader, in the log.
 * M3  Losing the lease, the connection or a leader ends nothing: it goes on listening and tries again.
 */
import {
  silentMetrics,
  type CancelTimer,
  type Clock,
  type Counter,
  type IdSource,
  type Logger,
  type Metrics,
  type Random,
  type Timers,
} from '@waggle/kernel'
import {
  BEAT_SUBJECTS,
  compactorBeatSubject,
  compactorCommandSubject,
  decodeClusterMessage,
  decodePruneJournalsReply,
  encodeClusterMessage,
  judgeDurability,
  metricTable,
  NODE_BEAT_SUBJECTS,
  type CheckpointListed,
  type DurabilityChoice,
  type ServerFacts,
} from '@waggle/protocol'
import type { Lease, LeaseLoss, LeaseRequest, LeaseTaking } from '../lease/lease.ts'
import type { Bus, BusMessage, BusSubscription } from '../nats/bus.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import { LogLimit } from '../log-limit.ts'
import { ClusterView } from './cluster-view.ts'
import { askLeader } from './leader-question.ts'
import { LogPruning } from './log-pruning.ts'
import { LogUpkeep } from './log-upkeep.ts'
import { OperatorCommands } from './operator-commands.ts'
import { PruneSchedule, type AskOutcome, type Leader } from './prune-schedule.ts'
import { safePoints } from './safe-point.ts'

const LEASE_KEY = 'compactor'
const BEAT_PERIOD_MS = 1_000
const ASK_PERIOD_MS = 250
const SERVERS_PERIOD_MS = 10_000
/** What servers said is not repeated for longer than this when they say nothing more. */
const SERVERS_KEPT_MS = 60_000
const TAKE_LEASE_MS = 2_000
/** Between two attempts to become active, and up to 255 ms more. */
const STANDBY_PAUSE_MS = 1_000

export interface CompactorParts {
  /** With the rights of a compactor. */
  readonly connection: Bus
  /** Looks at the logs' streams, and purges them. */
  readonly streams: Pick<JetStreamAccess['manager']['streams'], 'info' | 'purge'>
  /** Asks the servers how they keep the logs; absent, they are not asked. @throws what the client throws */
  readonly readServers?: () => Promise<readonly ServerFacts[]>
  /** What the cluster was created with, as soon as that is known. */
  readonly cluster?: () => DurabilityChoice | undefined
  /** The verified checkpoints of a shard, newest first, for operators; absent: none is known of. @throws Fault */
  readonly checkpoints?: (shard: number) => Promise<readonly CheckpointListed[]>
  readonly takeLease: (request: LeaseRequest) => Promise<LeaseTaking>
  /** `[A-Za-z0-9_-]{1,64}`, another one for each compactor. */
  readonly name: string
  readonly pid: number
  /** Rows of journals that are older are pruned; milliseconds. */
  readonly journalKeepMs: number
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly ids: IdSource
  readonly logger: Logger
  /** Absent: nobody is told. */
  readonly metrics?: Metrics
}

export class Compactor {
  readonly #parts: CompactorParts
  readonly #view = new ClusterView()
  readonly #schedule = new PruneSchedule()
  readonly #pruning: LogPruning
  readonly #logs: LogUpkeep
  readonly #commands: OperatorCommands
  readonly #failures: LogLimit
  readonly #prunedRows: Counter
  readonly #subscriptions: readonly BusSubscription[]
  readonly #timers = new Map<string, CancelTimer>()
  readonly #seeking: Promise<void>
  #servers: { readonly facts: readonly ServerFacts[]; readonly heardMs: number } = { facts: [], heardMs: -Infinity }
  #durabilitySaid: string | undefined
  #lease: Lease | undefined
  #stopped = false
  #stop: () => void = () => undefined
  readonly #stopping = new Promise<'stopped'>((resolve) => (this.#stop = () => resolve('stopped')))
  /** Ends the pause under way. */
  #wake: () => void = () => undefined

  /** Listens and speaks from now on. */
  constructor(parts: CompactorParts) {
    this.#parts = parts
    this.#failures = new LogLimit(parts.clock)
    const { connection, streams, timers, logger, metrics = silentMetrics } = parts
    this.#prunedRows = metrics.counter(metricTable.journalPruned, {})
    metrics.observe(metricTable.compactorActive, () => [{ labels: {}, value: this.isActive ? 1 : 0 }])
    this.#pruning = new LogPruning({ connection, streams, timers, logger, metrics, mayGoOn: () => this.isActive })
    this.#logs = new LogUpkeep({
      ...{ connection, pruning: this.#pruning, logger },
      nowMs: () => this.#nowMs(),
      report: (message, facts) => this.#report(message, facts),
    })
    this.#commands = this.#operatorCommands()
    this.#subscriptions = this.#listen()
    this.#every('beat', BEAT_PERIOD_MS, () => this.#speak())
    this.#every('ask', ASK_PERIOD_MS, () => this.#askLeaders())
    const { readServers } = parts
    if (readServers !== undefined) this.#every('servers', SERVERS_PERIOD_MS, () => void this.#hearServers(readServers))
    this.#seeking = this.#seekRole()
  }

  get isActive(): boolean {
    return this.#lease !== undefined && this.#lease.deadlineMs() > this.#nowMs()
  }

  /** Lets go of the lease, so that another need not wait for its end, and says so. The connections stay open. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#stop()
    this.#wake()
    for (const cancel of this.#timers.values()) cancel()
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
    await this.#seeking
    this.#speak()
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs()
  }

  /** Now, and again and again until the compactor is stopped. */
  #every(name: string, periodMs: number, act: () => void): void {
    act()
    this.#timers.set(
      name,
      this.#parts.timers.after(periodMs, () => {
        if (!this.#stopped) this.#every(name, periodMs, act)
      }),
    )
  }

  #operatorCommands(): OperatorCommands {
    const { connection, name: node, pid, clock, timers, logger, checkpoints = () => Promise.resolve([]) } = this.#parts
    return new OperatorCommands({
      ...{ connection, node, pid, clock, timers, logger, checkpoints, pruning: this.#pruning, view: this.#view },
      isActive: () => this.isActive,
    })
  }

  #listen(): readonly BusSubscription[] {
    const { connection, name } = this.#parts
    const hear = (subject: string, take: (message: BusMessage) => void): BusSubscription =>
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (error === null) take(message)
        },
      })
    return [
      hear(compactorCommandSubject(name), (message) => this.#commands.take(message)),
      hear(BEAT_SUBJECTS, ({ data }) => {
        const beat = decodeClusterMessage('shard', data)
        if (beat !== undefined) this.#view.hearShard(beat, this.#nowMs())
      }),
      hear(NODE_BEAT_SUBJECTS, ({ data }) => {
        const beat = decodeClusterMessage('node', data)
        if (beat !== undefined) this.#view.hearNode(beat, this.#nowMs())
      }),
    ]
  }

  #speak(): void {
    const { connection, name, pid } = this.#parts
    if (connection.isClosed()) return
    const nowMs = this.#nowMs()
    const servers = nowMs - this.#servers.heardMs <= SERVERS_KEPT_MS ? this.#servers.facts : []
    const active = this.isActive
    const choice = this.#parts.cluster?.()
    connection.publish(
      compactorBeatSubject(name),
      encodeClusterMessage({
        ...{ kind: 'compactor', compactor: name, pid, active, servers },
        safePoints: safePoints(this.#view, nowMs),
        ...(choice === undefined ? {} : { durability: { durability: choice.durability, replicas: choice.replicas } }),
      }),
    )
  }

  async #hearServers(read: () => Promise<readonly ServerFacts[]>): Promise<void> {
    try {
      const facts = await read()
      if (facts.length === 0) return
      this.#servers = { facts, heardMs: this.#nowMs() }
      this.#judgeDurability(facts)
    } catch (error) {
      this.#report('the servers tell nothing of themselves', { reason: String(error) })
    }
  }

  /** Says what an acknowledgement means here: at the start, and whenever that changes. */
  #judgeDurability(facts: readonly ServerFacts[]): void {
    const choice = this.#parts.cluster?.()
    if (choice === undefined) return
    const { isKept = false, meaning, problems } = judgeDurability(choice, facts)
    const said = [meaning, ...problems].join('; ')
    if (said === this.#durabilitySaid) return
    this.#durabilitySaid = said
    const about = { durability: choice.durability, meaning, ...(problems.length === 0 ? {} : { problems }) }
    if (isKept) this.#parts.logger.info('what an acknowledgement means', about)
    else this.#parts.logger.error('the servers do not keep what the cluster was created to promise', about)
  }

  /** M2. */
  #askLeaders(): void {
    if (!this.isActive) return
    const nowMs = this.#nowMs()
    for (const leader of this.#schedule.take(this.#view.leaders(nowMs), nowMs)) void this.#ask(leader)
    this.#logs.ask(this.#view.leading(nowMs))
  }

  async #ask(leader: Leader): Promise<void> {
    this.#schedule.ended(leader, await this.#prune(leader), this.#nowMs())
  }

  async #prune(leader: Leader): Promise<AskOutcome> {
    const { connection, journalKeepMs: keepMs, logger } = this.#parts
    const { shard, epoch } = leader
    try {
      // A request prunes some 16,000 rows at the most.
      const reply = await askLeader(connection, leader, { kind: 'pruneJournals', keepMs })
      const { pruned, done } = decodePruneJournalsReply(reply)
      this.#prunedRows.add(pruned)
      if (pruned > 0) logger.info('journals pruned', { shard, rows: pruned, done })
      return done ? 'done' : 'more'
    } catch (error) {
      // M3: the leader may just have gone; there will be another.
      this.#report('journals were not pruned', { shard, epoch, reason: String(error) })
      return 'failed'
    }
  }

  /** Takes the lease, holds it for as long as it can, and begins again. */
  async #seekRole(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#hold()
      } catch (error) {
        this.#report('the lease cannot be taken', { reason: String(error) })
      }
      await this.#pause(STANDBY_PAUSE_MS + (this.#parts.random.bytes(1)[0] as number))
    }
  }

  /** Resolves when the lease is held by another, or no longer by this compactor. */
  async #hold(): Promise<void> {
    const { takeLease, name, ids, logger } = this.#parts
    let lose: (loss: LeaseLoss) => void = () => undefined
    const lost = new Promise<LeaseLoss>((resolve) => (lose = resolve))
    const taking = await takeLease({
      key: LEASE_KEY,
      holder: { node: name, id: ids.uuid(), rank: 0 },
      tryUntilMs: this.#nowMs() + TAKE_LEASE_MS,
      onLost: (loss) => lose(loss),
    })
    if (taking.kind !== 'held') return
    this.#become(taking.lease)
    logger.info('this compactor is active')
    const reason = await Promise.race([lost, this.#stopping])
    this.#become(undefined)
    logger.info('this compactor is no longer active', { reason })
    if (reason === 'stopped') await taking.lease.release()
  }

  #become(lease: Lease | undefined): void {
    this.#lease = lease
    if (!this.#stopped) this.#speak()
  }

  /** Resolves after so many milliseconds, or when the compactor is stopped. */
  async #pause(delayMs: number): Promise<void> {
    if (this.#stopped) return
    await new Promise<void>((resolve) => {
      const cancel = this.#parts.timers.after(delayMs, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }

  #report(message: string, facts: Readonly<Record<string, unknown>>): void {
    if (this.#stopped) return
    const skipped = this.#failures.take()
    if (skipped === undefined) return
    this.#parts.logger.warn(message, { ...facts, ...(skipped === 0 ? {} : { skipped }) })
  }
}
