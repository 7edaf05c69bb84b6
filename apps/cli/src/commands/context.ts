/** `waggle context`: what an agent should know before it starts. */
import type { FilterInput, RecallWeights } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { experienceForm, experienceLine } from '../experience-form.ts'
import { UsageError } from '../faults.ts'
import { insightForm, insightLine, relationForm, relationLine } from '../link-form.ts'
import { addEmbeddingOptions, readEmbedding, type EmbeddingOptions } from '../matrix/embedding-option.ts'
import { decodeFilter, decodeNumber, decodeWeights } from '../option-values.ts'
import { withCollective } from '../task.ts'
import { activityLine } from './activity.ts'
import { hitForm, hitLine } from './search.ts'

interface ContextOptions extends EmbeddingOptions {
  readonly text?: string
  readonly similar?: number
  readonly recent?: number
  readonly filter?: FilterInput
  readonly weights?: RecallWeights
  readonly insights: boolean
  readonly relations: boolean
  readonly agents: boolean
}

export const addContextCommand = (program: Command, bind: Bind): void => {
  const command = program
    .command('context')
    .argument('<collective>', 'its name or id')
    .description('near and recent experiences, insights, relations and active agents, all of one moment')
    .option('--text <question>', "embedded by the collective's embedder")
    .option('--similar <n>', 'near experiences, and insights, 1..1000 (default: 20)', decodeNumber)
    .option('--recent <n>', 'recent experiences, 1..1000 (default: 10)', decodeNumber)
    .option('--filter <json>', 'on the experiences, such as {"types":["fact"]}', decodeFilter)
    .option('--weights <similarity,energy>', 'such as 0.7,0.3: how alive it is counts, too', decodeWeights)
    .option('--no-insights', 'without insights')
    .option('--no-relations', 'without relations')
    .option('--no-agents', 'without agents')
  addEmbeddingOptions(command).action(
    bind(async (task, idOrName: string, options: ContextOptions) => {
      const { text, similar: maxSimilar, recent: maxRecent, filter, weights } = options
      if (text === undefined && options.embedding === undefined)
        throw new UsageError('nothing to start from: give --text or --embedding')
      const { insights: includeInsights, relations: includeRelations, agents: includeActiveAgents } = options
      return withCollective(task, idOrName, async (hive) => {
        const embedding = await readEmbedding(options, hive.dimension)
        const { similar, recent, insights, relations, activeAgents, token } = await hive.context({
          ...{ text, embedding, maxSimilar, maxRecent, filter, weights },
          ...{ includeInsights, includeRelations, includeActiveAgents },
        })
        const { output } = task
        const form = {
          similar: similar.map(hitForm),
          recent: recent.map(experienceForm),
          insights: insights.map(insightForm),
          relations: relations.map(relationForm),
          activeAgents,
          token,
        }
        await output.data(form, () => [
          ...section(
            'near',
            similar.map((hit) => hitLine(hit, output)),
          ),
          ...section(
            'recent',
            recent.map((experience) => experienceLine(experience, output)),
          ),
          ...section(
            'insights',
            insights.map((insight) => insightLine(insight, output)),
          ),
          ...section('relations', relations.map(relationLine)),
          ...section('agents', activeAgents.map(activityLine)),
        ])
        return 0
      })
    }),
  )
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)]
