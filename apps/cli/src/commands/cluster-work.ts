/** `waggle log prune`, `checkpoint create|list`, `verify`, `node drain`: what a cluster's operator has it do. */
import { pause } from '@waggle/kernel'
import { limits, type CheckpointListed, type CheckpointTaken, type HorizonMoved, type OfShard } from '@waggle/protocol'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import type { ExitCode } from '../host.ts'
import { askCluster } from '../operator.ts'
import { decodeInteger } from '../option-values.ts'
import { placeOf } from '../place/place.ts'
import { stopIfInterrupted, type Task } from '../task.ts'
import { count, counted, fields, moment, size } from '../terminal/layout.ts'
import type { Column } from '../terminal/table.ts'
import { printRows } from '../terminal/rows.ts'

interface ShardOptions {
  readonly shard?: number
  /** Seconds. */
  readonly timeout: number
}

/** A checkpoint reads the whole state of a shard, and the next shard's begins when it is done. */
const TIMEOUT_S = 120
const timeLimit = decodeInteger({ min: 1, max: limits.TIMEOUT_MS_MAX / 1_000 })
const shardNumber = decodeInteger({ min: 0, max: limits.SHARDS_MAX - 1 })

const ofShards = (command: Command): Command =>
  command
    .option('--shard <n>', 'of that shard (default: all)', shardNumber)
    .option('--timeout <s>', 'seconds that it may take', timeLimit, TIMEOUT_S)

const bodyOf = ({ shard, timeout }: ShardOptions) => ({
  timeoutMs: timeout * 1_000,
  ...(shard === undefined ? {} : { shard }),
})

export const addLogPrune = (group: Command, bind: Bind): void => {
  ofShards(group.command('prune'))
    .description('drop what of the logs neither a replica nor a checkpoint needs; it goes by itself, too')
    .action(
      bind(async (task, options: ShardOptions) => {
        const { items } = await askCluster(task, 'log.prune', bodyOf(options))
        return printAnswers(task, horizonColumns, items)
      }),
    )
}

export const addCheckpointCommands = (program: Command, bind: Bind): void => {
  const group = program.command('checkpoint').description('copies of the state of shards, for their operator')
  ofShards(group.command('create'))
    .description('have every replica digest its state at one record, and keep a copy of it')
    .action(
      bind(async (task, options: ShardOptions) => {
        await refuseFolder(task)
        return printTaken(task, (await askCluster(task, 'checkpoint.create', bodyOf(options))).items)
      }),
    )
  ofShards(group.command('list'))
    .description('the verified checkpoints that are kept, newest first')
    .action(
      bind(async (task, options: ShardOptions) => {
        await refuseFolder(task)
        const { items } = await askCluster(task, 'checkpoint.list', bodyOf(options))
        return printAnswers(task, listedColumns, items)
      }),
    )
}

export const addVerifyCommand = (program: Command, bind: Bind): void => {
  ofShards(program.command('verify'))
    .description('compare the states of all replicas at one record; of a folder: verify its files and read every row')
    .action(
      bind(async (task, options: ShardOptions) => {
        const place = await placeOf(task.settings, task.host.environment)
        if (place.kind === 'folder') return verifyFolder(task, place.path)
        return printTaken(task, (await askCluster(task, 'verify.run', bodyOf(options))).items)
      }),
    )
}

interface DrainOptions {
  readonly wait: boolean
  readonly timeout: number
}

export const addNodeDrain = (group: Command, bind: Bind): void => {
  group
    .command('drain')
    .argument('<node>', 'its name, as node list shows it')
    .option('--no-wait', 'do not wait until it has no replica any more')
    .option('--timeout <s>', 'seconds to wait', timeLimit, TIMEOUT_S)
    .description('have others take everything that a shard process has, so that it can be removed for good')
    .action(
      bind(async (task, node: string, { wait, timeout }: DrainOptions) => {
        const drained = await askCluster(task, 'node.drain', { node })
        const { clock, timers } = task.host
        const untilMs = clock.monotonicMs() + timeout * 1_000
        const reporter = task.output.reporter('drain', 'shards handed over')
        let most = 0
        for (;;) {
          const { items } = await askCluster(task, 'node.list')
          const { leads = [], hosts = [] } = items.find((each) => each.node === node) ?? {}
          const left = new Set([...leads, ...hosts]).size
          const isOver = left === 0 || !wait || clock.monotonicMs() >= untilMs
          most = Math.max(most, left)
          reporter.progress(most - left, most === 0 ? 1 : 1 - left / most)
          if (isOver) {
            reporter.end()
            await task.output.data({ ...drained, leads, hosts }, () =>
              fields({ node, leads: counted(leads.length, 'shard'), has: counted(hosts.length, 'replica') }),
            )
            return left === 0 || !wait ? 0 : 1
          }
          stopIfInterrupted(task)
          await pause(timers, LOOK_PAUSE_MS)
        }
      }),
    )
}

const LOOK_PAUSE_MS = 250

/** @throws UsageError */
const refuseFolder = async ({ settings, host }: Task): Promise<void> => {
  const place = await placeOf(settings, host.environment)
  if (place.kind === 'folder')
    throw new UsageError(
      'a store in a folder has no checkpoints: each write takes its log and its state to the disk together; ' +
        'waggle export makes a copy, waggle verify looks whether it is whole, and for a cluster give --server',
    )
}

const verifyFolder = async ({ output, host }: Task, path: string): Promise<ExitCode> => {
  const { verifyStore } = await import('@waggle/embedded')
  const startedMs = host.clock.monotonicMs()
  const { sequence, digest } = await verifyStore({ path })
  const tookMs = Math.round(host.clock.monotonicMs() - startedMs)
  await output.data({ path, verified: true, sequence, digest, tookMs }, () =>
    fields({ folder: path, verified: 'files, records and every row', records: count(sequence), digest }),
  )
  return 0
}

const printTaken = async (task: Task, items: readonly OfShard<CheckpointTaken>[]): Promise<ExitCode> => {
  const code = await printAnswers(task, takenColumns, items)
  return items.every((item) => 'verified' in item && item.verified) ? code : 1
}

/** 1 where a shard did not answer. */
const printAnswers = async <Result extends object>(
  { output }: Task,
  columns: readonly Column<OfShard<Result>>[],
  items: readonly OfShard<Result>[],
): Promise<ExitCode> => {
  await printRows(output, columns, items, (item) => item)
  return items.some((item) => 'fault' in item) ? 1 : 0
}

const DIGITS_SHOWN = 12
const ABSENT = '-'

/** A cell of what was answered; a remark says why there is none. */
const cell =
  <Result extends object>(of: (result: Result) => string) =>
  (item: OfShard<Result>): string =>
    'fault' in item ? ABSENT : of(item)

const remark =
  <Result extends object>(of: (result: Result) => string) =>
  (item: OfShard<Result>): string =>
    'fault' in item ? `${item.fault.code}: ${item.fault.message}` : of(item)

const shardColumn = { heading: 'shard', isNumber: true, cell: ({ shard }: { shard: number }) => String(shard) }

const horizonColumns: readonly Column<OfShard<HorizonMoved>>[] = [
  shardColumn,
  { heading: 'horizon', isNumber: true, cell: cell(({ horizon }) => count(horizon)) },
  { heading: 'first', isNumber: true, cell: cell(({ first }) => count(first)) },
  { heading: 'remarks', cell: remark(({ reason }) => reason) },
]

const takenColumns: readonly Column<OfShard<CheckpointTaken>>[] = [
  shardColumn,
  { heading: 'sequence', isNumber: true, cell: cell(({ sequence }) => count(sequence)) },
  { heading: 'digest', cell: cell(({ digest }) => digest.slice(0, DIGITS_SHOWN)) },
  { heading: 'verified', cell: cell(({ verified }) => (verified ? 'yes' : 'NO')) },
  { heading: 'remarks', cell: remark(({ replicas, digest, reason }) => reason ?? replicaText(replicas, digest)) },
]

const replicaText = (replicas: CheckpointTaken['replicas'], digest: string): string =>
  replicas.map((replica) => `${replica.node} ${replica.digest === digest ? 'agrees' : 'DIFFERS'}`).join(', ')

const listedColumns: readonly Column<OfShard<CheckpointListed>>[] = [
  shardColumn,
  { heading: 'sequence', isNumber: true, cell: cell(({ sequence }) => count(sequence)) },
  { heading: 'digest', cell: cell(({ digest }) => digest.slice(0, DIGITS_SHOWN)) },
  { heading: 'size', isNumber: true, cell: cell(({ bytes }) => size(bytes)) },
  { heading: 'taken', cell: cell(({ atMs }) => moment(atMs)) },
  { heading: 'remarks', cell: remark(({ node }) => `by ${node}`) },
]
