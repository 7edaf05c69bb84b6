/**
 * Whether a service is live, and whether it is ready: what its probes answer.
 *
 * Y1  Live is a process whose event loop turns. Nothing that a restart would not mend makes it anything else.
 * Y2  Ready is one that has started, is not about to leave, and of which every check says so. Checks speak of what the
 *     process itself needs, never of what others of the cluster do.
 * Y3  It is not ready from the first moment of a drain on, while it still answers.
 */
import type { Page } from './http-server.ts'

/** One thing that a service needs to be ready. */
export interface ReadinessCheck {
  /** Such as `nats`, or `shard.3`. */
  readonly name: string
  readonly ready: boolean
  /** Why it is not, or what else is worth knowing. */
  readonly reason?: string
}

export interface Readiness {
  readonly ready: boolean
  readonly checks: readonly ReadinessCheck[]
}

/** Y1: by then nobody waits for an answer any more. */
const STALLED_MS = 5_000

export class Health {
  readonly #longestDelayMs: () => number
  #phase: 'starting' | 'started' | 'draining' = 'starting'
  #checks: () => readonly ReadinessCheck[] = () => []

  /** @param longestDelayMs longest delay of the event loop of late */
  constructor(longestDelayMs: () => number) {
    this.#longestDelayMs = longestDelayMs
  }

  /** It runs from now on, and is ready when these say so. */
  started(checks: () => readonly ReadinessCheck[]): void {
    if (this.#phase === 'starting') this.#phase = 'started'
    this.#checks = checks
  }

  /** Y3. */
  draining(): void {
    this.#phase = 'draining'
  }

  /** Y2. */
  get readiness(): Readiness {
    const phase = this.#phase
    const process = phase === 'started' ? { ready: true } : { ready: false, reason: phase }
    const checks = [{ name: 'process', ...process }, ...this.#checks()]
    return { ready: checks.every(({ ready }) => ready), checks }
  }

  /** Y1. */
  livePage(): Page {
    const delayMs = this.#longestDelayMs()
    const isStalled = delayMs >= STALLED_MS
    return json(isStalled ? 503 : 200, {
      status: isStalled ? 'stalled' : 'live',
      eventLoopDelayMs: Math.round(delayMs),
    })
  }

  readyPage(): Page {
    const { ready, checks } = this.readiness
    return json(ready ? 200 : 503, { status: ready ? 'ready' : 'notReady', checks })
  }
}

const json = (status: number, value: unknown): Page => ({
  ...{ status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` },
})
