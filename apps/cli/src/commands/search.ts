/** `waggle search`. */
import type { SearchHit } from '@waggle/protocol'
import type { FilterInput, RecallWeights } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { experienceForm, experienceLine } from '../experience-form.ts'
import { UsageError } from '../faults.ts'
import { addEmbeddingOptions, readEmbedding, type EmbeddingOptions } from '../matrix/embedding-option.ts'
import { decodeFilter, decodeNumber, decodeWeights } from '../option-values.ts'
import { withCollective } from '../task.ts'
import { right } from '../terminal/layout.ts'
import type { Output } from '../terminal/output.ts'

interface SearchOptions extends EmbeddingOptions {
  readonly text?: string
  readonly k?: number
  readonly filter?: FilterInput
  readonly weights?: RecallWeights
}

export const addSearchCommand = (program: Command, bind: Bind): void => {
  const command = program
    .command('search')
    .argument('<collective>', 'its name or id')
    .description('the nearest by meaning, best first')
    .option('--text <question>', "embedded by the collective's embedder")
    .option('--k <n>', 'how many, 1..1000 (default: 10)', decodeNumber)
    .option('--filter <json>', 'such as {"types":["fact"],"agents":["scout"]}', decodeFilter)
    .option('--weights <similarity,energy>', 'such as 0.7,0.3: how alive it is counts, too', decodeWeights)
  addEmbeddingOptions(command).action(
    bind(async (task, idOrName: string, options: SearchOptions) => {
      const { text, k, filter, weights } = options
      if (text === undefined && options.embedding === undefined)
        throw new UsageError('nothing to search for: give --text or --embedding')
      return withCollective(task, idOrName, async (hive) => {
        const embedding = await readEmbedding(options, hive.dimension)
        const { results } = await hive.search({ text, embedding, k, filter, weights })
        for (const hit of results) await task.output.data(hitForm(hit), () => [hitLine(hit, task.output)])
        return 0
      })
    }),
  )
}

/** Where energy was weighed: score, similarity, energy. */
export const hitLine = ({ experience, similarity, score, energy }: SearchHit, output: Output): string => {
  const figures = energy === undefined ? [similarity] : [score, similarity, energy]
  return experienceLine(experience, output, figures.map((figure) => `${right(figure.toFixed(3), 6)}  `).join(''))
}

export const hitForm = ({ experience, similarity, score, energy }: SearchHit) => ({
  experience: experienceForm(experience),
  similarity,
  score,
  ...(energy === undefined ? {} : { energy }),
})
