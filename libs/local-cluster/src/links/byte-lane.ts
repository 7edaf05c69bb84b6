/**
 * One direction of a connection that passes through a link: what is read at one end is written at the other.
 *
 * H1  Bytes keep their order, whatever the delay was when they came and is when they go.
 * H2  A lane that is held reads nothing: as with a network that is parted, what was sent arrives when it is whole
 *     again, if the connection lives so long.
 * H3  What is held here is bounded: who sends faster than the other end takes is read no further.
 */
import type { Socket } from 'node:net'
import type { CancelTimer, Waiting } from '@waggle/kernel'

/** How bytes go in one direction. */
export interface Passage {
  /** `open`: they go. `held`: they wait, and nobody is told. */
  readonly kind: 'open' | 'held'
  /** Milliseconds that each takes; 0 for at once. */
  readonly delayMs: number
}

interface Piece {
  readonly dueMs: number
  readonly bytes: Buffer
}

/** Bytes that wait for their time, before the sender is read no further. */
const WAITING_BYTES_MAX = 1 << 20

export class ByteLane {
  readonly #source: Socket
  readonly #target: Socket
  readonly #waiting: Waiting
  readonly #pieces: Piece[] = []
  #passage: Passage
  #bytes = 0
  #isFull = false
  #cancel: CancelTimer | undefined

  constructor(ends: { readonly source: Socket; readonly target: Socket }, passage: Passage, waiting: Waiting) {
    this.#source = ends.source
    this.#target = ends.target
    this.#passage = passage
    this.#waiting = waiting
    ends.source.on('data', (bytes: Buffer) => {
      this.#take(bytes)
    })
    ends.target.on('drain', () => {
      this.#isFull = false
      this.#flow()
    })
    this.#flow()
  }

  set(passage: Passage): void {
    this.#passage = passage
    this.#flow()
  }

  end(): void {
    this.#cancel?.()
    this.#pieces.length = 0
  }

  #take(bytes: Buffer): void {
    const { delayMs } = this.#passage
    this.#pieces.push({ dueMs: this.#waiting.clock.monotonicMs() + delayMs, bytes })
    this.#bytes += bytes.length
    this.#flow()
  }

  /** H1, H2, H3. */
  #flow(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const { clock, timers } = this.#waiting
    const isOpen = this.#passage.kind === 'open'
    while (isOpen && !this.#isFull) {
      const [first] = this.#pieces
      if (first === undefined) break
      const waitMs = first.dueMs - clock.monotonicMs()
      if (waitMs > 0) {
        this.#cancel = timers.after(waitMs, () => this.#flow())
        break
      }
      this.#pieces.shift()
      this.#bytes -= first.bytes.length
      this.#isFull = !this.#target.write(first.bytes)
    }
    if (isOpen && !this.#isFull && this.#bytes < WAITING_BYTES_MAX) this.#source.resume()
    else this.#source.pause()
  }
}
