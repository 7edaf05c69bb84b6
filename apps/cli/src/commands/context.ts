/** `waggle context`: what an agent should know before it starts. */
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { experienceForm, experienceLines } from '../experience-form.ts'
import { insightForm, insightLines, relationForm, relationLines } from '../link-form.ts'
import { decodeNumber } from '../option-values.ts'
import {
  addRecallOptions,
  checkRecallOptions,
  hitForm,
  hitLines,
  recallOf,
  type RecallOptions,
} from '../recall-options.ts'
import { withCollective } from '../task.ts'
import { narrower } from '../terminal/record-lines.ts'
import { indented } from '../terminal/text.ts'
import { activityLine } from './activity.ts'

interface ContextOptions extends RecallOptions {
  readonly similar?: number
  readonly recent?: number
  readonly insights: boolean
  readonly relations: boolean
  readonly agents: boolean
}

export const addContextCommand = (program: Command, bind: Bind): void => {
  const command = program
    .command('context')
    .argument('<collective>', 'its name or id')
    .description('near and recent experiences, insights, relations and active agents, all of one moment')
    .option('--similar <n>', 'near experiences, and insights, 1..1000 (default: 20)', decodeNumber)
    .option('--recent <n>', 'recent experiences, 1..1000 (default: 10)', decodeNumber)
    .option('--no-insights', 'without insights')
    .option('--no-relations', 'without relations')
    .option('--no-agents', 'without agents')
  addRecallOptions(command).action(
    bind(async (task, idOrName: string, options: ContextOptions) => {
      checkRecallOptions(options)
      const { similar: maxSimilar, recent: maxRecent } = options
      const { insights: includeInsights, relations: includeRelations, agents: includeActiveAgents } = options
      return withCollective(task, idOrName, async (hive) => {
        const { similar, recent, insights, relations, activeAgents, token } = await hive.context({
          ...{ ...(await recallOf(options, hive.dimension)), maxSimilar, maxRecent },
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
        const inner = narrower(output, INDENT)
        await output.data(form, () => [
          ...section(
            'near',
            similar.flatMap((hit) => hitLines(hit, inner)),
          ),
          ...section(
            'recent',
            recent.flatMap((experience) => experienceLines(experience, inner)),
          ),
          ...section(
            'insights',
            insights.flatMap((insight) => insightLines(insight, inner)),
          ),
          ...section(
            'relations',
            relations.flatMap((relation) => relationLines(relation, inner)),
          ),
          ...section('agents', activeAgents.map(activityLine)),
        ])
        return 0
      })
    }),
  )
}

/** Of what a title stands over. */
const INDENT = 2

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...indented(lines, INDENT)]
