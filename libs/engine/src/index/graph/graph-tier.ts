/**
 * The graph of one index: when it is built, kept, asked, and given up.
 *
 * G1  There is none below `rowsMin` rows, and none is begun before somebody searches.
 * G2  It is used only while it is measured to find enough and to be faster than the flat tier; what is not worth its
 *     memory is released, and tried again when the index has twice as many rows. Its file then says so.
 * G3  What it finds is a hint. The flat tier looks at those rows, at all that the graph does not know, and at all that
 *     it has learnt since it was asked: what was acknowledged is never missed, whatever happens between.
 * G4  With more than `deadShareMax` of its labels dead it is built anew.
 * G5  Its file is a cache of a cache: rows are matched by id and by the checksum of their vectors, all others are dead.
 * G6  It grows and changes in the background, a bounded step at a time; whatever fails leaves the flat tier alone.
 */
import { present, uuidBytes, type Clock, type Logger, type Timers } from '@waggle/kernel'
import { join } from 'node:path'
import type { VectorHint, VectorQuery } from '../vector-index.ts'
import type { GraphIdentity } from './graph-file.ts'
import type { GraphFolder } from './graph-host.ts'
import { GraphLabels } from './graph-labels.ts'
import { matchLabels } from './graph-match.ts'
import { measureGraph, type FlatTier, type MeasureParts } from './graph-measure.ts'
import {
  candidatesOf,
  MEASURED_K,
  planSearch,
  type GraphFigures,
  type GraphPlan,
  type SearchTimes,
} from './graph-plan.ts'
import { buildOrder, matchingShare, spread } from './graph-rows.ts'

export interface GraphLimits {
  /** G1. */
  readonly rowsMin: number
  /** G4. */
  readonly deadShareMax: number
  /** Rows that a measurement asks for. */
  readonly sample: number
  /** The file is written when so many labels are new, and when they are a tenth of all. */
  readonly unsavedMin: number
}

/**
 * On easy data a graph is faster from 5,000 rows on, by fractions of a millisecond; below 20,000 that is not worth some
 * seconds of a core and twice the memory.
 */
export const GRAPH_LIMITS: GraphLimits = { rowsMin: 20_000, deadShareMax: 0.4, sample: 100, unsavedMin: 5_000 }

export interface GraphTierParts {
  readonly flat: FlatTier
  readonly dimension: number
  readonly graphs: GraphFolder
  /** Of its file. */
  readonly name: string
  /** Names the life of the index. */
  readonly index: string
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly limits?: GraphLimits
}

/** How an index stands with its graph. */
export type GraphState =
  | { readonly kind: 'none' }
  /** It is being read or built; searches are the flat tier's. */
  | { readonly kind: 'building' }
  | { readonly kind: 'ready'; readonly figures: GraphFigures; readonly times: SearchTimes }
  /** G2. */
  | { readonly kind: 'declined'; readonly rows: number }
  /** G6. */
  | { readonly kind: 'failed' }

/** Rows of a message to the graph: its insertion takes a quarter of a second. */
const BATCH_ROWS = 256
/** G2: recall falls with the number of rows, so it is measured again. */
const GROWTH_MEASURED = 1.5
/** G2. */
const DECLINED_GROWTH = 2
const SAVED_SHARE = 0.1
/** Before the first vector: locks of 65,536 labels. */
const GRAPH_FIXED_BYTES = 2_600_000
/** Of a vector beside its components: links 140, and locks, numbers and levels that the binding allocates apart. */
const GRAPH_ROW_BYTES = 260

/** G3. */
class GraphHint implements VectorHint {
  readonly rows: Uint32Array
  readonly labels: GraphLabels
  /** Labels that there were when the graph was asked. */
  readonly since: number

  constructor(rows: Uint32Array, labels: GraphLabels, since: number) {
    this.rows = rows
    this.labels = labels
    this.since = since
  }
}

/** What is kept in the file. */
type GraphNote =
  | { readonly figures: GraphFigures; readonly declinedRows?: undefined }
  /** G2: the graph itself is not. */
  | { readonly declinedRows: number }

interface BuiltGraph {
  readonly number: number
  readonly labels: GraphLabels
  /** Labels when its file was written. */
  saved: number
}

export class GraphTier {
  readonly #parts: GraphTierParts
  readonly #limits: GraphLimits
  #state: GraphState = { kind: 'none' }
  #graph: BuiltGraph | undefined
  #working = false
  #isStopped = false

  constructor(parts: GraphTierParts) {
    this.#parts = parts
    this.#limits = parts.limits ?? GRAPH_LIMITS
  }

  get state(): GraphState {
    return this.#state
  }

  /** Whether something is under way in the background. */
  get isWorking(): boolean {
    return this.#working
  }

  /** Share of the nearest that it was measured to find, while it is used. */
  get recall(): number | undefined {
    return this.#state.kind === 'ready' ? this.#state.figures.recall : undefined
  }

  /** What the graph takes: rows and links as the binding lays them out, and what it keeps beside. */
  get bytes(): number {
    const count = this.#graph?.labels.count ?? 0
    return count === 0 ? 0 : GRAPH_FIXED_BYTES + count * (this.#parts.dimension * 4 + GRAPH_ROW_BYTES)
  }

  /** A row of the flat tier has a new vector. */
  changed(row: number): void {
    this.#died(this.#graph?.labels.changed(row))
    if (this.#graph !== undefined) this.#work()
  }

  /** A row of the flat tier is gone. */
  removed(row: number): void {
    this.#died(this.#graph?.labels.removed(row))
  }

  /** Asks the graph, where it is worth it. */
  async prepare(query: VectorQuery): Promise<GraphHint | undefined> {
    this.#work()
    const [graph, plan] = [this.#graph, this.#plan(query)]
    if (graph === undefined || plan === undefined) return undefined
    const since = graph.labels.count
    const rows = await this.#candidates(graph, query.embedding, plan).catch(() => undefined)
    return rows && new GraphHint(rows, graph.labels, since)
  }

  /** G3. The rows to look at; `undefined` for a hint of a graph that is no more. */
  rowsOf(hint: VectorHint): Uint32Array | undefined {
    if (!(hint instanceof GraphHint) || hint.labels !== this.#graph?.labels) return undefined
    const { rows, labels, since } = hint
    return Uint32Array.from([...rows, ...labels.rowsSince(since), ...labels.tail])
  }

  /** The index is no longer kept. */
  dispose(): void {
    this.#isStopped = true
    this.#release()
    this.#state = { kind: 'none' }
  }

  #plan({ k, conditions, ranking, accept }: VectorQuery) {
    // What ranks by energy ranks all rows; of what else is accepted nobody knows the share.
    if (this.#state.kind !== 'ready' || ranking !== undefined || accept !== undefined) return undefined
    const { flat } = this.#parts
    const share = conditions === undefined ? 1 : matchingShare(flat, conditions)
    const tail = present(this.#graph, 'graph that is ready').labels.tailSize
    return planSearch({ k, share, rows: flat.size, tail }, this.#state.figures, this.#state.times)
  }

  /** Begins what is to be done in the background, unless that is under way. */
  #work(): void {
    if (this.#working || this.#isStopped || !this.#isWanted) return
    this.#working = true
    void this.#steps()
      .catch((error: unknown) => {
        // The host says it when its thread fails; the rest is said here.
        if (!this.#isStopped) this.#parts.logger.warn('an index goes on without its graph', { error: String(error) })
        this.#release()
        this.#state = { kind: 'failed' }
      })
      .finally(() => {
        this.#working = false
      })
  }

  /** G1, G2. */
  get #isWanted(): boolean {
    const { size } = this.#parts.flat
    if (this.#state.kind === 'failed') return false
    if (this.#state.kind === 'declined') return size >= DECLINED_GROWTH * this.#state.rows
    return size >= this.#limits.rowsMin
  }

  async #steps(): Promise<void> {
    if (this.#graph === undefined) await this.#open()
    for (let graph = this.#graph; graph !== undefined && !this.#isStopped; graph = this.#graph)
      if (!(await this.#step(graph))) return
  }

  /** @returns whether there is more to do */
  async #step(graph: BuiltGraph): Promise<boolean> {
    const { labels } = graph
    const { sample, deadShareMax, unsavedMin } = this.#limits
    const dead = labels.count - labels.alive
    // G4.
    if (dead > sample && dead > deadShareMax * labels.count) return this.#rebuild()
    const isDue = this.#isMeasurementDue
    if (isDue && labels.waiting.size <= sample) {
      if (this.#state.kind === 'ready' && labels.waiting.size < sample) return false
      await this.#measure(graph)
      return true
    }
    const isUnsaved = labels.count - graph.saved > Math.max(unsavedMin, SAVED_SHARE * labels.count)
    if (this.#state.kind === 'ready' && !isDue && isUnsaved) {
      await this.#save(graph, { figures: this.#state.figures })
      return true
    }
    if (labels.waiting.size === 0) return false
    await this.#add(graph, Math.min(BATCH_ROWS, labels.waiting.size - (isDue ? sample : 0)))
    return true
  }

  /** Begins with the graph of the file, as far as it is right, or with an empty one. */
  async #open(): Promise<void> {
    const { flat, graphs, dimension, index } = this.#parts
    const labels = new GraphLabels(buildOrder(flat, this.#limits.sample))
    const graph: BuiltGraph = { number: graphs.nextGraph(), labels, saved: 0 }
    this.#graph = graph
    this.#state = { kind: 'building' }
    const identity: GraphIdentity = { index, dimension }
    const ask = { graph: graph.number, identity, base: this.#base, expected: flat.size }
    const { found, refused } = await graphs.ask('open', ask)
    if (refused !== undefined) this.#parts.logger.warn('a graph is built anew', { file: this.#base, why: refused })
    if (found === undefined) return
    const note = found.note as GraphNote
    if (note.declinedRows !== undefined) {
      if (flat.size < DECLINED_GROWTH * note.declinedRows) this.#settle(note.declinedRows)
      return
    }
    await matchLabels(labels, found, {
      ...this.#parts,
      isStopped: () => this.#isStopped,
      died: (dead) => this.#die(graph.number, dead),
    })
    graph.saved = labels.count
    if (flat.size < GROWTH_MEASURED * note.figures.rows) await this.#measure(graph, note.figures)
  }

  async #add({ number, labels }: BuiltGraph, count: number): Promise<void> {
    const { flat, dimension, graphs } = this.#parts
    const rows = labels.take(count)
    const ids = new Uint8Array(16 * rows.length)
    const vectors = new Float32Array(dimension * rows.length)
    for (const [place, row] of rows.entries()) {
      ids.set(uuidBytes(present(flat.idAt(row), 'id of a row of the tail')), 16 * place)
      flat.readVector(row, vectors.subarray(dimension * place, dimension * (place + 1)))
    }
    await graphs.ask('add', { graph: number, ids, vectors })
    this.#die(number, labels.arrived())
  }

  get #isMeasurementDue(): boolean {
    const { state } = this
    return state.kind !== 'ready' || this.#parts.flat.size >= GROWTH_MEASURED * state.figures.rows
  }

  /** G2. @param known figures that were found before */
  async #measure(graph: BuiltGraph, known?: GraphFigures): Promise<void> {
    const { flat, logger, name } = this.#parts
    const { sample } = this.#limits
    const rows = [...graph.labels.waiting, ...spread(flat.rowsEnd, sample)].slice(0, sample)
    const measured = await measureGraph(this.#measuring(graph), rows, known)
    if (this.#isStopped) return
    if (measured?.isWorthIt !== true) {
      // What was worth it once keeps its file: this may be a bad minute of the machine.
      if (known === undefined) await this.#save(graph, { declinedRows: flat.size })
      this.#settle(flat.size, { ...measured?.figures, ...measured?.times })
      return
    }
    const { figures, times } = measured
    logger.info('an index is searched by its graph', { name, ...figures, ...times })
    this.#state = { kind: 'ready', figures, times }
  }

  #measuring(graph: BuiltGraph): MeasureParts {
    const { flat, dimension, clock, timers } = this.#parts
    return {
      ...{ flat, dimension, clock, timers },
      knows: (row) => graph.labels.knows(row),
      isStopped: () => this.#isStopped,
      candidates: (query, ef) => this.#candidates(graph, query, { k: candidatesOf(MEASURED_K), ef }),
    }
  }

  async #candidates(
    { number, labels }: BuiltGraph,
    query: Float32Array,
    { k, ef }: GraphPlan,
  ): Promise<Uint32Array | undefined> {
    const { labels: found } = await this.#parts.graphs.ask('search', { graph: number, query, k, ef })
    return found && labels.rowsOf(found)
  }

  /** A file that cannot be written is one that is not there. */
  async #save(graph: BuiltGraph, note: GraphNote): Promise<void> {
    const { graphs, logger } = this.#parts
    const { count } = graph.labels
    try {
      await graphs.ask('save', { graph: graph.number, note, isNoteOnly: note.declinedRows !== undefined })
    } catch (error) {
      if (!this.#isStopped) logger.warn('a graph is not on disk', { file: this.#base, error: String(error) })
    }
    graph.saved = count
  }

  async #rebuild(): Promise<boolean> {
    this.#release()
    await this.#parts.graphs.ask('forget', { base: this.#base })
    await this.#open()
    return true
  }

  /** The graph is not worth it, for so many rows. @param why what was measured */
  #settle(rows: number, why: object = {}): void {
    if (this.#isStopped) return
    const { logger, name } = this.#parts
    logger.info('an index is searched without a graph', { name, rows, ...why })
    this.#release()
    this.#state = { kind: 'declined', rows }
  }

  #release(): void {
    const graph = this.#graph
    this.#graph = undefined
    if (graph !== undefined) ignored(this.#parts.graphs.ask('release', { graph: graph.number }))
  }

  #died(label: number | undefined): void {
    if (label !== undefined) this.#die(present(this.#graph, 'graph of a label').number, [label])
  }

  #die(graph: number, labels: readonly number[]): void {
    if (labels.length > 0) ignored(this.#parts.graphs.ask('remove', { graph, labels: Uint32Array.from(labels) }))
  }

  get #base(): string {
    return join(this.#parts.graphs.path, this.#parts.name)
  }
}

/** A graph that does not do what it is told has failed, and whoever waits for it next is told so. */
const ignored = (done: Promise<unknown>): void => {
  done.catch(() => undefined)
}
