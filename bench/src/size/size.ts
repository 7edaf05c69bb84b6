/**
 * What does a store of N records cost: to fill in each write mode, to close and open again, also after kill -9, to read
 * and to search, on the disk and in memory, and what do collectives cost that are empty? Every phase is a process of
 * its own. Fails when a search is not exact.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Benchmark } from '../benchmark.ts'
import { startChild } from '../child.ts'
import { wholeNumber } from '../command-line.ts'
import { folderBytes, inTemporaryFolder } from '../disk.ts'
import { writeModes } from '../write-modes.ts'
import type { CollectivesReport, CollectivesTask } from './collectives.ts'
import { diskParts, type DiskParts } from './disk-parts.ts'
import type { LoadReport, LoadTask } from './load.ts'
import type { OpenReport, ReadReport, ReadTask } from './read.ts'
import { reportSize, type LoadFigures, type SizeFigures } from './size-report.ts'

const ROUNDS = 3
const DEFAULT_SEED = 20_260_901

export const size: Benchmark = {
  usage: 'size [--records N] [--collectives N] [--seed S] [--dir DIR] [--out FILE]',
  options: ['records', 'collectives', 'seed'],
  async run(values) {
    const records = wholeNumber(values, 'records', { absent: 10_000, min: 100 })
    const collectives = wholeNumber(values, 'collectives', { absent: 1_000, min: 1 })
    const seed = wholeNumber(values, 'seed', { absent: DEFAULT_SEED, min: 0 })
    return inTemporaryFolder(values.dir, async (folder) => {
      const loads: LoadFigures[] = []
      const afterKill: OpenReport[] = []
      const afterClose: OpenReport[] = []
      let read: ReadReport | undefined
      let disk: DiskParts | undefined
      for (let round = 1; round <= ROUNDS; round += 1)
        for (const mode of writeModes) {
          const path = join(folder, 'store')
          const killed = mode === 'one by one'
          const loaded = await load({ path, folder, records, seed, mode, close: !killed })
          if (killed) {
            afterKill.push(await open(path, seed))
            afterClose.push(await open(path, seed))
          }
          loads.push({ mode, ...loaded, closedBytes: await folderBytes(path) })
          if (killed && round === ROUNDS) {
            read = await readBack(path, seed)
            disk = await diskParts(path)
          }
          await rm(path, { recursive: true })
        }
      const figures: SizeFigures = {
        records,
        seed,
        rounds: ROUNDS,
        loads,
        afterKill,
        afterClose,
        read: read as ReadReport,
        disk: disk as DiskParts,
        collectives: { made: collectives, ...(await emptyCollectives(join(folder, 'store'), collectives)) },
      }
      return reportSize(figures)
    })
  },
}

/** Fills a new store; it is closed, or killed while it is open. */
const load = async (task: LoadTask): Promise<LoadReport> => {
  const child = startChild('size-load', [JSON.stringify(task)])
  const report = await child.report<LoadReport>()
  await (task.close ? child.ended() : child.kill())
  return report
}

const open = async (path: string, seed: number): Promise<OpenReport> =>
  reading<OpenReport>({ path, seed, openOnly: true })

const readBack = async (path: string, seed: number): Promise<ReadReport> =>
  reading<ReadReport>({ path, seed, openOnly: false })

const emptyCollectives = async (path: string, collectives: number): Promise<CollectivesReport> => {
  await inChild('size-collectives', { path, collectives, make: true } satisfies CollectivesTask)
  return inChild('size-collectives', { path, collectives, make: false } satisfies CollectivesTask)
}

const reading = async <Report>(task: ReadTask): Promise<Report> => inChild('size-read', task)

const inChild = async <Report>(name: string, task: object): Promise<Report> => {
  const child = startChild(name, [JSON.stringify(task)])
  const report = await child.report<Report>()
  await child.ended()
  return report
}
