/** `waggle insight store|get|list|search|delete`. */
import { fault, insightTypes } from '@waggle/protocol'
import type { InsightType } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { readContent } from '../content-option.ts'
import { UsageError } from '../faults.ts'
import { insightForm, insightLines, insightPairs } from '../link-form.ts'
import { addEmbeddingOptions, readEmbedding, type EmbeddingOptions } from '../matrix/embedding-option.ts'
import { decodeLifetime, decodeNumber, decodeTags, decodeWord, TTL_TEXT } from '../option-values.ts'
import { addPageOptions, printPages, type PageOptions } from '../page-options.ts'
import { withCollective } from '../task.ts'
import { fields } from '../terminal/layout.ts'
import { right } from '../terminal/text.ts'

export const addInsightCommands = (program: Command, bind: Bind): void => {
  const group = program.command('insight').description('what was concluded from experiences')
  addStore(group, bind)
  addGet(group, bind)
  addList(group, bind)
  addSearch(group, bind)
  addDelete(group, bind)
}

interface StoreOptions extends EmbeddingOptions {
  readonly content: string
  readonly source: readonly string[]
  readonly type: InsightType
  readonly confidence?: number
  readonly domain?: readonly string[]
  readonly id?: string
  readonly ttl?: number
  readonly key?: string
}

const addStore = (group: Command, bind: Bind): void => {
  const command = group
    .command('store')
    .argument('<collective>', 'its name or id')
    .description('keep a conclusion with its evidence')
    .requiredOption('--content <text>', 'what was concluded; - reads it from stdin')
    .requiredOption('--source <id...>', 'experiences that it rests on, at most 100')
    .requiredOption('--type <type>', insightTypes.join(', '), decodeWord(insightTypes))
    .option('--confidence <0..1>', '0.5 when absent', decodeNumber)
    .option('--domain <a,b>', 'tags', decodeTags)
    .option('--id <uuid>', 'an id of your own')
    .option('--ttl <time>', TTL_TEXT, decodeLifetime)
    .option('--key <text>', 'idempotency key: the same key stores once, however often it is sent')
  addEmbeddingOptions(command).action(
    bind(async (task, idOrName: string, options: StoreOptions) => {
      const content = await readContent(task, options.content)
      return withCollective(task, idOrName, async (hive) => {
        const embedding = await readEmbedding(options, hive.dimension)
        const { source: sources, type, confidence, domain, ttl, key } = options
        const input = { id: options.id, content, embedding, sources, type, confidence, domain, ttlMs: ttl }
        const { id, token } = await hive.storeInsight(input, { idempotencyKey: key })
        await task.output.data({ id, token }, () => fields({ id, token }))
        return 0
      })
    }),
  )
}

const addGet = (group: Command, bind: Bind): void => {
  group
    .command('get')
    .argument('<collective>', 'its name or id')
    .argument('<id>', 'of the insight')
    .description('one insight; with --json its embedding too')
    .action(
      bind(async (task, idOrName: string, id: string) =>
        withCollective(task, idOrName, async (hive) => {
          const insight = await hive.getInsight(id)
          if (insight === undefined) throw fault('NOT_FOUND', `insight not found id=${id}`, { entity: 'insight', id })
          await task.output.data(insightForm(insight), () => fields(insightPairs(insight)))
          return 0
        }),
      ),
    )
}

const addList = (group: Command, bind: Bind): void => {
  const command = group
    .command('list')
    .argument('<collective>', 'its name or id')
    .description('oldest first; says on stderr how to go on')
  addPageOptions(command).action(
    bind(async (task, idOrName: string, options: PageOptions) =>
      withCollective(task, idOrName, async (hive) => {
        await printPages(
          task,
          options,
          async (page) => hive.listInsights(page),
          async (insight) => task.output.data(insightForm(insight), () => insightLines(insight, task.output)),
        )
        return 0
      }),
    ),
  )
}

interface SearchOptions extends EmbeddingOptions {
  readonly text?: string
  readonly k?: number
}

const addSearch = (group: Command, bind: Bind): void => {
  const command = group
    .command('search')
    .argument('<collective>', 'its name or id')
    .description('the nearest by meaning, best first')
    .option('--text <question>', "embedded by the collective's embedder")
    .option('--k <n>', 'how many, 0..1000 (default: 10)', decodeNumber)
  addEmbeddingOptions(command).action(
    bind(async (task, idOrName: string, options: SearchOptions) => {
      const { text, k } = options
      if (text === undefined && options.embedding === undefined)
        throw new UsageError('nothing to search for: give --text or --embedding')
      return withCollective(task, idOrName, async (hive) => {
        const embedding = await readEmbedding(options, hive.dimension)
        for (const { insight, similarity } of await hive.insights({ text, embedding, k }))
          await task.output.data({ insight: insightForm(insight), similarity }, () =>
            insightLines(insight, task.output, `${right(similarity.toFixed(3), 6)}  `),
          )
        return 0
      })
    }),
  )
}

const addDelete = (group: Command, bind: Bind): void => {
  group
    .command('delete')
    .argument('<collective>', 'its name or id')
    .argument('<id>', 'of the insight')
    .description('delete it; its evidence stays')
    .action(
      bind(async (task, idOrName: string, id: string) =>
        withCollective(task, idOrName, async (hive) => {
          const { token } = await hive.deleteInsight(id)
          await task.output.data({ id, token }, () => fields({ id, token }))
          return 0
        }),
      ),
    )
}
