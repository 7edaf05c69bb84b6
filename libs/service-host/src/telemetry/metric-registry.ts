/**
 * Keeps what the libraries of a process count, and hands it to OpenTelemetry as one of its metric producers.
 *
 * The counting is done here and not by the SDK's own instruments, which make a text of the labels for every number that
 * they are told: 0.9 to 1.7 µs each, against some 10 ns (`docs/observability.md`).
 *
 * M1  A series is made when it is first asked for, and found again by the values of its labels.
 * M2  Numbers that are read when they are wanted may come from several readers of one metric; one that fails takes
 *     nothing from the others, and is told among the errors.
 */
import type {
  Clock,
  Counter,
  CounterDeclaration,
  GaugeDeclaration,
  Histogram,
  HistogramDeclaration,
  MetricLabels,
  MetricReading,
  Metrics,
  AnyMetricDeclaration,
} from '@waggle/kernel'
import { assert } from '@waggle/kernel'
import { ValueType, type HrTime } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  DataPointType,
  type CollectionResult,
  type DataPoint,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics'

export interface MetricRegistryParts {
  readonly clock: Pick<Clock, 'nowMs'>
  /** Whose numbers they are. */
  readonly resource: Resource
}

class CounterSeries implements Counter {
  value = 0

  add(amount = 1): void {
    this.value += amount
  }
}

class HistogramSeries implements Histogram {
  readonly #bounds: readonly number[]
  /** Of each bucket, that above the last bound too. */
  readonly counts: number[]
  sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  record(value: number): void {
    let bucket = 0
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] as number)) bucket += 1
    this.counts[bucket] = (this.counts[bucket] as number) + 1
    this.sum += value
  }
}

interface Labelled<Series> {
  readonly labels: MetricLabels
  readonly series: Series
}

/** One metric of the table, with what was told of it. */
interface Family {
  readonly declaration: AnyMetricDeclaration
  readonly counters: Map<string, Labelled<CounterSeries>>
  readonly histograms: Map<string, Labelled<HistogramSeries>>
  readonly readers: Set<() => Iterable<MetricReading>>
}

export class MetricRegistry implements Metrics, MetricProducer {
  readonly #parts: MetricRegistryParts
  readonly #startTime: HrTime
  readonly #families = new Map<string, Family>()

  constructor(parts: MetricRegistryParts) {
    this.#parts = parts
    this.#startTime = this.#now()
  }

  counter<Label extends string>(declaration: CounterDeclaration<Label>, labels: MetricLabels<Label>): Counter {
    const { counters } = this.#family(declaration)
    return seriesOf(counters, declaration, labels, () => new CounterSeries())
  }

  histogram<Label extends string>(declaration: HistogramDeclaration<Label>, labels: MetricLabels<Label>): Histogram {
    const { histograms } = this.#family(declaration)
    return seriesOf(histograms, declaration, labels, () => new HistogramSeries(declaration.bounds))
  }

  observe<Label extends string>(
    declaration: CounterDeclaration<Label> | GaugeDeclaration<Label>,
    read: () => Iterable<MetricReading<Label>>,
  ): () => void {
    const { readers } = this.#family(declaration)
    readers.add(read)
    return () => {
      readers.delete(read)
    }
  }

  /** What there is at this moment; a metric of which nothing was told yet is not among it. */
  async collect(): Promise<CollectionResult> {
    const errors: unknown[] = []
    const endTime = this.#now()
    const metrics = [...this.#families.values()]
      .map((family) => this.#dataOf(family, endTime, errors))
      .filter(({ dataPoints }) => dataPoints.length > 0)
    const scopeMetrics = [{ scope: { name: 'waggle' }, metrics }]
    return { resourceMetrics: { resource: this.#parts.resource, scopeMetrics }, errors }
  }

  #family(declaration: AnyMetricDeclaration): Family {
    const found = this.#families.get(declaration.name)
    assert(found === undefined || found.declaration === declaration, 'a metric is declared once')
    const family = found ?? { declaration, counters: new Map(), histograms: new Map(), readers: new Set() }
    if (found === undefined) this.#families.set(declaration.name, family)
    return family
  }

  #dataOf({ declaration, counters, histograms, readers }: Family, endTime: HrTime, errors: unknown[]): MetricData {
    const { name, help: description, unit } = declaration
    const shared = {
      descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
    }
    const point = <Value>(attributes: MetricLabels, value: Value): DataPoint<Value> => ({
      ...{ startTime: this.#startTime, endTime, attributes, value },
    })
    if (declaration.kind === 'histogram') {
      const { bounds } = declaration
      const dataPoints = [...histograms.values()].map(({ labels, series }) => point(labels, spreadOf(series, bounds)))
      return { ...shared, dataPointType: DataPointType.HISTOGRAM, dataPoints }
    }
    const counted = [...counters.values()].map(({ labels, series }) => point(labels, series.value))
    const read = [...readers].flatMap((ask) => readingsOf(ask, errors)).map(({ labels, value }) => point(labels, value))
    const dataPoints = [...counted, ...read]
    return declaration.kind === 'gauge'
      ? { ...shared, dataPointType: DataPointType.GAUGE, dataPoints }
      : { ...shared, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
  }

  #now(): HrTime {
    const nowMs = this.#parts.clock.nowMs()
    return [Math.floor(nowMs / 1_000), (nowMs % 1_000) * 1_000_000]
  }
}

/** M1. */
const seriesOf = <Series, Label extends string>(
  all: Map<string, Labelled<Series>>,
  declaration: CounterDeclaration<Label> | HistogramDeclaration<Label>,
  labels: MetricLabels<Label>,
  make: () => Series,
): Series => {
  const key = declaration.labels.map((label) => labels[label]).join('\n')
  const found = all.get(key) ?? { labels: { ...labels }, series: make() }
  all.set(key, found)
  return found.series
}

/** M2. */
const readingsOf = (read: () => Iterable<MetricReading>, errors: unknown[]): readonly MetricReading[] => {
  try {
    return [...read()]
  } catch (error) {
    errors.push(error)
    return []
  }
}

const spreadOf = ({ counts, sum }: HistogramSeries, bounds: readonly number[]) => ({
  sum,
  count: counts.reduce((total, count) => total + count, 0),
  buckets: { boundaries: [...bounds], counts: [...counts] },
})
