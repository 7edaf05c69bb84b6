/** What `search` and `context` look for among experiences, and how what is found is ordered. */
import type { SearchHit } from '@waggle/protocol'
import type { FilterInput, SearchInput, SearchWeights } from '@waggle/sdk'
import { InvalidArgumentError, type Command } from 'commander'
import { experienceForm, experienceLines } from './experience-form.ts'
import { UsageError } from './faults.ts'
import { addEmbeddingOptions, readEmbedding, type EmbeddingOptions } from './matrix/embedding-option.ts'
import { decodeFilter, decodeNumber, decodeWeights } from './option-values.ts'
import type { Sheet } from './terminal/record-lines.ts'
import { right } from './terminal/text.ts'

export interface RecallOptions extends EmbeddingOptions {
  readonly text?: string
  readonly filter?: FilterInput
  readonly weights?: SearchWeights
  readonly neighbours?: true | NeighbourShares
  readonly sameAgent?: true
  readonly diversity?: number
  readonly minScore?: number
}

interface NeighbourShares {
  readonly before: number
  readonly after: number
}

export const addRecallOptions = (command: Command): Command =>
  addEmbeddingOptions(
    command
      .option('--text <question>', "found by its words, and by its meaning where the collective's embedder knows it")
      .option('--filter <json>', 'on the experiences, such as {"types":["fact"],"agents":["scout"]}', decodeFilter)
      .option(
        '--weights <similarity[,text],energy>',
        'such as 0.7,0.3: how alive it is counts, too; or 0.2,0.5,0.3: how much its words do',
        decodeWeights,
      )
      .option(
        '--neighbours [before,after]',
        'records are lifted by those beside them in their task (default: 0.3,0.1)',
        decodeShares,
      )
      .option('--same-agent', 'neighbours are records of the same agent')
      .option('--diversity <0..1>', 'how much results are to differ from each other', decodeNumber)
      .option('--min-score <n>', 'leaves out what scores lower', decodeNumber),
  )

type Recall = Omit<SearchInput, 'k' | 'include' | 'now'>

/** @throws UsageError where nothing is looked for; Fault as `readEmbedding` */
export const checkRecallOptions = ({ text, embedding, neighbours, sameAgent }: RecallOptions): void => {
  if (text === undefined && embedding === undefined)
    throw new UsageError('nothing to search for: give --text, --embedding or both')
  if (sameAgent !== undefined && neighbours === undefined) throw new UsageError('--same-agent goes with --neighbours')
}

/** The options as a query. */
export const recallOf = async (options: RecallOptions, dimension: number): Promise<Recall> => {
  const { text, filter, weights, neighbours, sameAgent, diversity, minScore } = options
  return {
    ...{ text, embedding: await readEmbedding(options, dimension), filter, weights, diversity, minScore },
    ...(neighbours === undefined ? {} : { neighbours: { ...(neighbours === true ? {} : neighbours), sameAgent } }),
  }
}

const decodeShares = (text: string): NeighbourShares => {
  const [before, after, ...others] = text.split(',').map(decodeNumber)
  if (before === undefined || after === undefined || others.length > 0)
    throw new InvalidArgumentError('It is not two numbers, before,after.')
  return { before, after }
}

/** Its score, and where that was put together of several figures, those: similarity, words, energy. */
export const hitLines = (hit: SearchHit, sheet: Sheet): readonly string[] => {
  const { experience, score, similarity, bm25, energy, parts } = hit
  const isOneFigure = parts === undefined && energy === undefined
  const figures = isOneFigure ? [score] : [score, similarity, bm25, energy].filter((figure) => figure !== undefined)
  return experienceLines(experience, sheet, figures.map((figure) => `${right(figure.toFixed(3), 6)}  `).join(''))
}

export const hitForm = (hit: SearchHit) => ({ ...hit, experience: experienceForm(hit.experience) })
