/**
 * The way from leaders to the stream of a shard, as bad as a network is: a record arrives when the test says so, or
 * much later, or never; its acknowledgement comes back when the test says so, or never. The stream compares what it is
 * told to expect, as JetStream does, so a late record is stored only where it belongs.
 */
import { assert } from '@waggle/kernel'
import { decodeRecord, encodeRecord, fault, type EncodedRecord, type Epoch, type Sequence } from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import type { Append, AppendOutcome, BatchLog } from '../log/batch-log.ts'
import type { MemoryStream } from '../log/memory-log.ts'
import type { KeyValueStore } from '../store/key-value-store.ts'

export class LossyNetwork {
  readonly stream: MemoryStream
  /** On their way for longer than anybody waits for them. */
  readonly #late: EncodedRecord[] = []

  constructor(stream: MemoryStream) {
    this.stream = stream
  }

  /** The stream takes a record, or refuses it. */
  deliver({ record, bytes }: EncodedRecord): AppendOutcome {
    if (record.position !== this.stream.bounds().last + 1) return 'fenced'
    this.stream.push(bytes)
    return 'appended'
  }

  delay(record: EncodedRecord): void {
    this.#late.push(record)
  }

  /** One of those that are late arrives. */
  deliverLate(pick: number): void {
    const [record] = this.#late.splice(pick % Math.max(1, this.#late.length), 1)
    if (record !== undefined) this.deliver(record)
  }

  deliverAllLate(): void {
    while (this.#late.length > 0) this.deliverLate(0)
  }

  /** A record of a term that never began, such as one that was published blindly behind another (DESIGN L4). */
  addForeign(pick: number, id: Epoch['id']): void {
    const { last } = this.stream.bounds()
    if (last === 0) return
    const model = decodeRecord(this.stream.at(1 + (pick % last)) as Uint8Array)
    assert(!('defect' in model), 'what leaders have written can be read')
    const position = (last + 1) as Sequence
    const epoch = { sequence: model.record.epoch.sequence, id }
    this.stream.push(encodeRecord({ ...model.record, position, epoch }).bytes)
  }
}

interface UnderWay {
  readonly append: Append
  readonly resolve: (outcome: AppendOutcome) => void
  readonly reject: (reason: unknown) => void
  /** What the stream said when the record arrived. */
  said?: AppendOutcome
}

/** What becomes of an append that nobody hears of any more: it arrives later, or never, unless it has arrived. */
export type Loss = 'late' | 'lost'

/** One life of a process: its appends go through the network, and die with it. */
export class Wire {
  readonly #network: LossyNetwork
  readonly #store: KeyValueStore
  #underWay: UnderWay | undefined
  #isCut = false
  /** Everything arrives and is acknowledged at once. */
  isGood = false

  constructor(network: LossyNetwork, store: KeyValueStore) {
    this.#network = network
    this.#store = store
  }

  get isWaiting(): boolean {
    return this.#underWay !== undefined
  }

  wrap(inner: BatchLog): BatchLog {
    return {
      generation: inner.generation,
      bounds: () => inner.bounds(),
      read: (from) => inner.read(from),
      readAgain: (sequence) => inner.readAgain(sequence),
      append: (append) =>
        new Promise((resolve, reject) => {
          assert(this.#underWay === undefined, 'one append at a time')
          if (this.#isCut) return
          this.#underWay = { append, resolve, reject }
          if (this.isGood) void this.answer()
        }),
    }
  }

  /** The record reaches the stream. */
  arrive(): void {
    if (this.#underWay !== undefined) this.#underWay.said ??= this.#network.deliver(this.#underWay.append.record)
  }

  /** The record has reached the stream, and the leader hears what became of it. */
  async answer(): Promise<void> {
    this.arrive()
    const underWay = this.#take()
    if (underWay === undefined) return
    const { append, resolve, said } = underWay
    if (said === 'appended') await this.#store.write(append.changes, { sync: false })
    resolve(said as AppendOutcome)
  }

  /** The leader gives up: it cannot know what became of the record. */
  giveUp(loss: Loss): void {
    this.#lose(loss)?.reject(fault('UNAVAILABLE', 'outcome of the append is unknown'))
  }

  /** The record is in the stream, and the store refuses what it means. */
  failStore(): void {
    this.arrive()
    if (this.#underWay?.said !== 'appended') return
    this.#take()?.reject(engineFault('STORAGE_FAILED', 'the disk is full'))
  }

  /** The process is gone; nobody hears anything any more. */
  cut(loss: Loss): void {
    this.#isCut = true
    this.#lose(loss)
  }

  #lose(loss: Loss): UnderWay | undefined {
    const underWay = this.#take()
    if (underWay !== undefined && underWay.said === undefined && loss === 'late')
      this.#network.delay(underWay.append.record)
    return underWay
  }

  #take(): UnderWay | undefined {
    const underWay = this.#underWay
    this.#underWay = undefined
    return underWay
  }
}
