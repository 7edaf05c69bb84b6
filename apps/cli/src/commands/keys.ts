/** `waggle keys …`: ordered keys with values, and the batches that wrote them. */
import { writeFile } from 'node:fs/promises'
import { fault } from '@waggle/protocol'
import type { Command } from 'commander'
import { addByteOptions, bytesOfWord, lineOfBytes, wordOfBytes, type ByteOptions } from '../byte-words.ts'
import type { Bind } from '../cli.ts'
import { commandFault, UsageError } from '../faults.ts'
import { decodeNumber } from '../option-values.ts'
import { stopIfInterrupted, withCollective, type Task } from '../task.ts'
import { fields } from '../terminal/layout.ts'
import { familyOf } from './key-family.ts'
import { addDelete, addPut } from './keys-write.ts'
import { addPrune, addRetention } from './keys-prune.ts'
import { addReduce } from './keys-reduce.ts'
import { addSubscribe } from './keys-subscribe.ts'

export const addKeyCommands = (program: Command, bind: Bind): void => {
  const group = program.command('keys').description('ordered keys with values, written in batches')
  addPut(group, bind)
  addGet(group, bind)
  addRange(group, bind)
  addDelete(group, bind)
  addBatch(group, bind)
  addPosition(group, bind)
  addSubscribe(group, bind)
  addReduce(group, bind)
  addPrune(group, bind)
  addRetention(group, bind)
}

type Row = readonly [key: Uint8Array, value: Uint8Array | undefined]

/** One row: `{ key, value }`, or key and value beside each other. */
const showRow = async ({ output }: Task, [key, value]: Row, options: ByteOptions): Promise<void> =>
  output.data(
    { key: wordOfBytes(key, options), value: value === undefined ? null : wordOfBytes(value, options) },
    () => [`${lineOfBytes(key, options)}\t${value === undefined ? '' : lineOfBytes(value, options)}`],
  )

interface GetOptions extends ByteOptions {
  readonly out?: string
}

const addGet = (group: Command, bind: Bind): void => {
  const command = group
    .command('get')
    .argument('<collective>', 'its name or id')
    .argument('<keys...>', 'one or several')
    .description('the values of keys')
    .option('--out <file>', 'write the bytes of the one value there')
  addByteOptions(command).action(
    bind(async (task, idOrName: string, words: readonly string[], { out, ...options }: GetOptions) => {
      if (out !== undefined && words.length > 1) throw new UsageError('--out: give one key')
      return withCollective(task, idOrName, async ({ keys }) => {
        const rows = await keys.getMany(words.map((word) => bytesOfWord(word, options)))
        const [first] = rows
        if (rows.length === 1 && first?.[1] === undefined)
          throw fault('NOT_FOUND', `no such key key=${String(words[0]).slice(0, 300)}`, { entity: 'key' })
        if (out === undefined) for (const row of rows) await showRow(task, row, options)
        else await writeOut(out, first?.[1] ?? new Uint8Array())
        return 0
      })
    }),
  )
}

/** @throws Fault `OUTPUT_FAILED` */
export const writeOut = async (path: string, bytes: Uint8Array): Promise<void> =>
  writeFile(path, bytes).catch((cause: unknown) => {
    throw commandFault('OUTPUT_FAILED', `file cannot be written path=${path} reason=${String(cause)}`, { path })
  })

interface RangeOptions extends ByteOptions {
  readonly start?: string
  readonly end?: string
  readonly prefix?: string
  readonly limit?: number
  readonly reverse?: boolean
}

const addRange = (group: Command, bind: Bind): void => {
  const command = group
    .command('range')
    .argument('<collective>', 'its name or id')
    .description('keys between two bounds, which belong to it, in their order')
    .option('--start <key>', 'from this key on')
    .option('--end <key>', 'up to this key')
    .option('--prefix <key>', 'of the keys that begin with it; bounds and keys are what is behind it')
    .option('--limit <n>', 'how many (default: all)', decodeNumber)
    .option('--reverse', 'the highest first')
  addByteOptions(command).action(
    bind(async (task, idOrName: string, options: RangeOptions) =>
      withCollective(task, idOrName, async ({ keys }) => {
        const { start, end, prefix, limit, reverse } = options
        const [from, to] = [start, end].map((bound) => (bound === undefined ? undefined : bytesOfWord(bound, options)))
        for await (const row of familyOf(keys, prefix, options).range({ start: from, end: to, limit, reverse })) {
          stopIfInterrupted(task)
          await showRow(task, row, options)
        }
        return 0
      }),
    ),
  )
}

const addBatch = (group: Command, bind: Bind): void => {
  const command = group
    .command('batch')
    .argument('<collective>', 'its name or id')
    .argument('<sequence>', 'of the batch', decodeNumber)
    .description('what a batch wrote and deleted')
  addByteOptions(command).action(
    bind(async (task, idOrName: string, sequence: number, options: ByteOptions) =>
      withCollective(task, idOrName, async ({ keys }) => {
        const found = await keys.changes(sequence)
        if (found === undefined)
          throw fault('NOT_FOUND', `batch was pruned, or is not there yet sequence=${sequence}`, { entity: 'batch' })
        for (const row of found.entries) await showRow(task, row, options)
        for (const key of found.deleted)
          await task.output.data({ deleted: wordOfBytes(key, options) }, () => [`-${lineOfBytes(key, options)}`])
        return 0
      }),
    ),
  )
}

const addPosition = (group: Command, bind: Bind): void => {
  group
    .command('position')
    .argument('<collective>', 'its name or id')
    .description('the newest batch, the oldest that is kept, and by which rule')
    .action(
      bind(async (task, idOrName: string) =>
        withCollective(task, idOrName, async ({ keys }) => {
          const status = await keys.status()
          const { current, oldest, keyCount, rule } = status
          await task.output.data(status, () =>
            fields({ current, oldest, keys: keyCount, rule: rule === undefined ? undefined : JSON.stringify(rule) }),
          )
          return 0
        }),
      ),
    )
}
