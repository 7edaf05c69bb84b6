/**
 * Does a killed writer cost anything that it was promised? Rounds on one growing folder: a writer is killed by SIGKILL
 * at a random moment, the folder opened again, every record that was ever acknowledged looked up by id and by list, the
 * round's by search, and what was in doubt repeated with the same keys. The last round searches for every record.
 * Fails when anything is lost, doubled, or there by half. It kills a process, not the power: what the system has in its
 * cache survives.
 */
import { join } from 'node:path'
import { openWaggle } from '@waggle/embedded'
import type { Benchmark } from '../benchmark.ts'
import { positiveNumber, wholeNumber } from '../command-line.ts'
import { folderBytes, inTemporaryFolder } from '../disk.ts'
import { figure, table, type Outcome } from '../report.ts'
import { seededRandom } from '../seeded-random.ts'
import { distributionOf, sumOf } from '../statistics.ts'
import { inspect, noteTorn, repeat } from './inspection.ts'
import { Findings } from './judge.ts'
import type { Operation, PlanStart } from './plan.ts'
import { killsOf, writeAndKill, type Kill } from './writers.ts'
import { openCollectives } from './writer.ts'

const DEFAULT_SEED = 20_260_901

export const crash: Benchmark = {
  usage: 'crash [--rounds N] [--seconds S] [--seed S] [--dir DIR] [--out FILE]',
  options: ['rounds', 'seconds', 'seed'],
  async run(values) {
    const rounds = wholeNumber(values, 'rounds', { absent: 20, min: 1 })
    const seconds = positiveNumber(values, 'seconds', 1)
    const seed = wholeNumber(values, 'seed', { absent: DEFAULT_SEED, min: 0 })
    return inTemporaryFolder(values.dir, async (folder) => {
      const random = seededRandom(seed)
      const findings = new Findings()
      const done: RoundFigures[] = []
      let history: History = { folder, next: { seed, operation: 0 }, ids: new Map() }
      for (let round = 1; round <= rounds; round += 1) {
        const kills = killsOf(round, random, seconds)
        const { figures, after } = await crashRound(history, kills, findings, { searchAll: round === rounds })
        done.push(figures)
        history = after
      }
      return reportCrash({ rounds, seconds, seed }, done, findings, await folderBytes(join(folder, 'store')))
    })
  },
}

/** What the rounds so far have left: `ids` has every record of the operations before `next`. */
interface History {
  readonly folder: string
  readonly next: PlanStart
  readonly ids: ReadonlyMap<number, string>
}

interface RoundFigures {
  /** Records that the killed writers were told are durable. */
  readonly acknowledged: number
  /** Records handed over and not acknowledged, and how many of them were there. */
  readonly inDoubt: number
  readonly present: number
  readonly kills: number
  readonly reopenMs: number
}

const crashRound = async (
  { folder, next: start, ids }: History,
  kills: readonly Kill[],
  findings: Findings,
  { searchAll }: { readonly searchAll: boolean },
): Promise<{ readonly figures: RoundFigures; readonly after: History }> => {
  const { seed } = start
  const { begun, acknowledged, next } = await writeAndKill(folder, start, kills)
  const numbers = begun.flatMap(({ records }) => records)
  const inDoubt = numbers.filter((number) => !acknowledged.has(number))

  const opening = performance.now()
  const waggle = await openWaggle({ path: join(folder, 'store') })
  const reopenMs = performance.now() - opening
  try {
    const hives = await openCollectives(waggle)
    const known = new Map([...ids, ...acknowledged])
    const listed = await inspect(hives, { seed, known, inDoubt, searched: numbers }, findings)
    noteTorn(begun, listed, findings)
    const repeated = await repeat(hives, { seed, operations: toRepeat(begun, acknowledged) }, listed, findings)
    for (const [number, id] of repeated) known.set(number, id)
    const searched = searchAll ? known.keys() : repeated.keys()
    await inspect(hives, { seed, known, inDoubt: [], searched }, findings)
    const present = inDoubt.filter((number) => listed.has(number)).length
    return {
      figures: { acknowledged: acknowledged.size, inDoubt: inDoubt.length, present, kills: kills.length, reopenMs },
      after: { folder, next, ids: known },
    }
  } finally {
    await waggle.close()
  }
}

/** What is in doubt, and the last operation, whatever became of it: a repetition is never wrong. */
const toRepeat = (begun: readonly Operation[], acknowledged: ReadonlyMap<number, string>): readonly Operation[] =>
  begun.filter(
    ({ records }, index) => index === begun.length - 1 || records.some((number) => !acknowledged.has(number)),
  )

const reportCrash = (
  settings: { readonly rounds: number; readonly seconds: number; readonly seed: number },
  rounds: readonly RoundFigures[],
  findings: Findings,
  storeBytes: number,
): Outcome => {
  const total = (key: keyof RoundFigures): number => sumOf(rounds.map((round) => round[key]))
  const { lost, doubled, half } = findings.tally
  const reopenMs = distributionOf(rounds.map((round) => round.reopenMs))
  const figures = {
    ...settings,
    kills: total('kills'),
    acknowledged: total('acknowledged'),
    inDoubt: total('inDoubt'),
    inDoubtPresent: total('present'),
    ...findings.tally,
    reopenMs,
    storeBytes,
  }
  const passed = lost + doubled + half === 0
  const rows = Object.entries({
    'writers killed': figures.kills,
    'acknowledged records': figures.acknowledged,
    lost,
    doubled,
    half,
    'records in doubt at a kill': figures.inDoubt,
    'of these there before the repetition': figures.inDoubtPresent,
    'reopen after a kill, median ms': reopenMs.p50,
    'reopen after a kill, longest ms': reopenMs.max,
    'store at the end, MB': storeBytes / 2 ** 20,
  }).map(([name, value]) => [name, figure(value)])
  const heading = `crash, ${settings.rounds} rounds, seed ${settings.seed}`
  return { passed, text: [table([heading, ''], rows), ...findings.examples].join('\n'), figures }
}
