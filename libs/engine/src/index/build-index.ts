/**
 * Builds an index from the rows of the state.
 *
 * Rows come in chunks, and nothing is kept of them but what the index keeps. What is done with them is counted, and
 * paused after some milliseconds, so that a large build delays nobody else by more than that (P11).
 */
import type { Timers, Uuid } from '@waggle/kernel'
import { TEXT_LANGUAGE_DEFAULT, type Collective, type ExperienceId } from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import {
  decodeExperienceContent,
  decodeExperienceHead,
  type ExperienceHead,
} from '../memory/experience/experience-head.ts'
import {
  embeddingPrefix,
  experiencePrefix,
  idOfKey,
  insightEmbeddingPrefix,
  insightPrefix,
  type Scope,
} from '../state/keyspace.ts'
import type { StoreReader, StoreRow } from '../store/key-value-store.ts'
import { prefixRange } from '../store/prefix-range.ts'
import { Turns } from '../vector-store/turns.ts'
import { FlatIndex } from './flat-index.ts'
import { floatView } from './float-view.ts'
import type { IndexTable } from './index-change.ts'
import type { ScanArena } from './scan/scan-arena.ts'
import { SessionOrder } from './session-order.ts'
import { analyserOf } from './text/analyser.ts'
import { TextIndex } from './text/text-index.ts'

/** What a build reads, and how it lets others have their turn. */
export interface BuildParts {
  /** The newest applied state, readable until the build is done. */
  readonly state: StoreReader
  readonly timers: Pick<Timers, 'yield'>
  /** Where the vectors are kept. */
  readonly arena: ScanArena
}

/** Where the records and the embeddings of a table are. */
interface Source {
  readonly records: (scope: Scope) => Uint8Array
  readonly embeddings: (scope: Scope) => Uint8Array
  /** What the index asks of a record. */
  readonly row: (id: Uuid, bytes: Uint8Array) => ExperienceHead | undefined
}

const sources: { readonly [Table in IndexTable]: Source } = {
  experience: { records: experiencePrefix, embeddings: embeddingPrefix, row: decodeExperienceHead },
  insight: { records: insightPrefix, embeddings: insightEmbeddingPrefix, row: () => undefined },
}

/** Steps (`turns.ts`) of a row beside its vector, and of a character of a text: by what they were measured to take. */
const ROW_STEPS = 25_000
const CHARACTER_STEPS = 50

/**
 * Reads records and embeddings side by side; both are ordered by id, so a row without its twin shows at once.
 * @throws Fault `CORRUPT`
 */
export const buildVectorIndex = async (
  { state, timers, arena }: BuildParts,
  scope: Scope,
  table: IndexTable,
  { dimension }: Collective,
): Promise<FlatIndex> => {
  const index = new FlatIndex(dimension, arena)
  const source = sources[table]
  const turns = new Turns(timers)
  const embeddings = new RowReader(state, source.embeddings(scope))
  const records = new RowReader(state, source.records(scope))
  try {
    for (;;) {
      const embedding = embeddings.next() ?? (await embeddings.nextOfChunk())
      const record = records.next() ?? (await records.nextOfChunk())
      if (embedding === undefined && record === undefined) return index
      const id = pairedId(table, embedding?.[0], record?.[0])
      index.put(id, floatView((embedding as StoreRow)[1]), source.row(id, (record as StoreRow)[1]))
      const pause = turns.spend(ROW_STEPS + dimension)
      if (pause !== undefined) await pause
    }
  } catch (error) {
    index.dispose()
    throw error
  } finally {
    await embeddings.close()
    await records.close()
  }
}

/** Over the content of the experiences. @throws Fault `CORRUPT` */
export const buildTextIndex = async (
  parts: BuildParts,
  scope: Scope,
  { language = TEXT_LANGUAGE_DEFAULT }: Collective,
): Promise<TextIndex> => {
  const index = new TextIndex(await analyserOf(language))
  await overExperiences(parts, scope, (id, bytes) => {
    const content = decodeExperienceContent(bytes)
    index.put(id, content)
    return content.length * CHARACTER_STEPS
  })
  return index
}

/** Of the experiences that name a task. @throws Fault `CORRUPT` */
export const buildSessionOrder = async (parts: BuildParts, scope: Scope): Promise<SessionOrder> => {
  const order = new SessionOrder()
  await overExperiences(parts, scope, (id, bytes) => {
    order.put(decodeExperienceHead(id, bytes))
    return 0
  })
  return order
}

/** @param take gives the steps that it took beside those of every row */
const overExperiences = async (
  { state, timers }: BuildParts,
  scope: Scope,
  take: (id: ExperienceId, bytes: Uint8Array) => number,
): Promise<void> => {
  const turns = new Turns(timers)
  for await (const chunk of state.scanChunks(prefixRange(experiencePrefix(scope))))
    for (const [key, bytes] of chunk) {
      const pause = turns.spend(ROW_STEPS + take(idOfKey(key), bytes))
      if (pause !== undefined) await pause
    }
}

/** Rows one after another, with a promise only where a chunk ends. */
class RowReader {
  readonly #chunks: AsyncIterator<readonly StoreRow[]>
  #chunk: readonly StoreRow[] = []
  #position = 0

  constructor(state: StoreReader, prefix: Uint8Array) {
    this.#chunks = state.scanChunks(prefixRange(prefix))
  }

  /** The next row, unless it is in the next chunk. */
  next(): StoreRow | undefined {
    const row = this.#chunk[this.#position]
    this.#position += 1
    return row
  }

  /** The first row of the next chunk; undefined at the end. */
  async nextOfChunk(): Promise<StoreRow | undefined> {
    const next = await this.#chunks.next()
    this.#chunk = next.done === true ? [] : next.value
    this.#position = 0
    return this.next()
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}

/** The id that both keys name. @throws Fault `CORRUPT` */
const pairedId = (table: IndexTable, embedding: Uint8Array | undefined, record: Uint8Array | undefined): Uuid => {
  const id = idOfKey((embedding ?? record) as Uint8Array)
  if (embedding === undefined || record === undefined || !isOfSameId(embedding, record))
    throw engineFault('CORRUPT', `${table} and embedding do not pair id=${id}`, { entity: table, id })
  return id
}

const ID_BYTES = 16

const isOfSameId = (left: Uint8Array, right: Uint8Array): boolean => {
  for (let back = 1; back <= ID_BYTES; back += 1)
    if (left[left.length - back] !== right[right.length - back]) return false
  return true
}
