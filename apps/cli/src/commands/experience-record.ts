/** `waggle experience record`. */
import { limits, type ExperienceType } from '@waggle/protocol'
import type { ExperienceInput } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import { bytesOf } from '../input-file.ts'
import { addEmbeddingOptions, readEmbedding, type EmbeddingOptions } from '../matrix/embedding-option.ts'
import { decodeNumber, decodeTags, decodeType } from '../option-values.ts'
import { stopIfInterrupted, withCollective, type Task } from '../task.ts'
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
    .option('--key <text>', 'idempotency key: the same key records once, however often it is sent')
  addEmbeddingOptions(command).action(
    bind(async (task, idOrName: string, options: RecordOptions) => {
      const content = options.content === '-' ? await readContent(task) : options.content
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
})

/** All of stdin, without the line break that ends it; more than a request can carry is not even read. */
const readContent = async (task: Task): Promise<string> => {
  const { host } = task
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of bytesOf(host.stdin, '-', host.interrupted)) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > limits.REQUEST_BYTES_MAX) break
  }
  stopIfInterrupted(task)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)).replace(/\r?\n$/, '')
  } catch {
    throw new UsageError('--content -: what stands on stdin is not UTF-8')
  }
}
