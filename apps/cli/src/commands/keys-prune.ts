/** `waggle keys prune|retention`: what is not kept. */
import { orderEncodings } from '@waggle/protocol'
import type { PrunePolicyInput, RetainInput } from '@waggle/sdk'
import type { Command } from 'commander'
import { addByteOptions, bytesOfWord, type ByteOptions } from '../byte-words.ts'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import { readJson } from '../json-input.ts'
import { decodeNumber, decodeTags, decodeWord } from '../option-values.ts'
import { withCollective, type Task } from '../task.ts'
import { fields } from '../terminal/layout.ts'

interface RetainOptions {
  readonly keepLatest?: number
  readonly greaterThan?: string
  readonly atLeast?: string
  readonly dropAll?: boolean
}

const addRetainOptions = (command: Command): Command =>
  command
    .option('--keep-latest <n>', 'keep so many, the highest', decodeNumber)
    .option('--greater-than <n>', 'keep those above it')
    .option('--at-least <n>', 'keep it and those above it')
    .option('--drop-all', 'keep none')

/** @throws UsageError */
const retainOf = ({ keepLatest, greaterThan, atLeast, dropAll }: RetainOptions): RetainInput | undefined => {
  const rules: RetainInput[] = [
    ...(keepLatest === undefined ? [] : [{ keepLatest: { count: keepLatest } }]),
    ...(greaterThan === undefined ? [] : [{ greaterThan: { threshold: greaterThan } }]),
    ...(atLeast === undefined ? [] : [{ greaterThanOrEqual: { threshold: atLeast } }]),
    ...(dropAll === true ? [{ dropAll: {} }] : []),
  ]
  if (rules.length > 1) throw new UsageError('--keep-latest, --greater-than, --at-least, --drop-all: give one of them')
  return rules[0]
}

interface PruneOptions extends RetainOptions, ByteOptions {
  readonly policies?: string
  readonly prefix?: string
  readonly batches?: boolean
  readonly regex?: string
  readonly group?: readonly string[]
  readonly order?: string
  readonly encoding?: (typeof orderEncodings)[number]
  readonly wait: boolean
  readonly key?: string
}

export const addPrune = (group: Command, bind: Bind): void => {
  const command = group
    .command('prune')
    .argument('<collective>', 'its name or id')
    .description('delete what a policy does not keep: of keys that begin with --prefix, or of --batches')
    .option('--policies <file.json>', 'a list of policies instead of all options below; - is stdin')
    .option('--prefix <key>', 'of keys that begin with it')
    .option('--batches', 'of batches, by their sequence; keys and values stay')
    .option('--regex <expression>', 'that must be found behind the prefix; captures have names: (?<n>[0-9]+)')
    .option('--group <a,b>', 'captures that tell groups apart', decodeTags)
    .option('--order <capture>', 'the capture by which keys are ordered')
    .option('--encoding <encoding>', `how it is compared: ${orderEncodings.join(', ')}`, decodeWord(orderEncodings))
    .option('--no-wait', 'do not wait until it is done')
    .option('--key <text>', 'idempotency key')
  addByteOptions(addRetainOptions(command)).action(
    bind(async (task, idOrName: string, options: PruneOptions) => {
      const policies = await policiesOf(task, options)
      const waiting = options.wait ? {} : { waitMs: 0 }
      return withCollective(task, idOrName, async ({ keys }) => {
        const pruned = await keys.prune(policies, { idempotencyKey: options.key, ...waiting })
        const { job, isDone, keys: gone, batches, token } = pruned
        await task.output.data(pruned, () =>
          fields({ keys: gone, batches, done: isDone ? 'yes' : 'not yet', job, token }),
        )
        return 0
      })
    }),
  )
}

/** @throws UsageError; Fault `INPUT_UNREADABLE`, `MALFORMED_INPUT` */
const policiesOf = async (task: Task, options: PruneOptions): Promise<readonly PrunePolicyInput[]> => {
  const { policies, prefix, batches = false, regex, group, order, encoding = 'bytesAsc' } = options
  const retain = retainOf(options)
  // What the policies are is the store's to judge.
  if (policies !== undefined) return (await readJson(task, policies)) as readonly PrunePolicyInput[]
  if (retain === undefined)
    throw new UsageError('say what is kept: --keep-latest, --greater-than, --at-least, --drop-all')
  if ((prefix === undefined) === !batches) throw new UsageError('say of what: --prefix or --batches')
  if (batches) return [{ sequence: {}, retain }]
  const selector = { prefix: bytesOfWord(prefix ?? '', options), ...(regex === undefined ? {} : { regex }) }
  const grouped = group === undefined ? {} : { groupBy: { captureGroups: group } }
  const ordered = order === undefined ? {} : { orderBy: { captureGroup: order, encoding } }
  return [{ keys: { selector, ...grouped, ...ordered }, retain }]
}

export const addRetention = (group: Command, bind: Bind): void => {
  const command = group
    .command('retention')
    .argument('<collective>', 'its name or id')
    .description('the rule by which batches are kept from now on; without an option it is shown')
    .option('--clear', 'keep all of them')
  addRetainOptions(command).action(
    bind(
      async (task, idOrName: string, { clear = false, ...options }: RetainOptions & { readonly clear?: boolean }) => {
        const rule = retainOf(options)
        if (clear && rule !== undefined) throw new UsageError('--clear and a rule: give one of them')
        return withCollective(task, idOrName, async ({ keys }) => {
          if (clear || rule !== undefined) await keys.setRetention(rule)
          const { rule: now, oldest } = await keys.status()
          await task.output.data({ rule: now ?? null, oldest: oldest ?? null }, () =>
            fields({ rule: now === undefined ? 'all are kept' : JSON.stringify(now), oldest }),
          )
          return 0
        })
      },
    ),
  )
}
