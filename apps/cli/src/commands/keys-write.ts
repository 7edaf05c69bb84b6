/** `waggle keys put|delete`. */
import type { KeyEntryInput } from '@waggle/sdk'
import type { Command } from 'commander'
import { addByteOptions, bytesOfWord, type ByteOptions } from '../byte-words.ts'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import { readBytes, readJsonList } from '../json-input.ts'
import { decodeLifetime, TTL_TEXT } from '../option-values.ts'
import { withCollective, type Task } from '../task.ts'
import { fields } from '../terminal/layout.ts'

interface PutOptions extends ByteOptions {
  readonly value?: string
  readonly lines?: string
  readonly ttl?: number
  readonly key?: string
}

export const addPut = (group: Command, bind: Bind): void => {
  const command = group
    .command('put')
    .argument('<collective>', 'its name or id')
    .argument('[words...]', 'key value key value …; with --value, one key')
    .description('write keys, all or none; of a key that comes twice the last value stays')
    .option('--value <file>', 'the value of the one key is what is in the file; - is stdin')
    .option('--lines <file>', 'rows ["key","value"] or {"key":…,"value":…}, one a line; - is stdin')
    .option('--ttl <time>', TTL_TEXT, decodeLifetime)
    .option('--key <text>', 'idempotency key: the same key takes effect once, however often it is sent')
  addByteOptions(command).action(
    bind(async (task, idOrName: string, words: readonly string[], options: PutOptions) => {
      const entries = await entriesOf(task, words, options)
      return withCollective(task, idOrName, async ({ keys }) => {
        const { sequence, token } = await keys.put(entries, { idempotencyKey: options.key, ttlMs: options.ttl })
        await task.output.data({ sequence, token }, () => fields({ sequence, token }))
        return 0
      })
    }),
  )
}

/** @throws UsageError; Fault `INPUT_UNREADABLE`, `MALFORMED_INPUT` */
const entriesOf = async (
  task: Task,
  words: readonly string[],
  { value, lines, ...options }: PutOptions,
): Promise<readonly KeyEntryInput[]> => {
  if (value !== undefined && lines !== undefined) throw new UsageError('--value and --lines: give one of them')
  if (lines !== undefined) {
    if (words.length > 0) throw new UsageError('--lines: keys stand in the file')
    return (await readJsonList(task, lines)).map(rowOf)
  }
  if (value !== undefined) {
    const [key, ...others] = words
    if (key === undefined || others.length > 0) throw new UsageError('--value: give one key')
    return [[bytesOfWord(key, options), await readBytes(task, value)]]
  }
  if (words.length === 0 || words.length % 2 !== 0) throw new UsageError('give keys and values: key value key value …')
  const bytes = words.map((word) => bytesOfWord(word, options))
  return Array.from({ length: bytes.length / 2 }, (_, index) => {
    const [key, its] = bytes.slice(2 * index, 2 * index + 2) as [Uint8Array, Uint8Array]
    return [key, its]
  })
}

/** As `range` prints them, too. What a row is is the store's to judge. */
const rowOf = (row: unknown): KeyEntryInput => {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row as KeyEntryInput
  const { key, value } = row as { readonly key: string; readonly value: string }
  return [key, value]
}

export const addDelete = (group: Command, bind: Bind): void => {
  const command = group
    .command('delete')
    .argument('<collective>', 'its name or id')
    .argument('<keys...>', 'also such as are not there')
    .description('delete keys, all or none')
    .option('--key <text>', 'idempotency key')
  addByteOptions(command).action(
    bind(async (task, idOrName: string, words: readonly string[], { key, ...options }: PutOptions) =>
      withCollective(task, idOrName, async ({ keys }) => {
        const bytes = words.map((word) => bytesOfWord(word, options))
        const { sequence, token } = await keys.delete(bytes, { idempotencyKey: key })
        await task.output.data({ sequence, token }, () => fields({ sequence, token }))
        return 0
      }),
    ),
  )
}
