/** `waggle demo`: the main job on the bundled sample. */
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { writeUntilKilled } from '../demo/crash-writer.ts'
import { demonstrate } from '../demo/demonstration.ts'
import { UsageError } from '../faults.ts'
import { withTemporaryFolder } from '../temporary-folder.ts'

export const addDemoCommand = (program: Command, bind: Bind): void => {
  program
    .command('demo')
    .description('agents record and search a sample; in a temporary folder unless --path is given')
    .option('--once', 'end by itself, also on a terminal')
    .action(
      bind(async (task, { once = false }: { readonly once?: boolean }) => {
        const { host, settings, output } = task
        const isTerminal = host.stdin.isTTY === true && host.stdout.isTTY === true
        const interactive = isTerminal && !once && !output.json
        if (settings.server !== undefined)
          throw new UsageError('the demonstration works on a folder: give --path, or nothing for a temporary one')
        if (settings.path !== undefined)
          return demonstrate(task, { path: settings.path, place: `in ${settings.path}`, interactive })
        return withTemporaryFolder(async (path) =>
          demonstrate(task, { path, place: 'in a temporary folder', interactive }),
        )
      }),
    )
  // The process that the demonstration kills; nothing for a user.
  program.command('demo-writer', { hidden: true }).action(
    bind(async (task) => {
      await writeUntilKilled(task)
      return 0
    }),
  )
}
