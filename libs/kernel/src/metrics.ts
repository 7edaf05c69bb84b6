/**
 * How a library tells in numbers what it does. Names, labels and buckets are declared in one table by whoever
 * publishes them; what is declared is all that can be told.
 *
 * A label has few values, known beforehand: operations, codes, shards. Never an id, a tenant or a collective: each
 * value is a series that is kept for good.
 */

interface MetricDeclaration<Label extends string> {
  /** As it is published: with its base unit, a counter with `_total`. */
  readonly name: string
  /** Of its values, in UCUM: `s`, `By`, `1` for a ratio, or empty where things are counted. */
  readonly unit: MetricUnit
  readonly help: string
  readonly labels: readonly Label[]
}

export type MetricUnit = 's' | 'By' | '1' | ''

/** What only grows. */
export interface CounterDeclaration<Label extends string = string> extends MetricDeclaration<Label> {
  readonly kind: 'counter'
}

/** What is so much at this moment. */
export interface GaugeDeclaration<Label extends string = string> extends MetricDeclaration<Label> {
  readonly kind: 'gauge'
}

/** How values are spread. */
export interface HistogramDeclaration<Label extends string = string> extends MetricDeclaration<Label> {
  readonly kind: 'histogram'
  /** Upper bounds of the buckets, rising, each included; what is above the last one is counted too. */
  readonly bounds: readonly number[]
}

export type AnyMetricDeclaration = CounterDeclaration | GaugeDeclaration | HistogramDeclaration

export type MetricLabels<Label extends string = string> = Readonly<Record<Label, string>>

export interface Counter {
  /** @param amount 0 or more; 1 where it is absent */
  add(amount?: number): void
}

export interface Histogram {
  record(value: number): void
}

export interface MetricReading<Label extends string = string> {
  readonly labels: MetricLabels<Label>
  readonly value: number
}

/**
 * Where a library tells its numbers. Whoever counts often asks for its counter once and keeps it: counting then costs
 * nothing but an addition.
 */
export interface Metrics {
  /** The same one for the same labels. */
  counter<Label extends string>(declaration: CounterDeclaration<Label>, labels: MetricLabels<Label>): Counter
  /** The same one for the same labels. */
  histogram<Label extends string>(declaration: HistogramDeclaration<Label>, labels: MetricLabels<Label>): Histogram
  /**
   * Asks `read` whenever the numbers are wanted; it must not throw and takes little time.
   * @returns forgets it
   */
  observe<Label extends string>(
    declaration: CounterDeclaration<Label> | GaugeDeclaration<Label>,
    read: () => Iterable<MetricReading<Label>>,
  ): () => void
}

const silentCounter: Counter = { add: () => undefined }
const silentHistogram: Histogram = { record: () => undefined }

/** Tells nobody: the default of a library. */
export const silentMetrics: Metrics = {
  counter: () => silentCounter,
  histogram: () => silentHistogram,
  observe: () => () => undefined,
}
