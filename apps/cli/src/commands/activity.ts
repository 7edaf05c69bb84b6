/** `waggle activity register|heartbeat|end|active`. */
import type { Activity } from '@waggle/protocol'
import type { CollectiveHandle, Written } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { withCollective } from '../task.ts'
import { fields, moment } from '../terminal/layout.ts'
import { left, oneLine } from '../terminal/text.ts'

export const addActivityCommands = (program: Command, bind: Bind): void => {
  const group = program.command('activity').description('who works in a collective, and at what')
  addRegister(group, bind)
  addWrite(group, bind, 'heartbeat', 'say that an agent is still at it', async ({ activity }, agent) =>
    activity.heartbeat(agent),
  )
  addWrite(group, bind, 'end', 'say that an agent has gone', async ({ activity }, agent) => activity.end(agent))
  addActive(group, bind)
}

const addRegister = (group: Command, bind: Bind): void => {
  group
    .command('register')
    .argument('<collective>', 'its name or id')
    .argument('<agent>', '1..255 bytes')
    .description('say what an agent does from now on, in place of what it said before')
    .option('--task <name>', 'what it works at')
    .option('--summary <text>', 'what it knows by now')
    .action(
      bind(
        async (task, idOrName: string, agent: string, options: { readonly task?: string; readonly summary?: string }) =>
          withCollective(task, idOrName, async (hive) => {
            const { token } = await hive.activity.register({ agent, ...options })
            await task.output.data({ agent, token }, () => fields({ agent, token }))
            return 0
          }),
      ),
    )
}

const addWrite = (
  group: Command,
  bind: Bind,
  verb: string,
  description: string,
  apply: (hive: CollectiveHandle, agent: string) => Promise<Written>,
): void => {
  group
    .command(verb)
    .argument('<collective>', 'its name or id')
    .argument('<agent>', 'one that has registered')
    .description(description)
    .action(
      bind(async (task, idOrName: string, agent: string) =>
        withCollective(task, idOrName, async (hive) => {
          const { token } = await apply(hive, agent)
          await task.output.data({ agent, token }, () => fields({ agent, token }))
          return 0
        }),
      ),
    )
}

const addActive = (group: Command, bind: Bind): void => {
  group
    .command('active')
    .argument('<collective>', 'its name or id')
    .description('agents that gave a sign of life lately, the newest first')
    .action(
      bind(async (task, idOrName: string) =>
        withCollective(task, idOrName, async (hive) => {
          for (const activity of await hive.activity.active())
            await task.output.data(activity, () => [activityLine(activity)])
          return 0
        }),
      ),
    )
}

/** One line for people. */
export const activityLine = ({ agent, task, summary, lastHeartbeat }: Activity): string =>
  [moment(lastHeartbeat), left(oneLine(agent), 16), oneLine(task ?? ''), oneLine(summary ?? '')].join('  ').trimEnd()
