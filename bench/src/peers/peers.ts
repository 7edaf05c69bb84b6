/**
 * How do we compare with the peers? The same work for all, on the same vectors of one seed, in turns, several rounds;
 * every figure to reach gets a verdict. Peers are built from their published packages outside the repository. A figure
 * whose peer is not there is not reached, and the table says what the peer lacks.
 */
import { mkdir } from 'node:fs/promises'
import type { Benchmark } from '../benchmark.ts'
import { UsageError, wholeNumber } from '../command-line.ts'
import { inTemporaryFolder } from '../disk.ts'
import { Contest, sizeOf, type ContestParts, type Question } from './contest.ts'
import { judge } from './goal.ts'
import { defaultPeerFolder, PeerFolder } from './peer-folder.ts'
import { reportPeers } from './peers-report.ts'
import { batches } from './questions/batches.ts'
import { cluster } from './questions/cluster.ts'
import { embedded } from './questions/embedded.ts'
import { hard } from './questions/hard.ts'
import { large } from './questions/large.ts'
import { locomo } from './questions/locomo.ts'
import type { Reading } from './reading.ts'
import { workloadIn } from './workload.ts'

const questions: readonly Question[] = [embedded, hard, cluster, batches, locomo, large]

const DEFAULT_SEED = 20_260_901
const RECORDS = 10_000
/** Exact answers cost a look at every record each. */
const QUERIES = { small: 1_000, large: 300 }
const ROUNDS = { small: 3, large: 1 }

export const peers: Benchmark = {
  usage:
    'peers [--records N] [--seed S] [--rounds N] [--only A,B] [--peers DIR] [--pgvector DIR] [--data DIR] ' +
    '[--dir DIR] [--out FILE]',
  options: ['records', 'seed', 'rounds', 'only', 'peers', 'pgvector', 'data'],
  async run(values) {
    const records = wholeNumber(values, 'records', { absent: RECORDS, min: 2_000 })
    const seed = wholeNumber(values, 'seed', { absent: DEFAULT_SEED, min: 0 })
    const size = sizeOf(records)
    const rounds = wholeNumber(values, 'rounds', { absent: ROUNDS[size], min: 1 })
    const asked = chosen(values.only).filter(({ sizes }) => sizes.includes(size))
    const folder = new PeerFolder(values.peers ?? defaultPeerFolder())
    await mkdir(folder.data, { recursive: true })
    const workload = { seed, rows: records, queries: QUERIES[size] }
    const [clustered, hardOnes] = [
      await workloadIn(folder.data, 'clustered', workload),
      await workloadIn(folder.data, 'hard', workload),
    ]
    const readings: Reading[] = []
    const absent = new Map<string, string>()
    await inTemporaryFolder(values.dir, async (temporary) => {
      const given = { size, clustered, hard: hardOnes, peers: folder, folder: temporary }
      const { pgvector, data } = values
      for (let round = 1; round <= rounds; round += 1)
        readings.push(...(await oneRound(asked, { ...given, pgvector, data, round }, absent)))
    })
    const verdicts = asked.flatMap(({ goals }) => goals.map((goal) => judge(goal, readings, absent)))
    const workloads = [clustered, hardOnes].map(({ kind, hashes }) => ({ kind, hashes }))
    return reportPeers({ records, seed, rounds, verdicts, readings, absent: Object.fromEntries(absent), workloads })
  },
}

const oneRound = async (
  asked: readonly Question[],
  parts: ContestParts,
  absent: Map<string, string>,
): Promise<readonly Reading[]> => {
  const contest = new Contest(parts, absent)
  for (const question of asked) {
    process.stderr.write(`round ${parts.round}: ${question.name}\n`)
    await question.measure(contest)
  }
  return contest.readings
}

/** @throws UsageError */
const chosen = (only: string | undefined): readonly Question[] => {
  if (only === undefined) return questions
  return only.split(',').map((name) => {
    const question = questions.find((one) => one.name === name)
    if (question === undefined) throw new UsageError(`--only takes ${questions.map((one) => one.name).join(', ')}`)
    return question
  })
}
