/**
 * Counts answers to clients and how long they took, wherever they are made.
 *
 * N1  Labels are names of the interface and codes of the catalogue. What is no operation is counted as `unknown`:
 *     whoever makes names up must not make series.
 * N2  Of requests that wait for changes the time is left out: it is what they asked for.
 */
import type { Counter, Histogram, Metrics } from '@waggle/kernel'
import { isOperationName, isPollName, isSystemName, metricTable, type BuiltName } from '@waggle/protocol'

const ANSWERED = 'OK'
const UNKNOWN = 'unknown'

interface OfOperation {
  readonly duration: Histogram
  readonly byCode: Map<string, Counter>
}

export class RequestMetrics {
  readonly #metrics: Metrics
  readonly #operations = new Map<string, OfOperation>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  /**
   * @param code of the fault that it was answered with; absent for a result
   * @param durationMs absent where it is not known
   */
  answered(operation: string, code = ANSWERED, durationMs?: number): void {
    const { duration, byCode } = this.#of(operation)
    const counter = byCode.get(code) ?? this.#counter(operation, code)
    byCode.set(code, counter)
    counter.add()
    // N2.
    if (durationMs !== undefined && !isPollName(operation as BuiltName)) duration.record(durationMs / 1_000)
  }

  #of(operation: string): OfOperation {
    const known = this.#operations.get(operation)
    if (known !== undefined) return known
    // N1.
    if (!isOperationName(operation) && !isSystemName(operation) && operation !== UNKNOWN) return this.#of(UNKNOWN)
    const duration = this.#metrics.histogram(metricTable.requestDuration, { op: operation })
    const made: OfOperation = { duration, byCode: new Map() }
    this.#operations.set(operation, made)
    return made
  }

  #counter(operation: string, code: string): Counter {
    const op = this.#operations.has(operation) ? operation : UNKNOWN
    return this.#metrics.counter(metricTable.requests, { op, code })
  }
}
