/** `waggle vectors …`: vectors by ids of 64 bits. */
import { fault, vectorDurabilities, vectorMetrics } from '@waggle/protocol'
import type { CollectiveHandle, PayloadFilter, VectorDurability, VectorItemInput, VectorMetric } from '@waggle/sdk'
import { InvalidArgumentError, type Command } from 'commander'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import { readJsonList } from '../json-input.ts'
import { addEmbeddingOptions, readEmbedding, type EmbeddingOptions } from '../matrix/embedding-option.ts'
import { decodeLifetime, decodeNumber, decodeWord, decodeWords, TTL_TEXT } from '../option-values.ts'
import { decodePointId, decodePointIds, decodeVector } from '../point-lines.ts'
import { stopIfInterrupted, withCollective } from '../task.ts'
import { fields, size } from '../terminal/layout.ts'
import { right } from '../terminal/text.ts'
import { addPointIds, addPointWrites } from './points.ts'

export const addVectorCommands = (program: Command, bind: Bind): void => {
  const group = program.command('vectors').description('vectors by ids of 64 bits, and what is near them')
  addStore(group, bind)
  addGet(group, bind)
  addPointIds(group, bind, { noun: 'vectors', of: (hive) => hive.vectors })
  addPointWrites(group, bind, { noun: 'vectors', of: (hive) => hive.vectors })
  addStatus(group, bind)
  addSearch(group, bind)
  addDurability(group, bind)
}

interface VectorOptions extends EmbeddingOptions {
  readonly vector?: readonly number[]
}

const addVectorOptions = (command: Command): Command =>
  addEmbeddingOptions(command.option('--vector <a,b,…>', 'its components between commas', decodeVector))

const vectorOf = async (options: VectorOptions, hive: CollectiveHandle) =>
  options.vector ?? (await readEmbedding(options, hive.dimension))

interface StoreOptions extends VectorOptions {
  readonly lines?: string
  readonly ttl?: number
  readonly key?: string
}

const addStore = (group: Command, bind: Bind): void => {
  const command = group
    .command('store')
    .argument('<collective>', 'its name or id')
    .argument('[id]', 'a whole number', decodePointId)
    .description('store a vector, or many, in place of those of the same ids')
    .option('--lines <file>', '{"id":…,"vector":[…]} or [id,[…]], one a line; - is stdin')
    .option('--ttl <time>', TTL_TEXT, decodeLifetime)
    .option('--key <text>', 'idempotency key')
  addVectorOptions(command).action(
    bind(async (task, idOrName: string, id: string | undefined, options: StoreOptions) => {
      const { lines, ttl, key } = options
      if ((id === undefined) === (lines === undefined)) throw new UsageError('give an id with --vector, or --lines')
      const items = lines === undefined ? [] : ((await readJsonList(task, lines)) as readonly VectorItemInput[])
      return withCollective(task, idOrName, async (hive) => {
        const vector = id === undefined ? undefined : await vectorOf(options, hive)
        if (id !== undefined && vector === undefined) throw new UsageError('give --vector or --embedding')
        const one = id === undefined || vector === undefined ? items : [{ id, vector }]
        const { count, token } = await hive.vectors.storeMany(one, { idempotencyKey: key, ttlMs: ttl })
        await task.output.data({ count, token }, () => fields({ count, token }))
        return 0
      })
    }),
  )
}

const addGet = (group: Command, bind: Bind): void => {
  group
    .command('get')
    .argument('<collective>', 'its name or id')
    .argument('<ids...>', 'whole numbers', decodePointIds)
    .description('the vectors of ids')
    .action(
      bind(async (task, idOrName: string, ids: readonly string[]) =>
        withCollective(task, idOrName, async ({ vectors }) => {
          const found = await vectors.getMany(ids)
          if (found.length === 1 && found[0] === undefined)
            throw fault('NOT_FOUND', `no vector of that id id=${String(ids[0])}`, { entity: 'vector' })
          for (const [index, vector] of found.entries()) {
            stopIfInterrupted(task)
            await task.output.data({ id: ids[index], vector: vector ?? null }, () => [
              `${String(ids[index])}\t${vector === undefined ? '' : vector.join(',')}`,
            ])
          }
          return 0
        }),
      ),
    )
}

const addStatus = (group: Command, bind: Bind): void => {
  group
    .command('status')
    .argument('<collective>', 'its name or id')
    .description('how many there are')
    .action(
      bind(async (task, idOrName: string) =>
        withCollective(task, idOrName, async ({ vectors }) => {
          const status = await vectors.status()
          const { count, bytes, dimension, durability } = status
          await task.output.data(status, () => fields({ count, stored: size(bytes), dimension, durability }))
          return 0
        }),
      ),
    )
}

interface SearchOptions extends VectorOptions {
  readonly k?: number
  readonly metric?: VectorMetric
  readonly filter?: PayloadFilter
  readonly include?: readonly ('vector' | 'payload')[]
}

const addSearch = (group: Command, bind: Bind): void => {
  const command = group
    .command('search')
    .argument('<collective>', 'its name or id')
    .description('the nearest, best first')
    .option('--k <n>', 'how many, 1..1000 (default: 10)', decodeNumber)
    .option('--metric <metric>', `${vectorMetrics.join(', ')} (default: cosine)`, decodeWord(vectorMetrics))
    .option('--filter <json>', 'on payloads, such as {"type":"eq","field":"kind","value":"note"}', decodeFilter)
    .option('--include <a,b>', 'vector, payload', decodeWords(['vector', 'payload']))
  addVectorOptions(command).action(
    bind(async (task, idOrName: string, { k, metric, filter, include, ...options }: SearchOptions) =>
      withCollective(task, idOrName, async (hive) => {
        const vector = await vectorOf(options, hive)
        if (vector === undefined) throw new UsageError('nothing to search for: give --vector or --embedding')
        const { results } = await hive.vectors.search({ vector, k, metric, filter, include })
        for (const { id, score, payload, vector: found } of results) {
          const form = {
            ...{ id: id.toString(), score },
            ...(found === undefined ? {} : { vector: found }),
            ...(payload === undefined ? {} : { payload }),
          }
          await task.output.data(form, () => [
            [right(score.toFixed(4), 9), id, payload === undefined ? '' : JSON.stringify(payload)].join('  ').trimEnd(),
          ])
        }
        return 0
      }),
    ),
  )
}

const decodeFilter = (text: string): PayloadFilter => {
  try {
    return JSON.parse(text) as PayloadFilter
  } catch {
    throw new InvalidArgumentError('It is not JSON.')
  }
}

const addDurability = (group: Command, bind: Bind): void => {
  group
    .command('durability')
    .argument('<collective>', 'its name or id')
    .argument('[mode]', vectorDurabilities.join(', '), decodeWord(vectorDurabilities))
    .description('the mode that is set, or sets it; what is acknowledged is durable in each')
    .action(
      bind(async (task, idOrName: string, mode: VectorDurability | undefined) =>
        withCollective(task, idOrName, async ({ vectors }) => {
          if (mode !== undefined) await vectors.setDurability(mode)
          const durability = await vectors.durability()
          await task.output.data({ durability }, () => [durability])
          return 0
        }),
      ),
    )
}
