/** `waggle batch`: several writes of one collective, all or none. */
import type { BatchCommandInput } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { readJson } from '../json-input.ts'
import { withCollective } from '../task.ts'

export const addBatchCommand = (program: Command, bind: Bind): void => {
  program
    .command('batch')
    .argument('<collective>', 'its name or id')
    .argument('<file.json>', 'a list of commands such as {"operation":"experience.archive","id":…}; - is stdin')
    .description('up to 1000 writes, all or none, each seeing those before it')
    .option('--key <text>', 'idempotency key: the same key takes effect once, however often it is sent')
    .action(
      bind(async (task, idOrName: string, path: string, { key }: { readonly key?: string }) => {
        // What the commands are is the store's to judge.
        const commands = (await readJson(task, path)) as readonly BatchCommandInput[]
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

const resultLine = (index: number, operation: string | undefined, result: object): string =>
  [
    String(index).padStart(4),
    operation ?? '',
    ...Object.entries(result).map(([name, value]) => `${name}=${String(value)}`),
  ]
    .join('  ')
    .trimEnd()
