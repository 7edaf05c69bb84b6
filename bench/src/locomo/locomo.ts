/**
 * Does a store find in real agent memory what an exact search finds, and how fast? Imports conversations in every write
 * mode, opens each store again, and asks all questions: unrestricted and with filters, of the store and the reference;
 * then by words, and by words and meaning, to tell which sort of search finds the evidence.
 * Fails when a single list of ids differs. The store is embedded, a cluster of its own, or one that is there; a cluster
 * of its own is not opened again, but loses the process that leads.
 */
import type { Benchmark } from '../benchmark.ts'
import { clusterPeakRssMb, withOwnCluster } from '../cluster/own-cluster.ts'
import { UsageError, wholeNumber, type OptionValues } from '../command-line.ts'
import { inTemporaryFolder } from '../disk.ts'
import { untilInterrupted } from '../interruption.ts'
import { peakRssMb } from '../machine.ts'
import { median, medianDistribution } from '../statistics.ts'
import { writeModes, type WriteMode } from '../write-modes.ts'
import { readConversations, type ConversationSet } from './conversation.ts'
import { findEvidence, type EvidenceFigures } from './evidence.ts'
import { importSet, type ImportFigures, type Imported } from './import.ts'
import { reopen, shelvesOf, type Reopening, type Shelf } from './opened.ts'
import { askAll, bySpeaker, bySpeakerAndTime, unrestricted, type PassOutcome } from './passes.ts'
import { recallOf } from './recall.ts'
import { reportLocomo, type LocomoFigures, type StoreFigures } from './locomo-report.ts'
import { clusterSite, embeddedSite, serverSite, type Site } from './site.ts'
import { TakeOvers } from './take-over.ts'
import type { Timing } from '../timed.ts'
import { timeSearches, type SearchWay } from './timing.ts'

/** Imports of each mode, searches of each sort, and openings of each store. */
const ROUNDS = 3

export const locomo: Benchmark = {
  usage: 'locomo --data DIR [--cluster [--nodes N] | --server URL] [--dir DIR] [--out FILE]',
  options: ['data', 'server', 'nodes'],
  flags: ['cluster'],
  async run(values) {
    const { data } = values
    if (data === undefined) throw new UsageError('--data names the folder of the conversations')
    checkPlace(values)
    const set = await readConversations(data)
    const rssBeforeMb = peakRssMb()
    const figures = await measure(set, values)
    return reportLocomo({ ...figures, data: sizesOf(set), memory: { ...figures.memory, rssBeforeMb } })
  },
}

const checkPlace = ({ cluster, server, nodes }: OptionValues): void => {
  if (cluster !== undefined && server !== undefined) throw new UsageError('--cluster or --server, not both')
  if (cluster === undefined && nodes !== undefined) throw new UsageError('--nodes goes with --cluster')
}

type Measured = Omit<LocomoFigures, 'data'>

const measure = async (set: ConversationSet, values: OptionValues): Promise<Measured> => {
  const { dir, server } = values
  if (values.cluster !== undefined) {
    const nodes = wholeNumber(values, 'nodes', { absent: 1, min: 1 })
    return withOwnCluster({ parent: dir, nodes }, async (cluster) => {
      const measured = await measureAt(clusterSite(cluster), set, new TakeOvers(cluster.running))
      return { ...measured, nodes, memory: { ...measured.memory, clusterPeakRssMb: clusterPeakRssMb(cluster) } }
    })
  }
  return inTemporaryFolder(dir, async (folder) => {
    if (server === undefined) return measureAt(embeddedSite(folder), set)
    return untilInterrupted(async ({ interrupted }) => {
      const site = serverSite(server, folder)
      try {
        return await Promise.race([measureAt(site, set), interrupted])
      } finally {
        await site.clear()
      }
    })
  })
}

const measureAt = async (site: Site, set: ConversationSet, takeOvers?: TakeOvers): Promise<Measured> => {
  const { stores, figures } = await importRounds(set, site)
  const checked: CheckedStore[] = []
  for (const store of stores) checked.push(await checkStore(site, store, { timed: checked.length === 0, takeOvers }))
  return {
    site: site.kind,
    imports: figures,
    stores: checked.map(({ timing: _, evidence: _evidence, ...rest }) => rest),
    evidence: checked[0]?.evidence ?? [],
    timing: checked[0]?.timing as Timing<SearchWay>,
    memory: { rssBeforeMb: 0, peakRssMb: peakRssMb() },
  }
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
  readonly store: string
  readonly imported: readonly Imported[]
}

/** Every mode once a round; the stores of the last round are the ones that are searched. */
const importRounds = async (
  set: ConversationSet,
  site: Site,
): Promise<{ readonly stores: readonly ImportedStore[]; readonly figures: readonly ImportFigures[] }> => {
  const figures: ImportFigures[] = []
  const stores: ImportedStore[] = []
  for (let round = 1; round <= ROUNDS; round += 1)
    for (const [index, mode] of writeModes.entries()) {
      const store = `${round}-${index}`
      const done = await importSet(set, { site, store, mode })
      figures.push(done.figures)
      if (round === ROUNDS) stores.push({ mode, store, imported: done.imported })
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
    ownCpuUsPerRecord: of(({ ownCpuUsPerRecord }) => ownCpuUsPerRecord),
    closeMs: of(({ closeMs }) => closeMs),
    bytesPerRecord: of(({ bytesPerRecord }) => bytesPerRecord),
  }
}

interface CheckedStore extends StoreFigures {
  readonly timing?: Timing<SearchWay>
  readonly evidence?: readonly EvidenceFigures[]
}

/** Opens a store again and again, asks everything, and times it where that is asked for. */
const checkStore = async (
  site: Site,
  { mode, store, imported }: ImportedStore,
  { timed, takeOvers }: { readonly timed: boolean; readonly takeOvers: TakeOvers | undefined },
): Promise<CheckedStore> => {
  const openings: Reopening[] = []
  const open = async () => site.open(store)
  for (let round = 1; site.kind === 'embedded' && round < ROUNDS; round += 1) {
    const { waggle, took } = await reopen(open, imported)
    openings.push(took)
    await waggle.close()
  }
  const { waggle, hives, took } = await reopen(open, imported)
  if (site.kind === 'embedded') openings.push(took)
  try {
    const shelves = shelvesOf(imported, hives)
    const takeOver = await takeOvers?.provoke(shelves)
    const figures = { mode, openings, ...(takeOver === undefined ? {} : { takeOver }), ...(await allPasses(shelves)) }
    if (!timed) return figures
    return { ...figures, timing: await timeSearches(shelves, ROUNDS), evidence: await findEvidence(shelves) }
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
