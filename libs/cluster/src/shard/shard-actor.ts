/**
 * One replica of one shard, and its leader while it leads: performs what `leadership.ts` decides.
 *
 * S1  Every completion comes back as an event, to the very state in which it was begun; one that comes after that state
 *     was left says nothing about the next one, not even of the same kind.
 * S2  Requests are served only between the lease's taking and its deadline on this process' own clock: a process that
 *     was stopped for longer finds the deadline passed before it does anything else.
 */
import { fraction, isFault, type Fault, type Logger } from '@waggle/kernel'
import { fault, type Epoch, type ReplicaBeat, type ShardAlarm, type ShardBeat } from '@waggle/protocol'
import { clockAheadAtRecord } from '../node/clock-ahead.ts'
import type { ReplicaPlace } from '../node/replica-place.ts'
import {
  initialLeadership,
  SILENCE_MS,
  stepLeadership,
  type Leadership,
  type LeadershipEffect,
  type LeadershipEvent,
  type LeadershipState,
  type StepContext,
} from './leadership.ts'
import type { Bus } from '../nats/bus.ts'
import { raiseAlarm } from './alarm.ts'
import { Gate } from './gate.ts'
import { LogWatch } from './log-watch.ts'
import { HostedReplica } from '../replica/hosted-replica.ts'
import type { Readiness } from '../replica/read-serving.ts'
import type { ReplicaParts } from '../replica/replica.ts'
import { ReplicaRoll } from './replica-roll.ts'
import { Serving } from './serving.ts'
import { TermLease } from './term-lease.ts'
import { upkeep } from './upkeep.ts'

export interface ShardActorParts extends Omit<ReplicaParts, 'mayTryUntilMs' | 'onTrouble' | 'onTermEnded' | 'onSpent'> {
  /** For requests, answers and beats; the log has a connection of its own. */
  readonly connection: Bus
  readonly node: string
  readonly pid: number
  readonly place: ReplicaPlace
  /** The shard has another log now: this replica is to be closed, and opened anew. */
  readonly onMoved: () => void
}

/** About what lies between two ticks. */
const TICK_MS = 250
/** How long a candidate tries to have its barrier's fate known, and to get the lease. */
const CANDIDACY_MS = 5_000
/** How long a term that ends waits for an append that does not come back, such as one to a full log. */
const ENDING_MS = 5_000
/** How long a leader that drains waits for somebody to hand over to. */
const HANDOVER_PATIENCE_MS = 5_000

export class ShardActor {
  readonly #parts: ShardActorParts
  readonly #logger: Logger
  readonly #hosted: HostedReplica
  #leadership: Leadership
  readonly #lease: TermLease
  readonly #log: LogWatch
  readonly #roll: ReplicaRoll
  readonly #gate: Gate
  #serving: Serving | undefined
  #candidacyEndsMs = 0
  /** Until when a term that ends may try to have the fate of its last append known. */
  #mustEndByMs = Infinity
  /** Effects under way. */
  #underWay = 0
  /** Where its log ended at the last ticks, oldest first: others tell of themselves as late. */
  #appliedAtTicks: readonly [number, number, number] = [0, 0, 0]
  #onSettled: (() => void)[] = []

  constructor(parts: ShardActorParts) {
    this.#parts = parts
    this.#logger = parts.logger
    this.#leadership = initialLeadership(this.#context())
    this.#lease = new TermLease(parts)
    this.#roll = new ReplicaRoll(parts)
    this.#gate = new Gate({ ...parts, entries: parts.directory.entries })
    this.#log = new LogWatch({
      ...parts,
      onContradiction: (found) => this.#happened({ kind: 'contradiction', fault: found }),
    })
    this.#hosted = new HostedReplica({
      ...parts,
      mayTryUntilMs: () => Math.min(this.#lease.deadlineMs ?? this.#candidacyEndsMs, this.#mustEndByMs),
      onTrouble: (code) => (this.#log.trouble = code),
      onTermEnded: (reason) => this.#termEnded(reason),
      onFailed: (error) => this.#happened(this.#failed(error)),
      readiness: () => this.#readiness,
      mayAnswer: () => this.halted === undefined || this.#readiness === 'anyOnly',
    })
  }

  /** The epoch in which it leads and serves, where it does. */
  get leads(): Epoch | undefined {
    return this.#serving?.epoch
  }

  /** Why it cannot serve, where that is for good. */
  get halted(): Fault | undefined {
    const { state } = this.#leadership
    return state.kind === 'halted' ? state.fault : undefined
  }

  /** What it has open, and what its log last said of itself while it leads. */
  get observed(): { readonly hosted: HostedReplica; readonly log: LogWatch } {
    return { hosted: this.#hosted, log: this.#log }
  }

  /** Called several times a second. @param isDeaf nothing reaches this node: it neither leads nor comes to */
  tick(isDeaf: boolean): void {
    const { state } = this.#leadership
    // S2
    if (state.kind === 'leading' && !this.#lease.isHeld) this.#happened({ kind: 'leaseLost' })
    this.#happened({ kind: isDeaf ? 'deaf' : 'tick' })
    if (!isDeaf) this.#tickInTime()
    const leads = this.#serving !== undefined
    this.#hosted.tick({ leads })
    this.#gate.tick(this.#hosted.replica, { leads, isHalted: this.halted !== undefined })
    if (this.#serving === undefined) {
      if (follows(this.#leadership.state) || this.#readiness === 'anyOnly') this.#hosted.beat()
      return
    }
    this.#serving.beat(true)
    this.#lookAfter()
    this.#considerHandover()
  }

  /** A tick of its own when the silence of a leader becomes long enough: clients wait for it. */
  #tickInTime(): void {
    const { state } = this.#leadership
    const { clock, timers } = this.#parts
    const leftMs = state.kind === 'listening' ? state.sinceMs + SILENCE_MS - clock.monotonicMs() : 0
    if (leftMs > 0 && leftMs < TICK_MS)
      timers.after(leftMs, () => this.#happened({ kind: 'tick' }), { background: true })
  }

  /** The connection for requests was lost and is back. */
  reconnected(): void {
    this.#serving?.reconnected()
    this.#hosted.reconnected()
  }

  /** A beat of a leader on another node. */
  heardBeat(beat: ShardBeat): void {
    const { epoch, leading, successor, generation } = beat
    this.#hosted.heardLeader(beat)
    this.#gate.heard(generation, this.#hosted.replica?.shardLog.generation)
    const named = successor === this.#parts.node ? 'self' : 'other'
    this.#happened({ kind: 'beat', epoch, leading, ...(successor === undefined ? {} : { successor: named }) })
  }

  /** A beat of a replica on another node. */
  heardReplica(beat: ReplicaBeat): void {
    this.#hosted.heardReplica(beat)
  }

  /** Ends the term that serves: whoever leads next meets the gate. */
  meetGate(): void {
    if (this.#serving !== undefined && this.#gate.refusal === undefined) this.#happened({ kind: 'leaseLost' })
  }

  /** Another replica found the log of this epoch to contradict itself (DESIGN L2). */
  heardAlarm({ epoch, node, fault: found }: ShardAlarm): void {
    if (this.#serving?.epoch.id !== epoch.id) return
    this.#logger.error('a replica says that the log of this term has diverged', { shard: this.#parts.shard, node })
    this.#happened({
      kind: 'contradiction',
      fault: fault('LOG_DIVERGED', `replica ${node} says: ${found.message}`, { node, sequence: epoch.sequence }),
    })
  }

  /** Hands over or lets go of what it leads, and closes. Resolves when that is done. */
  async drain({ patienceMs = HANDOVER_PATIENCE_MS }: { readonly patienceMs?: number } = {}): Promise<void> {
    this.#happened({ kind: 'drain', patienceMs: this.#parts.place.hasOthers() ? patienceMs : 0 })
    this.#considerHandover()
    while (!this.#isSettled) await new Promise<void>((resolve) => this.#onSettled.push(resolve))
    await this.#hosted.close()
  }

  /** DESIGN L2: one whose log is damaged still has what it has. */
  get #readiness(): Readiness {
    const { state } = this.#leadership
    if (state.kind === 'halted') return state.fault.code === 'LOG_DAMAGED' ? 'anyOnly' : 'not'
    return follows(state) ? 'whole' : 'not'
  }

  get #isSettled(): boolean {
    const { kind } = this.#leadership.state
    return (kind === 'stopped' || kind === 'halted') && this.#underWay === 0
  }

  #context(): StepContext {
    const { clock, random, place } = this.#parts
    return { nowMs: clock.monotonicMs(), chance: fraction(random), handicapMs: place.handicapMs() }
  }

  #happened(event: LeadershipEvent): void {
    const before = this.#leadership.state
    const { leadership, effects } = stepLeadership(this.#leadership, event, this.#context())
    this.#leadership = leadership
    if (leadership.state.kind !== before.kind) this.#tell(before, leadership.state)
    for (const effect of effects) this.#perform(effect)
    this.#steer()
    if (this.#isSettled) for (const resolve of this.#onSettled.splice(0)) resolve()
  }

  /** It follows for as long as it neither leads nor is about to. */
  #steer(): void {
    const { state } = this.#leadership
    if (follows(state)) this.#hosted.follow()
    // Before it proposes itself it reads the log to its end, and rests by itself.
    else if (state.kind !== 'catchingUp') this.#hosted.rest()
  }

  #tell(before: LeadershipState, after: LeadershipState): void {
    const { shard } = this.#parts
    if (after.kind === 'halted') {
      this.#logger.error('replica has halted', { shard, code: after.fault.code, reason: after.fault.message })
      if (after.fault.code === 'LOG_DIVERGED') raiseAlarm(this.#parts, this.#hosted.replica, after.fault)
    } else if (after.kind === 'leading') this.#logger.info('leads', { shard, epoch: after.epoch.sequence })
    else if (before.kind === 'leading') this.#logger.info('leads no longer', { shard, epoch: before.epoch.sequence })
    else this.#logger.debug('leadership', { shard, from: before.kind, to: after.kind })
  }

  /** S1. */
  #perform(effect: LeadershipEffect): void {
    const run: Record<LeadershipEffect, () => Promise<LeadershipEvent>> = {
      look: () => this.#look(),
      catchUp: () => this.#catchUp(),
      propose: () => this.#propose(),
      takeLease: () => this.#takeLease(),
      serve: () => this.#serve(),
      handOver: () => this.#handOver(),
      release: () => this.#release(),
      stepDown: () => this.#stepDown(),
    }
    this.#underWay += 1
    const begunIn = this.#leadership.state
    void run[effect]()
      .catch((error: unknown) => this.#failed(error))
      .then((event) => {
        this.#underWay -= 1
        this.#happened(this.#leadership.state === begunIn ? event : { kind: 'tick' })
      })
  }

  #failed(error: unknown): LeadershipEvent {
    const { shard } = this.#parts
    if (isFault(error) && error.kind === 'corrupt') return { kind: 'contradiction', fault: error }
    if (isFault(error) && error.code === 'STORAGE_FAILED') this.#hosted.broke()
    if (!isFault(error) || error.code !== 'NOT_LEADING')
      this.#logger.warn('shard cannot be taken over for now', { shard, reason: String(error) })
    return { kind: 'failed' }
  }

  #termEnded(reason: Fault): void {
    this.#logger.warn('term has ended', { shard: this.#parts.shard, code: reason.code, reason: reason.message })
    if (reason.code === 'STORAGE_FAILED') this.#hosted.broke()
    this.#happened(reason.kind === 'corrupt' ? { kind: 'contradiction', fault: reason } : { kind: 'termEnded' })
  }

  async #look(): Promise<LeadershipEvent> {
    const { last } = await (await this.#hosted.open()).log.bounds()
    return { kind: 'looked', last, vacant: await this.#lease.isVacant() }
  }

  async #catchUp(): Promise<LeadershipEvent> {
    await this.#hosted.catchUp()
    return { kind: 'caughtUp' }
  }

  async #propose(): Promise<LeadershipEvent> {
    this.#candidacyEndsMs = this.#parts.clock.monotonicMs() + CANDIDACY_MS
    this.#mustEndByMs = Infinity
    const { engine, shardLog } = await this.#hosted.open()
    const { clock, access, place } = this.#parts
    const sentMs = clock.nowMs()
    const epoch = await engine.lead()
    // DESIGN L8. It tells something, and nothing waits for it.
    const asked = { stream: shardLog.stream, sequence: epoch.sequence, sentMs, receivedMs: clock.nowMs() }
    void clockAheadAtRecord(access, asked).then(place.clockMeasured, () => undefined)
    return { kind: 'elected', epoch }
  }

  async #takeLease(): Promise<LeadershipEvent> {
    const { state } = this.#leadership
    if (state.kind !== 'leasing') return { kind: 'failed' }
    const { epoch } = state
    const isTaken = await this.#lease.take({
      epoch,
      patienceMs: CANDIDACY_MS,
      isWanted: () => this.#leadership.state === state,
      onLost: () => {
        const now = this.#leadership.state
        if ('epoch' in now && now.epoch.id === epoch.id) this.#happened({ kind: 'leaseLost' })
      },
    })
    return { kind: isTaken ? 'leased' : 'failed' }
  }

  async #serve(): Promise<LeadershipEvent> {
    const { connection, shard, node, pid, clock, timers, logger, tracer, directory } = this.#parts
    const { state } = this.#leadership
    const { replica } = this.#hosted
    if (state.kind !== 'leading' || replica === undefined) return { kind: 'failed' }
    this.#gate.reset()
    if (!(await this.#gate.meet(replica))) return { kind: 'failed' }
    const status = await this.#log.ask(replica.log)
    const serving = await Serving.begin({
      ...{ connection, shard, shards: directory.cluster.shards, node, pid, clock, timers, logger, tracer, replica },
      ...{ epoch: state.epoch, metrics: this.#parts.metrics },
      status: () => this.#log.status ?? status,
      trouble: () => this.#log.refusal(replica.log),
      refusal: () => this.#gate.refusal,
      upkeep: (request) => upkeep(replica, request),
      isServing: () => this.#lease.isHeld && this.#serving?.epoch.id === state.epoch.id,
      reads: () => this.#hosted.reads,
      onRead: this.#hosted.countRead,
    })
    // The term may have ended while the server was asked.
    if (serving === undefined || this.#leadership.state !== state) {
      serving?.end()
      return { kind: 'failed' }
    }
    this.#serving = serving
    this.#roll.begin()
    serving.beat(true)
    // Reads that were sent here as to a follower are for the leader now.
    this.#hosted.beat()
    return { kind: 'tick' }
  }

  async #release(): Promise<LeadershipEvent> {
    await this.#endTerm()
    await this.#lease.release()
    return { kind: 'ended' }
  }

  async #handOver(): Promise<LeadershipEvent> {
    const { state } = this.#leadership
    if (state.kind !== 'handingOver') return { kind: 'failed' }
    const { shard, logger } = this.#parts
    logger.info('hands over', { shard, epoch: state.epoch.sequence, to: state.successor })
    await this.#endTerm(state.successor)
    await this.#lease.leave()
    return { kind: 'ended' }
  }

  /** Answers what was taken, and says that the term is over. */
  async #endTerm(successor?: string): Promise<void> {
    const { timers, connection } = this.#parts
    const serving = this.#serving
    serving?.end()
    this.#mustEndByMs = this.#parts.clock.monotonicMs() + ENDING_MS
    await this.#hosted.replica?.engine.release()
    // The last answers leave, and count as answered.
    await timers.yield()
    serving?.beat(false, successor)
    this.#serving = undefined
    // Where nobody hears that it lets go, they hear nothing more.
    await connection.flush().catch(() => undefined)
  }

  /** Hands over where somebody else should lead and is ready. */
  #considerHandover(): void {
    const [before, ...later] = this.#appliedAtTicks
    this.#appliedAtTicks = [...later, this.#hosted.replica?.engine.position.applied ?? 0]
    const { place } = this.#parts
    if (this.#leadership.state.kind !== 'leading') return
    // The others may have begun to drain as well.
    if (this.#leadership.draining && !place.hasOthers()) this.#happened({ kind: 'drain', patienceMs: 0 })
    const successor = place.successor(before)
    if (successor !== undefined) this.#happened({ kind: 'handOver', successor, drains: place.drains() })
  }

  async #stepDown(): Promise<LeadershipEvent> {
    const serving = this.#serving
    serving?.end()
    // Whoever heard of a newer epoch already does not mind; the others need not wait for silence.
    serving?.beat(false)
    this.#serving = undefined
    this.#mustEndByMs = this.#parts.clock.monotonicMs() + ENDING_MS
    await this.#hosted.replica?.engine.stepDown()
    await this.#lease.release()
    return { kind: 'ended' }
  }

  /** Background work of a leader. */
  #lookAfter(): void {
    const { replica } = this.#hosted
    const { status } = this.#log
    if (replica === undefined || !this.#log.tick(replica.log) || status === undefined) return
    this.#roll.tick({ engine: replica.engine, heardAtMs: this.#hosted.holds?.heardAtMs ?? new Map(), status })
  }
}

/** Whether it hears the log, and may answer reads that any replica may answer. */
const follows = ({ kind }: LeadershipState): boolean => kind === 'listening' || kind === 'looking'
