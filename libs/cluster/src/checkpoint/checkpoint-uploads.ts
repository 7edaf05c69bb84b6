/**
 * Checkpoints that an operator brings, piece by piece, on their way to the shelf.
 *
 * U1  One piece of an upload waits at a time: it is answered when the shelf has taken it from here.
 * U2  A piece that came already is answered as it was; one that leaves a gap ends the upload, and its operator begins
 *     again. So does a node that is no more: what was begun there is not on the shelf.
 * U3  One that nobody goes on with is given up.
 */
import type { Clock, Timers } from '@waggle/kernel'
import { fault } from '@waggle/protocol'
import type { CheckpointShelf } from './checkpoint-shelf.ts'

export interface UploadedPiece {
  /** Of its first byte. */
  readonly offset: number
  readonly bytes: Uint8Array
  readonly isLast: boolean
}

export interface CheckpointUploadsParts {
  readonly shelf: CheckpointShelf
  readonly clock: Clock
  readonly timers: Timers
}

/** Of all operators. */
const UPLOADS_MAX = 4
const IDLE_MS = 60_000

interface Upload {
  received: number
  lastAtMs: number
  /** The shelf has all of it; rejects where it could not take it. */
  readonly done: Promise<void>
  readonly give: (piece: Uint8Array | undefined) => Promise<void>
  readonly giveUp: () => void
}

export class CheckpointUploads {
  readonly #parts: CheckpointUploadsParts
  readonly #uploads = new Map<string, Upload>()
  /** How many bytes those had that are on the shelf. */
  readonly #ended = new Map<string, number>()

  constructor(parts: CheckpointUploadsParts) {
    this.#parts = parts
  }

  /** @returns how many bytes there are now @throws Fault `RESTORE_REFUSED` (U2), `BUSY`, and as the shelf does */
  async take(name: string, { offset, bytes, isLast }: UploadedPiece): Promise<number> {
    this.#giveUpIdle()
    const end = offset + bytes.length
    if (this.#ended.get(name) === end && isLast) return end
    const upload = offset === 0 ? this.#begin(name) : this.#uploads.get(name)
    if (upload === undefined) throw gap(name, offset, 0)
    upload.lastAtMs = this.#parts.clock.monotonicMs()
    // U2.
    if (end <= upload.received && !isLast) return upload.received
    if (offset > upload.received) {
      this.#end(name, upload)
      throw gap(name, offset, upload.received)
    }
    try {
      if (offset === upload.received) {
        upload.received = end
        await Promise.race([upload.give(bytes), upload.done])
      }
      if (!isLast) return upload.received
      await upload.give(undefined)
      await upload.done
      this.#ended.set(name, end)
      return end
    } finally {
      if (isLast) this.#uploads.delete(name)
    }
  }

  /** A second first piece of one that has just begun is the first one again. */
  #begin(name: string): Upload {
    const before = this.#uploads.get(name)
    if (before !== undefined) return before
    if (this.#uploads.size >= UPLOADS_MAX)
      throw fault('BUSY', 'too many checkpoints are brought at once', { limit: UPLOADS_MAX }, { retryAfterMs: 1_000 })
    const lane = pieceLane()
    const done = this.#parts.shelf.put(name, lane.pieces, { node: 'restore' })
    const upload: Upload = {
      ...{ received: 0, lastAtMs: this.#parts.clock.monotonicMs(), done, give: lane.give, giveUp: lane.giveUp },
    }
    this.#uploads.set(name, upload)
    done.catch(() => {
      if (this.#uploads.get(name) === upload) this.#uploads.delete(name)
    })
    return upload
  }

  /** U3. */
  #giveUpIdle(): void {
    const nowMs = this.#parts.clock.monotonicMs()
    for (const [name, upload] of this.#uploads) if (nowMs - upload.lastAtMs > IDLE_MS) this.#end(name, upload)
  }

  #end(name: string, upload: Upload): void {
    upload.giveUp()
    this.#uploads.delete(name)
  }
}

/** U1: what is given is taken before the next is. */
const pieceLane = () => {
  interface Given {
    readonly piece: Uint8Array | undefined
    readonly taken: () => void
  }
  const given: Given[] = []
  let isGivenUp = false
  let wake: () => void = () => undefined
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = given.shift()
      if (next !== undefined) {
        next.taken()
        if (next.piece === undefined) return
        yield next.piece
      } else if (isGivenUp) throw fault('RESTORE_REFUSED', 'nobody went on with the upload of a checkpoint')
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  return {
    pieces: pieces(),
    give: (piece: Uint8Array | undefined): Promise<void> =>
      new Promise((taken) => {
        given.push({ piece, taken })
        wake()
      }),
    giveUp: (): void => {
      isGivenUp = true
      wake()
    },
  }
}

const gap = (name: string, offset: number, received: number) =>
  fault(
    'RESTORE_REFUSED',
    `a piece of the checkpoint is missing: begin it again received=${received} offset=${offset}`,
    {
      ...{ name, offset, received },
    },
  )
