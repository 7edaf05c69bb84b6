import type { AnyMetricDeclaration, MetricLabels, MetricReading, Metrics } from '../metrics.ts'

/** Metrics that a test looks into. */
export interface RecordedMetrics {
  readonly metrics: Metrics
  /** What a counter or a gauge says now; `undefined` where nothing was told of it. */
  value(declaration: AnyMetricDeclaration, labels?: MetricLabels): number | undefined
  /** What a histogram was told, in its order. */
  values(declaration: AnyMetricDeclaration, labels?: MetricLabels): readonly number[]
}

export const recordedMetrics = (): RecordedMetrics => {
  const told = new Map<string, number[]>()
  const readers = new Map<string, Set<() => Iterable<MetricReading>>>()
  const keyOf = ({ name, labels: names }: AnyMetricDeclaration, labels: MetricLabels = {}): string =>
    [name, ...names.map((label) => labels[label])].join('\n')
  const list = (declaration: AnyMetricDeclaration, labels?: MetricLabels): number[] => {
    const key = keyOf(declaration, labels)
    const values = told.get(key) ?? []
    told.set(key, values)
    return values
  }
  return {
    metrics: {
      counter: (declaration, labels) => ({ add: (amount = 1) => void list(declaration, labels).push(amount) }),
      histogram: (declaration, labels) => ({ record: (value) => void list(declaration, labels).push(value) }),
      observe(declaration, read) {
        const all = readers.get(declaration.name) ?? new Set()
        readers.set(declaration.name, all.add(read))
        return () => all.delete(read)
      },
    },
    value(declaration, labels) {
      const key = keyOf(declaration, labels)
      const read = [...(readers.get(declaration.name) ?? [])].flatMap((ask) => [...ask()])
      const found = [...(told.get(key) ?? []), ...read.filter((one) => keyOf(declaration, one.labels) === key)]
      const values = found.map((one) => (typeof one === 'number' ? one : one.value))
      return values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0)
    },
    values: (declaration, labels) => told.get(keyOf(declaration, labels)) ?? [],
  }
}
