/**
 * Lets a process end although a thread of it is inside the binding. Node stops its threads when the process exits, and
 * a call of the binding that is stopped in the middle aborts the whole process; so the end waits for the call that is
 * under way, and no further one begins.
 */
const CALLS = 0
const CLOSED = 1

export class NativeGate {
  readonly #cells: Int32Array

  /** @param memory shared with the other thread */
  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Int32Array(memory)
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)
  }

  /** Runs one call of the binding. @throws Error once the gate is closed: the process is about to end */
  pass<Result>(call: () => Result): Result {
    this.#enter()
    try {
      return call()
    } finally {
      this.#leave()
    }
  }

  /** The same for a call that goes on after it has returned. */
  async passAsync<Result>(call: () => Promise<Result>): Promise<Result> {
    this.#enter()
    try {
      return await call()
    } finally {
      this.#leave()
    }
  }

  /** Lets nobody in any more, and waits, without giving way, until all are out. */
  close(): void {
    Atomics.store(this.#cells, CLOSED, 1)
    for (let calls = this.#calls; calls > 0; calls = this.#calls) Atomics.wait(this.#cells, CALLS, calls)
  }

  get #calls(): number {
    return Atomics.load(this.#cells, CALLS)
  }

  #enter(): void {
    Atomics.add(this.#cells, CALLS, 1)
    if (Atomics.load(this.#cells, CLOSED) === 0) return
    this.#leave()
    throw new Error('the process ends')
  }

  #leave(): void {
    Atomics.sub(this.#cells, CALLS, 1)
    Atomics.notify(this.#cells, CALLS)
  }
}
