/**
 * Appends records to a stream, one at a time, and finds out what became of each: performs what `resolution.ts` decides.
 *
 * Q1  A record is published with its id, the stream's name, and the sequence before its position as the last one that
 *     is expected: never a number that a server gave, and never a last message id (docs/adr/0013).
 * Q2  Every attempt sends the same bytes under the same id.
 * Q3  What stands at the position is asked of the stream's leader.
 * Q4  An append that stays ambiguous for longer than a lease lasts is given up, although the lease is renewed:
 *     something stands at its position that cannot be read, or the server does not answer. One to a full log may wait
 *     for room.
 */
import { pause, equalBytes, type Clock, type Logger, type Random, type Timers } from '@waggle/kernel'
import { decodeRecord, type EncodedRecord, type FaultCode } from '@waggle/protocol'
import type { ShardLog } from '../directory/shard-entry.ts'
import { refusalOf } from '../nats/api-errors.ts'
import { REQUEST_TIMEOUT_MS, type JetStreamAccess } from '../nats/jetstream-access.ts'
import { jittered } from '../nats/jetstream-retry.ts'
import type { RecordReader } from './record-reader.ts'
import {
  beginResolution,
  stepResolution,
  type Resolution,
  type ResolutionEffect,
  type ResolutionEvent,
  type ResolutionTrouble,
} from './resolution.ts'

export interface AppenderParts {
  readonly access: JetStreamAccess
  readonly shardLog: ShardLog
  readonly reader: RecordReader
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
  readonly mayTryUntilMs: () => number
  readonly onTrouble: (code: FaultCode | undefined) => void
}

/** Q4. The longest election of a stream's leader that was measured took 11 s. */
const AMBIGUITY_MS_MAX = 20_000

export class Appender {
  readonly #parts: AppenderParts
  #isFull = false
  #startedMs = 0

  constructor(parts: AppenderParts) {
    this.#parts = parts
  }

  async append(record: EncodedRecord): Promise<Resolution> {
    this.#startedMs = this.#parts.clock.monotonicMs()
    let { state, effects } = beginResolution()
    for (;;) {
      let event: ResolutionEvent | undefined
      for (const effect of effects) {
        if (effect.kind === 'done') {
          this.#setFull(false)
          return effect.resolution
        }
        event = (await this.#perform(effect, record)) ?? event
      }
      // Every step ends in one effect that is answered.
      ;({ state, effects } = stepResolution(state, event as ResolutionEvent))
    }
  }

  #perform(
    effect: Exclude<ResolutionEffect, { kind: 'done' }>,
    record: EncodedRecord,
  ): Promise<ResolutionEvent> | undefined {
    switch (effect.kind) {
      case 'publish':
        return this.#publish(record)
      case 'read':
        return this.#read(record)
      case 'wait':
        return this.#wait(effect.delayMs)
      case 'trouble':
        this.#report(effect.trouble, record)
        return undefined
    }
  }

  /** Q1, Q2. */
  async #publish({ record, bytes }: EncodedRecord): Promise<ResolutionEvent> {
    const { access, shardLog, logger } = this.#parts
    const { position, batchId, part } = record
    try {
      const ack = await access.client.publish(shardLog.subject, bytes, {
        msgID: part.count === 1 ? batchId : `${batchId}.${part.index}`,
        expect: { streamName: shardLog.stream, lastSequence: position - 1 },
        timeout: REQUEST_TIMEOUT_MS,
        retries: 1,
      })
      if (ack.duplicate) return 'duplicate'
      return ack.stream === shardLog.stream && ack.seq === position ? 'stored' : 'misplaced'
    } catch (error) {
      const refusal = refusalOf(error)
      logger.debug('append is not acknowledged', { stream: shardLog.stream, position, refusal, reason: String(error) })
      return refusal
    }
  }

  /** Q3. */
  async #read(record: EncodedRecord): Promise<ResolutionEvent> {
    const { reader, logger, shardLog } = this.#parts
    const { position, batchId } = record.record
    let found: Uint8Array | undefined
    try {
      found = await reader.fromLeader(position)
    } catch (error) {
      logger.debug('position cannot be read', { stream: shardLog.stream, position, reason: String(error) })
      return 'readFailed'
    }
    if (found === undefined) return 'absent'
    if (equalBytes(found, record.bytes)) return 'own'
    const decoded = decodeRecord(found)
    if ('defect' in decoded) {
      const { defect } = decoded
      logger.warn('what stands at the position cannot be read', { stream: shardLog.stream, position, defect })
      // A checksum that holds under a format of the future: surely not our bytes, damaged.
      return defect === 'format' ? 'other' : 'unreadable'
    }
    if (decoded.record.batchId === batchId)
      logger.error('two records were written under one id', { stream: shardLog.stream, position, batchId })
    return 'other'
  }

  async #wait(delayMs: number): Promise<ResolutionEvent> {
    const { clock, timers, random } = this.#parts
    const remainingMs = this.#untilMs - clock.monotonicMs()
    if (remainingMs > 0) await pause(timers, Math.min(jittered(random, delayMs), remainingMs))
    return clock.monotonicMs() < this.#untilMs ? 'waited' : 'deadline'
  }

  /** Q4. */
  get #untilMs(): number {
    const untilMs = this.#parts.mayTryUntilMs()
    return this.#isFull ? untilMs : Math.min(untilMs, this.#startedMs + AMBIGUITY_MS_MAX)
  }

  #report(trouble: ResolutionTrouble, { record }: EncodedRecord): void {
    const { logger, shardLog } = this.#parts
    const facts = { stream: shardLog.stream, position: record.position }
    if (trouble === 'full') this.#setFull(true)
    else if (trouble === 'misplaced') logger.error('append was acknowledged at another place than it named', facts)
    else logger.error('subject of the log belongs to another stream', facts)
  }

  #setFull(isFull: boolean): void {
    if (this.#isFull === isFull) return
    this.#isFull = isFull
    this.#parts.onTrouble(isFull ? 'STORAGE_FULL' : undefined)
  }
}
