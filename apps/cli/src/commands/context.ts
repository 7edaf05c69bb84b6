/** `waggle context`: what an agent should know before it starts. */
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { experienceForm, experienceLine } from '../experience-form.ts'
import { insightForm, insightLine, relationForm, relationLine } from '../link-form.ts'
import { decodeNumber } from '../option-values.ts'
import {
  addRecallOptions,
  checkRecallOptions,
  hitForm,
  hitLine,
  recallOf,
  type RecallOptions,
} from '../recall-options.ts'
import { withCollective } from '../task.ts'
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
