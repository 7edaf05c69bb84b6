/** What `waggle vectors` and `waggle payloads` have in common: ids, deletion, flush. */
import type { CollectiveHandle, PayloadsHandle, VectorsHandle } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { decodePointIds } from '../point-lines.ts'
import { withCollective } from '../task.ts'
import { fields } from '../terminal/layout.ts'

interface PointStore {
  readonly noun: string
  readonly of: (hive: CollectiveHandle) => VectorsHandle | PayloadsHandle
}

export const addPointIds = (group: Command, bind: Bind, { noun, of }: PointStore): void => {
  group
    .command('ids')
    .argument('<collective>', 'its name or id')
    .description(`the ids of all ${noun}, ascending`)
    .action(
      bind(async (task, idOrName: string) =>
        withCollective(task, idOrName, async (hive) => {
          for (const id of await of(hive).ids()) await task.output.data(id.toString(), () => [id.toString()])
          return 0
        }),
      ),
    )
}

export const addPointWrites = (group: Command, bind: Bind, { noun, of }: PointStore): void => {
  group
    .command('delete')
    .argument('<collective>', 'its name or id')
    .argument('<ids...>', 'also such as are not there', decodePointIds)
    .description(`delete ${noun}, all or none`)
    .option('--key <text>', 'idempotency key')
    .action(
      bind(async (task, idOrName: string, ids: readonly string[], { key }: { readonly key?: string }) =>
        withCollective(task, idOrName, async (hive) => {
          const { token } = await of(hive).deleteMany(ids, { idempotencyKey: key })
          await task.output.data({ token }, () => fields({ token }))
          return 0
        }),
      ),
    )
  group
    .command('flush')
    .argument('<collective>', 'its name or id')
    .description('returns when everything that was written before is durable')
    .action(
      bind(async (task, idOrName: string) =>
        withCollective(task, idOrName, async (hive) => {
          const { token } = await of(hive).flush()
          await task.output.data({ token }, () => fields({ token }))
          return 0
        }),
      ),
    )
}
