/** Builds an index from the rows of the state. */
import type { Uuid } from '@waggle/kernel'
import { float32FromBytes, TEXT_LANGUAGE_DEFAULT, type Collective } from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import { decodeExperience, type ExperienceRow } from '../memory/experience/experience-rows.ts'
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
import { FlatIndex } from './flat-index.ts'
import type { IndexTable } from './index-change.ts'
import { analyserOf } from './text/analyser.ts'
import { TextIndex } from './text/text-index.ts'
import type { VectorIndex } from './vector-index.ts'

/** Where the records and the embeddings of a table are. */
interface Source {
  readonly records: (
    state: StoreReader,
    scope: Scope,
  ) => AsyncIterableIterator<readonly [Uint8Array, ExperienceRow | undefined]>
  readonly embeddings: (scope: Scope) => Uint8Array
}

const sources: { readonly [Table in IndexTable]: Source } = {
  experience: {
    async *records(state, scope) {
      for await (const [key, bytes] of rowsOf(state, experiencePrefix(scope))) {
        const row = decodeExperience(idOfKey(key), bytes)
        yield [key, row]
      }
    },
    embeddings: embeddingPrefix,
  },
  insight: {
    async *records(state, scope) {
      for await (const key of state.scanKeys(prefixRange(insightPrefix(scope)))) yield [key, undefined]
    },
    embeddings: insightEmbeddingPrefix,
  },
}

/**
 * Reads records and embeddings side by side; both are ordered by id, so a row without its twin shows at once.
 * @throws Fault `CORRUPT`
 */
export const buildVectorIndex = async (
  state: StoreReader,
  scope: Scope,
  table: IndexTable,
  { dimension }: Collective,
): Promise<VectorIndex> => {
  const index = new FlatIndex(dimension)
  const source = sources[table]
  const records = source.records(state, scope)
  try {
    for await (const [key, bytes] of rowsOf(state, source.embeddings(scope))) {
      const id = idOfKey(key)
      const next = await records.next()
      const record = next.done === true ? undefined : next.value
      if (record === undefined || idOfKey(record[0]) !== id) throw unpaired(table, id)
      index.put(id, float32FromBytes(bytes), record[1])
    }
    const rest = await records.next()
    if (rest.done !== true) throw unpaired(table, idOfKey(rest.value[0]))
  } finally {
    await records.return?.()
  }
  return index
}

/** Over the content of the experiences. @throws Fault `CORRUPT` */
export const buildTextIndex = async (
  state: StoreReader,
  scope: Scope,
  { language = TEXT_LANGUAGE_DEFAULT }: Collective,
): Promise<TextIndex> => {
  const index = new TextIndex(await analyserOf(language))
  for await (const [key, bytes] of rowsOf(state, experiencePrefix(scope))) {
    const { id, content } = decodeExperience(idOfKey(key), bytes)
    index.put(id, content)
  }
  return index
}

const rowsOf = (reader: StoreReader, prefix: Uint8Array): AsyncIterableIterator<StoreRow> =>
  reader.scan(prefixRange(prefix))

const unpaired = (table: IndexTable, id: Uuid) =>
  engineFault('CORRUPT', `${table} and embedding do not pair id=${id}`, { entity: table, id })
