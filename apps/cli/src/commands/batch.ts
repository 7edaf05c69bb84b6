/** `waggle batch`: several writes of one collective, all or none. */
import { limits } from '@waggle/protocol'
import type { BatchCommandInput } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { commandFault } from '../faults.ts'
import { bytesOf, openInput } from '../input-file.ts'
import { stopIfInterrupted, withCollective, type Task } from '../task.ts'

export const addBatchCommand = (program: Command, bind: Bind): void => {
  program
    .command('batch')
    .argument('<collective>', 'its name or id')
    .argument('<file.json>', 'a list of commands such as {"operation":"experience.archive","id":…}; - is stdin')
    .description('up to 1000 writes, all or none, each seeing those before it')
    .option('--key <text>', 'idempotency key: the same key takes effect once, however often it is sent')
    .action(
      bind(async (task, idOrName: string, path: string, { key }: { readonly key?: string }) => {
        const commands = await readCommands(task, path)
        return withCollective(task, idOrName, async (hive) => {
          const { results, token } = await hive.commit(commands, { idempotencyKey: key })
          await task.output.data({ results, token }, () =>
            results.map((result, index) => resultLine(index, commands[index]?.operation, result)),
          )
          return 0
        })
      }),
    )
}

/** @throws Fault `INPUT_UNREADABLE`, `MALFORMED_LINE` */
const readCommands = async (task: Task, path: string): Promise<readonly BatchCommandInput[]> => {
  const { stdin, interrupted } = task.host
  const stream = path === '-' ? stdin : (await openInput(path)).createReadStream()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of bytesOf(stream, path, interrupted)) {
    chunks.push(chunk)
    bytes += chunk.length
    // The store refuses it; what is beyond need not be read.
    if (bytes > 4 * limits.REQUEST_BYTES_MAX) break
  }
  stopIfInterrupted(task)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch (error) {
    throw commandFault('MALFORMED_INPUT', `input is not JSON path=${path} reason=${(error as Error).message}`, { path })
  }
  // What the commands are is the store's to judge.
  return value as readonly BatchCommandInput[]
}

const resultLine = (index: number, operation: string | undefined, result: object): string =>
  [
    String(index).padStart(4),
    operation ?? '',
    ...Object.entries(result).map(([name, value]) => `${name}=${String(value)}`),
  ]
    .join('  ')
    .trimEnd()
