/** What was measured of the processes, from the recorded runs of the benchmarks. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Measured } from '../src/rules/measured.ts'

const results = path.resolve(import.meta.dirname, '../../../bench/results')

interface Rolling {
  readonly drainMsMax: Measured['drainMs']
  readonly peakRssBytes: Measured['memoryBytes']
}

interface Scale {
  /** Of 1,000, 10,000 and 100,000 records of 384 components. */
  readonly stores: readonly { readonly memoryBytes: number }[]
}

const read = async <Result>(name: string): Promise<Result> =>
  JSON.parse(await readFile(path.join(results, name), 'utf8')) as Result

/** A shard process keeps what the largest store that was measured took, beside what a process of a cluster takes. */
export const measured = async (): Promise<Measured> => {
  const { drainMsMax, peakRssBytes } = await read<Rolling>('rolling.json')
  const { stores } = await read<Scale>('scale.json')
  const records = Math.max(...stores.map(({ memoryBytes }) => memoryBytes))
  return { drainMs: drainMsMax, memoryBytes: { ...peakRssBytes, shard: peakRssBytes.shard + records } }
}
