/** `waggle experience record`. */
import type { ExperienceType } from '@waggle/protocol'
import type { ExperienceInput } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { readContent } from '../content-option.ts'
import { addEmbeddingOptions, readEmbedding, type EmbeddingOptions } from '../matrix/embedding-option.ts'
import { decodeLifetime, decodeNumber, decodeTags, decodeType, TTL_TEXT } from '../option-values.ts'
import { withCollective } from '../task.ts'
import { fields } from '../terminal/layout.ts'

interface RecordOptions extends EmbeddingOptions {
  readonly content: string
  readonly type?: ExperienceType
  readonly importance?: number
  readonly confidence?: number
  readonly domain?: readonly string[]
  readonly file?: readonly string[]
  readonly agent?: string
  readonly task?: string
  readonly id?: string
  readonly ttl?: number
  readonly key?: string
}

export const addExperienceRecord = (group: Command, bind: Bind): void => {
  const command = group
    .command('record')
    .argument('<collective>', 'its name or id')
    .description('record an experience')
    .requiredOption('--content <text>', 'what was learnt; - reads it from stdin')
    .option('--type <json|kind>', 'what sort of thing it is, such as generic', decodeType)
    .option('--importance <0..1>', '0.5 when absent', decodeNumber)
    .option('--confidence <0..1>', '0.5 when absent', decodeNumber)
    .option('--domain <a,b>', 'tags', decodeTags)
    .option('--file <path...>', 'files that it is about')
    .option('--agent <name>', 'who learnt it')
    .option('--task <name>', 'while doing what')
    .option('--id <uuid>', 'an id of your own')
    .option('--ttl <time>', TTL_TEXT, decodeLifetime)
    .option('--key <text>', 'idempotency key: the same key records once, however often it is sent')
  addEmbeddingOptions(command).action(
    bind(async (task, idOrName: string, options: RecordOptions) => {
      const content = await readContent(task, options.content)
      return withCollective(task, idOrName, async (hive) => {
        const embedding = await readEmbedding(options, hive.dimension)
        const { key } = options
        const input = { ...inputOf(options), content, embedding }
        const { id, token } = await hive.record(input, key === undefined ? {} : { idempotencyKey: key })
        await task.output.data({ id, token }, () => fields({ id, token }))
        return 0
      })
    }),
  )
}

const inputOf = (options: RecordOptions): Omit<ExperienceInput, 'content'> => ({
  id: options.id,
  type: options.type,
  importance: options.importance,
  confidence: options.confidence,
  domain: options.domain,
  relatedFiles: options.file,
  sourceAgent: options.agent,
  sourceTask: options.task,
  ttlMs: options.ttl,
})
