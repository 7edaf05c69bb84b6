/** `waggle usage`: what a tenant has. */
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { withStore } from '../task.ts'
import { count, fields, size } from '../terminal/layout.ts'

export const addUsageCommand = (program: Command, bind: Bind): void => {
  program
    .command('usage')
    .description('how much the tenant has, over all its collectives')
    .action(
      bind(async (task) =>
        withStore(task, async (waggle) => {
          const usage = await waggle.usage()
          await task.output.data(usage, () =>
            fields({
              collectives: count(usage.collectiveCount),
              experiences: count(usage.experienceCount),
              archived: count(usage.archivedCount),
              relations: count(usage.relationCount),
              insights: count(usage.insightCount),
              keys: count(usage.keyCount),
              vectors: count(usage.vectorCount),
              payloads: count(usage.payloadCount),
              pages: count(usage.pageCount),
              stored: size(usage.storageBytes),
            }),
          )
          return 0
        }),
      ),
    )
}
