/** What the stream of a shard, and the disk under its leader, last said of themselves, while the leader serves. */
import { isFault, type Clock, type Fault, type Logger } from '@waggle/kernel'
import type { FaultCode } from '@waggle/protocol'
import type { DiskRoom, NodeDisk } from '../disk/node-disk.ts'
import type { JetStreamLog, LogStatus } from '../log/jetstream-log.ts'
import { roomFault } from './log-room.ts'

export interface LogWatchParts {
  readonly shard: number
  readonly disk: Pick<NodeDisk, 'room'>
  readonly clock: Clock
  readonly logger: Logger
  /** The stream is gone, or another one. */
  readonly onContradiction: (fault: Fault) => void
}

const PERIOD_MS = 1_000

export class LogWatch {
  readonly #parts: LogWatchParts
  /** What appends meet. */
  trouble: FaultCode | undefined
  #status: LogStatus | undefined
  #disk: DiskRoom | undefined
  #askedAtMs = -Infinity

  constructor(parts: LogWatchParts) {
    this.#parts = parts
  }

  get status(): LogStatus | undefined {
    return this.#status
  }

  /** Of the node; `undefined` where it was not told yet. */
  get disk(): DiskRoom | undefined {
    return this.#disk
  }

  /** Asks now. @throws Fault as `JetStreamLog.status` */
  async ask(log: JetStreamLog): Promise<LogStatus> {
    this.#status = await log.status()
    return this.#status
  }

  /** Asks once a second. @returns whether it does now */
  tick(log: JetStreamLog): boolean {
    const nowMs = this.#parts.clock.monotonicMs()
    if (nowMs - this.#askedAtMs < PERIOD_MS) return false
    this.#askedAtMs = nowMs
    this.ask(log).catch((error: unknown) => this.#unreachable(error))
    void this.#askDisk()
    return true
  }

  /** Why writes are refused for now: decided outside the log (DESIGN K1). */
  refusal(log: JetStreamLog | undefined): Fault | undefined {
    const { bytesMax = Infinity } = this.#status ?? {}
    const room = { log: { bytes: log?.bytes ?? 0, bytesMax }, disk: this.#disk, trouble: this.trouble }
    return roomFault(this.#parts.shard, room)
  }

  async #askDisk(): Promise<void> {
    this.#disk = await this.#parts.disk.room().catch(() => undefined)
  }

  /** A stream that is gone or changed under a leader ends its term at once; one that does not answer may come back. */
  #unreachable(error: unknown): void {
    const { shard, logger, onContradiction } = this.#parts
    if (isFault(error) && error.kind === 'corrupt') onContradiction(error)
    else logger.warn('log does not answer', { shard, reason: String(error) })
  }
}
