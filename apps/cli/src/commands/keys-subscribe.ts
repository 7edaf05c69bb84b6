/** `waggle keys subscribe`: what batches do to keys, one a line. */
import type { KeyBatch, KeysHandle } from '@waggle/sdk'
import type { Command } from 'commander'
import { addByteOptions, bytesOfWord, lineOfBytes, wordOfBytes, type ByteOptions } from '../byte-words.ts'
import type { Bind } from '../cli.ts'
import { decodeNumber } from '../option-values.ts'
import { withCollective, type Task } from '../task.ts'
import { moment } from '../terminal/layout.ts'

interface SubscribeOptions extends ByteOptions {
  readonly prefix?: readonly string[]
  readonly regex?: string
  readonly since?: number
  readonly from?: string
  readonly limit?: number
}

export const addSubscribe = (group: Command, bind: Bind): void => {
  const command = group
    .command('subscribe')
    .argument('<collective>', 'its name or id')
    .description('batches as they are written, one a line, until Ctrl-C; says how to go on')
    .option('--prefix <key...>', 'of keys that begin with one of these')
    .option('--regex <expression>', 'found in what is behind the prefix; the syntax is that of RE2')
    .option('--since <sequence>', 'from this batch on (default: from now on)', decodeNumber)
    .option('--from <cursor>', 'go on where another one ended')
    .option('--limit <n>', 'end after so many batches', decodeNumber)
  addByteOptions(command).action(
    bind(async (task, idOrName: string, options: SubscribeOptions) =>
      withCollective(task, idOrName, async ({ keys }) => {
        const cursor = await show(task, keys, options)
        const { output } = task
        if (cursor !== undefined) output.note(output.json ? JSON.stringify({ cursor }) : `go on: --from ${cursor}`)
        return 0
      }),
    ),
  )
}

/** The place behind the last batch that was shown. */
const show = async (task: Task, keys: KeysHandle, options: SubscribeOptions): Promise<string | undefined> => {
  const { prefix = [''], regex, since, from, limit = Infinity } = options
  const selectors = prefix.map((word) => ({ prefix: bytesOfWord(word, options), regex }))
  const frames = keys.subscribe({ selectors, since, from, signal: task.host.interrupted })
  let shown = 0
  if (shown < limit)
    for await (const frame of frames) {
      await showFrame(task, frame, options)
      shown += 1
      if (shown >= limit) break
    }
  return frames.cursor
}

const showFrame = async ({ output }: Task, frame: KeyBatch, options: ByteOptions): Promise<void> => {
  const { sequence, time } = frame
  const entries = frame.entries.map(([key, value]) => [wordOfBytes(key, options), wordOfBytes(value, options)])
  const deleted = frame.deleted.map((key) => wordOfBytes(key, options))
  await output.data({ sequence, time, entries, deleted }, () => [
    output.colours.dim(`${moment(time)}  ${sequence}`),
    ...frame.entries.map(([key, value]) => `  ${lineOfBytes(key, options)}\t${lineOfBytes(value, options)}`),
    ...frame.deleted.map((key) => `  -${lineOfBytes(key, options)}`),
  ])
}
