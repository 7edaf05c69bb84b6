/**
 * How do costs grow? With the records of a store, from a hundredth of `--records` up; with the shards, the
 * clients and the nodes of a cluster. Processor time says what the cores are busy with, rates beside those of a bare
 * publish of the same bytes what share of the bus is used.
 */
import type { Benchmark } from '../benchmark.ts'
import { wholeNumber } from '../command-line.ts'
import { inTemporaryFolder } from '../disk.ts'
import { figure, table, type Outcome } from '../report.ts'
import { clusterGrowth, type ClusterFigures } from './cluster-growth.ts'
import { storeGrowth, type StoreFigures } from './store-growth.ts'

const DEFAULT_SEED = 20_260_901
const RECORDS = 100_000
/** Sizes of stores, as shares of the largest. */
const SHARES = [0.01, 0.1, 1]

export const scale: Benchmark = {
  usage: 'scale [--records N] [--calls N] [--seed S] [--dir DIR] [--out FILE]',
  options: ['records', 'calls', 'seed'],
  async run(values) {
    const records = wholeNumber(values, 'records', { absent: RECORDS, min: 1_000 })
    const calls = wholeNumber(values, 'calls', { absent: 4_096, min: 64 })
    const seed = wholeNumber(values, 'seed', { absent: DEFAULT_SEED, min: 0 })
    const stores: StoreFigures[] = []
    for (const share of SHARES)
      stores.push(
        await inTemporaryFolder(values.dir, async (folder) =>
          storeGrowth({ folder, records: Math.round(records * share), seed }),
        ),
      )
    const clusters = await clusterGrowth({ parent: values.dir, calls })
    return report(stores, clusters)
  },
}

const report = (stores: readonly StoreFigures[], clusters: readonly ClusterFigures[]): Outcome => {
  const tables = [storeTable(stores), clusterTable(clusters)]
  const text = tables.map(({ title, heads, rows }) => `${title}\n\n${table(heads, rows)}`).join('\n\n')
  return { passed: true, text, figures: { stores, clusters, tables } }
}

const storeTable = (stores: readonly StoreFigures[]) => ({
  title: 'A store in this process, 384 dimensions, 200 bytes of text',
  heads: [
    ...['records', 'records/s, 64 callers', 'CPU µs/record', 'disk bytes/record', 'open to first search ms'],
    ...['memory bytes/record', 'get p50 µs', 'search p50 µs', 'p99 µs', 'CPU µs/search'],
  ],
  rows: stores.map((store) => [
    String(store.records),
    figure(store.recordsPerSecond),
    figure(store.cpuUsPerRecord),
    figure(store.diskBytes / store.records),
    figure(store.searchableMs),
    figure(store.memoryBytes / store.records),
    figure(store.getUs.p50),
    figure(store.searchUs.p50),
    figure(store.searchUs.p99),
    figure(store.cpuUsPerSearch),
  ]),
})

const clusterTable = (clusters: readonly ClusterFigures[]) => ({
  title: 'A cluster: records by so many clients, spread over as many collectives as there are shards',
  heads: [
    ...['shards, nodes, clients', 'records/s', '÷ bare publish', 'p50 ms', 'CPU µs/record', 'client', 'router'],
    ...['shard', 'nats', 'of the cores'],
  ],
  rows: clusters.map(({ shards, nodes, clients, perSecond, overPublish, p50Ms, cpuUs, coresShare }) => [
    [shards, nodes, clients].join(', '),
    figure(perSecond),
    figure(overPublish),
    figure(p50Ms),
    figure(Object.values(cpuUs).reduce((sum, us) => sum + us, 0)),
    ...['client', 'router', 'shard', 'nats'].map((role) => figure(cpuUs[role] ?? Number.NaN)),
    `${Math.round(100 * coresShare)} %`,
  ]),
})
