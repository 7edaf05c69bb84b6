/** `waggle search`. */
import type { SearchHit } from '@waggle/protocol'
import type { FilterInput } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { experienceForm, experienceLine } from '../experience-form.ts'
import { UsageError } from '../faults.ts'
import { addEmbeddingOptions, readEmbedding, type EmbeddingOptions } from '../matrix/embedding-option.ts'
import { decodeFilter, decodeNumber } from '../option-values.ts'
import { withCollective } from '../task.ts'
import { right } from '../terminal/layout.ts'
import type { Output } from '../terminal/output.ts'

interface SearchOptions extends EmbeddingOptions {
  readonly text?: string
  readonly k?: number
  readonly filter?: FilterInput
}

export const addSearchCommand = (program: Command, bind: Bind): void => {
  const command = program
    .command('search')
    .argument('<collective>', 'its name or id')
    .description('the nearest by meaning, best first')
    .option('--text <question>', "embedded by the collective's embedder")
    .option('--k <n>', 'how many, 1..1000 (default: 10)', decodeNumber)
    .option('--filter <json>', 'such as {"types":["fact"],"agents":["scout"]}', decodeFilter)
  addEmbeddingOptions(command).action(
    bind(async (task, idOrName: string, options: SearchOptions) => {
      const { text, k, filter } = options
      if (text === undefined && options.embedding === undefined)
        throw new UsageError('nothing to search for: give --text or --embedding')
      return withCollective(task, idOrName, async (hive) => {
        const embedding = await readEmbedding(options, hive.dimension)
        const { results } = await hive.search({ text, embedding, k, filter })
        for (const hit of results) await task.output.data(hitForm(hit), () => [hitLine(hit, task.output)])
        return 0
      })
    }),
  )
}

const hitLine = ({ experience, similarity }: SearchHit, output: Output): string =>
  experienceLine(experience, output, `${right(similarity.toFixed(3), 6)}  `)

const hitForm = ({ experience, similarity, score }: SearchHit) => ({
  experience: experienceForm(experience),
  similarity,
  score,
})
