/** `waggle payloads …`: JSON by ids of 64 bits. */
import { fault } from '@waggle/protocol'
import type { PayloadItemInput } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import { readBytes, readJsonList } from '../json-input.ts'
import { decodeLifetime, TTL_TEXT } from '../option-values.ts'
import { decodePointId, decodePointIds } from '../point-lines.ts'
import { withCollective, type Task } from '../task.ts'
import { fields, size } from '../terminal/layout.ts'
import { addPointIds, addPointWrites } from './points.ts'

export const addPayloadCommands = (program: Command, bind: Bind): void => {
  const group = program.command('payloads').description('JSON by ids of 64 bits')
  addStore(group, bind)
  addGet(group, bind)
  addPointIds(group, bind, { noun: 'payloads', of: (hive) => hive.payloads })
  addPointWrites(group, bind, { noun: 'payloads', of: (hive) => hive.payloads })
  addStatus(group, bind)
}

interface StoreOptions {
  readonly lines?: string
  readonly ttl?: number
  readonly key?: string
}

const addStore = (group: Command, bind: Bind): void => {
  group
    .command('store')
    .argument('<collective>', 'its name or id')
    .argument('[id]', 'a whole number', decodePointId)
    .argument('[json]', 'the payload; - reads it from stdin')
    .description('store a payload, or many, in place of those of the same ids')
    .option('--lines <file>', '{"id":…,"payload":…}, one a line; - is stdin')
    .option('--ttl <time>', TTL_TEXT, decodeLifetime)
    .option('--key <text>', 'idempotency key')
    .action(
      bind(async (task, idOrName: string, id: string | undefined, json: string | undefined, options: StoreOptions) => {
        const items = await itemsOf(task, id, json, options)
        return withCollective(task, idOrName, async ({ payloads }) => {
          const { count, token } = await payloads.storeMany(items, { idempotencyKey: options.key, ttlMs: options.ttl })
          await task.output.data({ count, token }, () => fields({ count, token }))
          return 0
        })
      }),
    )
}

/** @throws UsageError; Fault `INPUT_UNREADABLE`, `MALFORMED_INPUT` */
const itemsOf = async (
  task: Task,
  id: string | undefined,
  json: string | undefined,
  { lines }: StoreOptions,
): Promise<readonly PayloadItemInput[]> => {
  if (lines !== undefined) {
    if (id !== undefined) throw new UsageError('--lines: ids stand in the file')
    return (await readJsonList(task, lines)) as readonly PayloadItemInput[]
  }
  if (id === undefined || json === undefined) throw new UsageError('give an id and a payload, or --lines')
  return [{ id, json: json === '-' ? Buffer.from(await readBytes(task, '-')).toString() : json }]
}

const addGet = (group: Command, bind: Bind): void => {
  group
    .command('get')
    .argument('<collective>', 'its name or id')
    .argument('<ids...>', 'whole numbers', decodePointIds)
    .description('the payloads of ids')
    .action(
      bind(async (task, idOrName: string, ids: readonly string[]) =>
        withCollective(task, idOrName, async ({ payloads }) => {
          const found = await payloads.getMany(ids)
          if (found.length === 1 && found[0] === undefined)
            throw fault('NOT_FOUND', `no payload of that id id=${String(ids[0])}`, { entity: 'payload' })
          for (const [index, payload] of found.entries()) {
            const id = ids[index]
            await task.output.data(payload === undefined ? { id } : { id, payload }, () => [
              `${String(id)}\t${payload === undefined ? '' : JSON.stringify(payload)}`,
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
        withCollective(task, idOrName, async ({ payloads }) => {
          const status = await payloads.status()
          await task.output.data(status, () => fields({ count: status.count, stored: size(status.bytes) }))
          return 0
        }),
      ),
    )
}
