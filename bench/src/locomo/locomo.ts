/**
 * Does a store find in real agent memory what an exact search finds, and how fast? Imports conversations in every write
 * mode, opens each store again, and asks all questions: unrestricted and with filters, of the store and the reference.
 * Fails when a single list of ids differs.
 */
import { join } from 'node:path'
import type { Benchmark } from '../benchmark.ts'
import { UsageError } from '../command-line.ts'
import { inTemporaryFolder } from '../disk.ts'
import { peakRssMb } from '../machine.ts'
import { median, medianDistribution } from '../statistics.ts'
import { writeModes, type WriteMode } from '../write-modes.ts'
import { readConversations, type ConversationSet } from './conversation.ts'
import { importSet, type ImportFigures, type Imported } from './import.ts'
import { reopen, shelvesOf, type Reopening, type Shelf } from './opened.ts'
import { askAll, bySpeaker, bySpeakerAndTime, unrestricted, type PassOutcome } from './passes.ts'
import { recallOf } from './recall.ts'
import { reportLocomo, type StoreFigures } from './locomo-report.ts'
import type { Timing } from '../timed.ts'
import { timeSearches, type SearchWay } from './timing.ts'

/** Imports of each mode, searches of each sort, and openings of each store. */
const ROUNDS = 3

export const locomo: Benchmark = {
  usage: 'locomo --data DIR [--dir DIR] [--out FILE]',
  options: ['data'],
  async run({ data, dir }) {
    if (data === undefined) throw new UsageError('--data names the folder of the conversations')
    const set = await readConversations(data)
    const rssBeforeMb = peakRssMb()
    return inTemporaryFolder(dir, async (folder) => {
      const { stores, figures } = await importRounds(set, folder)
      const checked: (StoreFigures & { readonly timing?: Timing<SearchWay> })[] = []
      for (const store of stores) checked.push(await checkStore(store, { timed: checked.length === 0 }))
      return reportLocomo({
        data: sizesOf(set),
        imports: figures,
        stores: checked.map(({ timing: _, ...rest }) => rest),
        timing: checked[0]?.timing as Timing<SearchWay>,
        memory: { rssBeforeMb, peakRssMb: peakRssMb() },
      })
    })
  },
}

const sizesOf = ({ name, dimension, conversations }: ConversationSet) => ({
  name,
  dimension,
  conversations: conversations.length,
  turns: conversations.reduce((sum, { turns }) => sum + turns.length, 0),
  questions: conversations.reduce((sum, { questions }) => sum + questions.length, 0),
})

interface ImportedStore {
  readonly mode: WriteMode
  readonly path: string
  readonly imported: readonly Imported[]
}

/** Every mode once a round; the stores of the last round are the ones that are searched. */
const importRounds = async (
  set: ConversationSet,
  folder: string,
): Promise<{ readonly stores: readonly ImportedStore[]; readonly figures: readonly ImportFigures[] }> => {
  const figures: ImportFigures[] = []
  const stores: ImportedStore[] = []
  for (let round = 1; round <= ROUNDS; round += 1)
    for (const [index, mode] of writeModes.entries()) {
      const path = join(folder, `${round}-${index}`)
      const done = await importSet(set, { folder, path, mode })
      figures.push(done.figures)
      if (round === ROUNDS) stores.push({ mode, path, imported: done.imported })
    }
  return { stores, figures: writeModes.map((mode) => mediansOf(figures.filter((one) => one.mode === mode))) }
}

const mediansOf = (rounds: readonly ImportFigures[]): ImportFigures => {
  const of = (figure: (one: ImportFigures) => number): number => median(rounds.map(figure))
  return {
    mode: (rounds[0] as ImportFigures).mode,
    recordsPerSecond: of(({ recordsPerSecond }) => recordsPerSecond),
    windowMs: medianDistribution(rounds.map(({ windowMs }) => windowMs)),
    syncsPerSecond: of(({ syncsPerSecond }) => syncsPerSecond),
    ratio: of(({ ratio }) => ratio),
    cpuUsPerRecord: of(({ cpuUsPerRecord }) => cpuUsPerRecord),
    closeMs: of(({ closeMs }) => closeMs),
    bytesPerRecord: of(({ bytesPerRecord }) => bytesPerRecord),
  }
}

/** Opens a store again and again, asks everything, and times it where that is asked for. */
const checkStore = async (
  { mode, path, imported }: ImportedStore,
  { timed }: { readonly timed: boolean },
): Promise<StoreFigures & { readonly timing?: Timing<SearchWay> }> => {
  const openings: Reopening[] = []
  for (let round = 1; round < ROUNDS; round += 1) {
    const { waggle, took } = await reopen(path, imported)
    openings.push(took)
    await waggle.close()
  }
  const { waggle, hives, took } = await reopen(path, imported)
  openings.push(took)
  try {
    const shelves = shelvesOf(imported, hives)
    const figures = { mode, openings, ...(await allPasses(shelves)) }
    return timed ? { ...figures, timing: await timeSearches(shelves, ROUNDS) } : figures
  } finally {
    await waggle.close()
  }
}

const allPasses = async (shelves: readonly Shelf[]): Promise<Omit<StoreFigures, 'mode' | 'openings'>> => {
  const asked: PassOutcome[] = []
  const speaker: PassOutcome[] = []
  const speakerAndTime: PassOutcome[] = []
  for (const shelf of shelves) {
    asked.push(await askAll(shelf, unrestricted))
    speaker.push(await askAll(shelf, bySpeaker(shelf)))
    speakerAndTime.push(await askAll(shelf, await bySpeakerAndTime(shelf)))
  }
  const conversations = shelves.map(({ conversation }, index) => {
    const { figures, store, reference } = asked[index] as PassOutcome
    return { id: conversation.id, ...figures, store: recallOf(store), reference: recallOf(reference) }
  })
  return {
    conversations,
    pooled: {
      store: recallOf(asked.flatMap(({ store }) => store)),
      reference: recallOf(asked.flatMap(({ reference }) => reference)),
    },
    passes: { unrestricted: totalOf(asked), speaker: totalOf(speaker), speakerAndTime: totalOf(speakerAndTime) },
  }
}

const totalOf = (outcomes: readonly PassOutcome[]) => {
  const sum = (key: 'questions' | 'differing' | 'short'): number =>
    outcomes.reduce((total, { figures }) => total + figures[key], 0)
  return { questions: sum('questions'), differing: sum('differing'), short: sum('short') }
}
