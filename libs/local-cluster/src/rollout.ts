/**
 * What Kubernetes does to a cluster when a new version is rolled out or a StatefulSet is scaled, played on processes:
 * the same signals in the same order, each step after the one before has ended.
 *
 * X1  Shard processes keep their names and folders: one is told to stop, its successor starts, and when that is ready
 *     the next one is told; the last one first.
 * X2  Routers and compactors are replaced by others: a new one is there before an old one goes.
 * X3  Shard processes that are added start all at once. Those that go have no replica any more when they are told to
 *     stop: an operator has drained them.
 */
import { connectOperator, type Operator } from '@waggle/client'
import { isFault, poll, systemClock, systemTimers } from '@waggle/kernel'
import type { NodeStatus, ShardStatus, SystemResults } from '@waggle/protocol'
import type { LocalCluster } from './local-cluster.ts'
import type { ServiceRole } from './service-process.ts'

/** A process that was told to stop, and what came after it. */
export interface Departure {
  readonly name: string
  readonly role: ServiceRole
  /** From the signal to its end, milliseconds. */
  readonly drainMs: number
  /** From its end until its successor was ready, X1. */
  readonly returnMs?: number
}

const POLL_MS = 50
/** Of one step: on a busy machine a process takes seconds to start. */
const STEP_MS_MAX = 120_000
const ASK_MS_MAX = 3_000

export class Rollout {
  readonly #cluster: LocalCluster
  readonly #operator: Operator

  private constructor(cluster: LocalCluster, operator: Operator) {
    this.#cluster = cluster
    this.#operator = operator
  }

  static async open(cluster: LocalCluster): Promise<Rollout> {
    const { server, user, password } = cluster.operator
    return new Rollout(cluster, await connectOperator({ servers: server, user, password }))
  }

  async close(): Promise<void> {
    await this.#operator.close()
  }

  /** X1. */
  async restartShards(): Promise<readonly Departure[]> {
    const departures: Departure[] = []
    for (const name of this.#names('shard').reverse()) departures.push(await this.#restart(name))
    return departures
  }

  /** X2. */
  async replace(role: 'router' | 'compactor'): Promise<readonly Departure[]> {
    const departures: Departure[] = []
    for (const name of this.#names(role)) {
      await this.#heard(role, await this.#cluster.addProcess(role))
      departures.push(await this.#stop(name, role))
    }
    return departures
  }

  /** X3. Resolves with their names when all of them are ready. */
  async scaleOut(count: number): Promise<readonly string[]> {
    const names = await Promise.all(Array.from({ length: count }, () => this.#cluster.addProcess('shard')))
    for (const name of names) await this.#ready(name)
    return names
  }

  /** X3. The last ones go. */
  async scaleIn(count: number): Promise<readonly Departure[]> {
    const names = this.#names('shard').slice(-count).reverse()
    for (const name of names) await this.#empty(name)
    return Promise.all(names.map((name) => this.#stop(name, 'shard')))
  }

  /** As `scaleIn` without the operator: whoever forgets to drain. All are told to stop at once. */
  async cutOff(count: number): Promise<readonly Departure[]> {
    return Promise.all(
      this.#names('shard')
        .slice(-count)
        .map((name) => this.#stop(name, 'shard')),
    )
  }

  #names(role: ServiceRole): string[] {
    return this.#cluster
      .processes()
      .filter((child) => child.role === role)
      .map(({ name }) => name)
  }

  #pid(name: string): number | undefined {
    return this.#cluster.processes().find((child) => child.name === name)?.pid
  }

  async #restart(name: string): Promise<Departure> {
    const pid = this.#pid(name)
    if (pid === undefined) throw new Error(`${name} is down`)
    const toldMs = systemClock.monotonicMs()
    process.kill(pid, 'SIGTERM')
    await this.#until(`end of ${name}`, async () => this.#pid(name) !== pid)
    const endedMs = systemClock.monotonicMs()
    await this.#until(`return of ${name}`, async () => this.#pid(name) !== undefined)
    await this.#ready(name)
    return { name, role: 'shard', drainMs: endedMs - toldMs, returnMs: systemClock.monotonicMs() - endedMs }
  }

  async #stop(name: string, role: ServiceRole): Promise<Departure> {
    const toldMs = systemClock.monotonicMs()
    const isClean = await this.#cluster.removeProcess(name)
    if (!isClean) throw new Error(`${name} did not drain and was killed`)
    return { name, role, drainMs: systemClock.monotonicMs() - toldMs }
  }

  /** Its process says that it is there, and every replica that it has leads or takes reads. */
  async #ready(name: string): Promise<void> {
    await this.#until(`readiness of ${name}`, async () => {
      const node = await this.#node(name)
      if (node?.pid !== this.#pid(name)) return false
      const shards = await this.#ask<ShardStatus>('shard.list')
      return (node?.hosts ?? []).every((shard) => {
        const { leader, followers = [] } = shards.find((each) => each.shard === shard) ?? {}
        return leader === name || followers.some((follower) => follower.node === name && follower.serving)
      })
    })
  }

  /** A router when it answers, a compactor when a router has heard of it. */
  async #heard(role: 'router' | 'compactor', name: string): Promise<void> {
    await this.#until(`sign of ${name}`, async () => {
      const status = await this.#operator.call('log.status', { timeoutMs: ASK_MS_MAX })
      const { compactors, answeredBy } = status as SystemResults['log.status']
      const known = role === 'router' ? [answeredBy.router] : compactors.map(({ compactor }) => compactor)
      return known.includes(name)
    })
  }

  /** `waggle node drain`: resolves when it has no replica any more. */
  async #empty(name: string): Promise<void> {
    await this.#until(`drain of ${name}`, async () => {
      await this.#operator.call('node.drain', { node: name, timeoutMs: ASK_MS_MAX })
      const node = await this.#node(name)
      return node?.draining === true && node.leads.length === 0 && (node.hosts ?? []).length === 0
    })
  }

  async #node(name: string): Promise<NodeStatus | undefined> {
    return (await this.#ask<NodeStatus>('node.list')).find(({ node }) => node === name)
  }

  async #ask<Row>(operation: 'node.list' | 'shard.list'): Promise<readonly Row[]> {
    const { items } = await this.#operator.call(operation, { timeoutMs: ASK_MS_MAX })
    return items as readonly Row[]
  }

  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const waiting = { clock: systemClock, timers: systemTimers }
    const held = await poll(waiting, { everyMs: POLL_MS, durationMsMax: STEP_MS_MAX }, async () => {
      try {
        return (await holds()) || undefined
      } catch (error) {
        // Nobody answers for the moment: a router may just have gone.
        if (!isFault(error)) throw error
        return undefined
      }
    })
    if (held === undefined) throw new Error(`no ${what} within ${STEP_MS_MAX} ms`)
  }
}
