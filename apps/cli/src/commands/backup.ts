/** `waggle backup create|verify|show|restore|abort`: a copy of a whole cluster, or of a store in a folder. */
import { limits } from '@waggle/protocol'
import type { Command } from 'commander'
import { BackupWriter, readManifest, stateBytes, verifyState } from '../backup/backup-folder.ts'
import type { BackedUpState, BackupManifest } from '../backup/backup-manifest.ts'
import { copyShard, shardCount } from '../backup/cluster-copy.ts'
import { abortRestore, restoreCluster } from '../backup/cluster-restore.ts'
import { salvage } from '../backup/salvage.ts'
import type { Bind } from '../cli.ts'
import { commandFault, UsageError } from '../faults.ts'
import type { ExitCode } from '../host.ts'
import { openOperator, type OperatorConnection } from '../operator.ts'
import { decodeInteger } from '../option-values.ts'
import { placeOf, type Place } from '../place/place.ts'
import { stopIfInterrupted, type Task } from '../task.ts'
import { count, counted, duration, moment, size } from '../terminal/layout.ts'
import type { Reporter } from '../terminal/reporter.ts'
import { tableLines, type Column } from '../terminal/table.ts'

export const addBackupCommands = (program: Command, bind: Bind): void => {
  const group = program.command('backup').description('copies of a whole cluster, or of a store in a folder')
  addCreate(group, bind)
  addVerify(group, bind)
  addShow(group, bind)
  addRestore(group, bind)
  addAbort(group, bind)
  addSalvage(group, bind)
}

const addCreate = (group: Command, bind: Bind): void => {
  group
    .command('create')
    .argument('<folder>', 'where the backup is to be; whole, or not there')
    .description('copy the state of every shard at a verified checkpoint, while writes go on')
    .action(bind(async (task, folder: string) => create(task, folder)))
}

const addVerify = (group: Command, bind: Bind): void => {
  group
    .command('verify')
    .argument('<folder>', 'the backup')
    .description('read every byte of a backup and compare it with its checksums and digests; needs no cluster')
    .action(
      bind(async (task, folder: string) => {
        const manifest = await readManifest(folder)
        await reading(task, 'verify', manifest, async (onBytes) => {
          for (const state of manifest.states)
            await verifyState(folder, state, (bytes) => {
              stopIfInterrupted(task)
              onBytes(bytes.length)
            })
        })
        return print(task, manifest, { verified: true })
      }),
    )
}

const addShow = (group: Command, bind: Bind): void => {
  group
    .command('show')
    .argument('<folder>', 'the backup')
    .description('what a backup says of itself')
    .action(bind(async (task, folder: string) => print(task, await readManifest(folder))))
}

const addRestore = (group: Command, bind: Bind): void => {
  group
    .command('restore')
    .argument('<folder>', 'the backup')
    .description('have an empty cluster with as many shards go on from a backup; or make a new folder of it (--path)')
    .action(bind(async (task, folder: string) => restore(task, folder)))
}

const addAbort = (group: Command, bind: Bind): void => {
  group
    .command('abort')
    .description('let a cluster serve again that a restore has frozen and that did not go on')
    .action(
      bind(async (task) =>
        withOperator(task, await placeOf(task.settings, task.host.environment), async (operator) => {
          const aborted = await abortRestore(operator)
          await task.output.data({ aborted }, () => [
            aborted ? 'the cluster serves again' : 'there is no restore to abort',
          ])
          return 0
        }),
      ),
    )
}

interface SalvageOptions {
  readonly shards: number
  readonly from: readonly string[]
}

const addSalvage = (group: Command, bind: Bind): void => {
  group
    .command('salvage')
    .argument('<folder>', 'where the backup is to be; whole, or not there')
    .requiredOption('--from <folder...>', 'the folders of the shard processes, all of which have ended')
    .requiredOption('--shards <n>', 'how many the cluster has', decodeInteger({ min: 1, max: limits.SHARDS_MAX }))
    .description('make a backup of what shard processes have left, where the logs are lost')
    .action(
      bind(async (task, folder: string, { from, shards }: SalvageOptions) => {
        const writer = await BackupWriter.create(folder)
        try {
          await salvage(task, { folders: from, shards, writer })
          const createdAtMs = task.host.clock.nowMs()
          return await print(task, await writer.commit({ createdAtMs, source: 'cluster' }), { path: folder })
        } finally {
          await writer.discard()
        }
      }),
    )
}

const create = async (task: Task, folder: string): Promise<ExitCode> => {
  const place = await placeOf(task.settings, task.host.environment)
  if (place.note !== undefined) task.output.remark(place.note)
  const writer = await BackupWriter.create(folder)
  try {
    const { clock } = task.host
    const startedMs = clock.monotonicMs()
    const createdAtMs = clock.nowMs()
    const source = place.kind
    if (place.kind === 'folder') await copyOfFolder(task, place.path, writer)
    else await withOperator(task, place, (operator) => copyOfCluster(task, operator, writer))
    const manifest = await writer.commit({ createdAtMs, source })
    const tookMs = Math.round(clock.monotonicMs() - startedMs)
    return await print(task, manifest, { path: folder, tookMs })
  } finally {
    await writer.discard()
  }
}

const copyOfFolder = async (task: Task, path: string, writer: BackupWriter): Promise<void> => {
  const { copyStore } = await import('@waggle/embedded')
  const reporter = reporterOf(task, 'backup')
  try {
    await copyStore({ path }, (pieces) => writer.add(0, counting(task, pieces, reporter)))
  } finally {
    reporter.end()
  }
}

const copyOfCluster = async (task: Task, operator: OperatorConnection, writer: BackupWriter): Promise<ExitCode> => {
  const shards = await shardCount(operator)
  const reporter = reporterOf(task, 'backup')
  try {
    for (let shard = 0; shard < shards; shard += 1)
      await copyShard(task, operator, {
        shard,
        use: (pieces) => writer.add(shard, counting(task, pieces, reporter, shard / shards)),
      })
    return 0
  } finally {
    reporter.end()
  }
}

const restore = async (task: Task, folder: string): Promise<ExitCode> => {
  const place = await placeOf(task.settings, task.host.environment)
  if (place.note !== undefined) task.output.remark(place.note)
  const manifest = await readManifest(folder)
  const startedMs = task.host.clock.monotonicMs()
  await reading(task, 'restore', manifest, async (onBytes) => {
    if (place.kind === 'folder') await restoreToFolder(task, { path: place.path, folder, manifest, onBytes })
    else
      await withOperator(task, place, async (operator) => {
        await restoreCluster({ task, operator, folder, manifest, onBytes })
        return 0
      })
  })
  const tookMs = Math.round(task.host.clock.monotonicMs() - startedMs)
  return print(task, manifest, { restored: true, tookMs })
}

const restoreToFolder = async (
  task: Task,
  target: {
    readonly path: string
    readonly folder: string
    readonly manifest: BackupManifest
    readonly onBytes: (bytes: number) => void
  },
): Promise<void> => {
  const { path, folder, manifest, onBytes } = target
  const [state, ...others] = manifest.states as readonly [BackedUpState, ...BackedUpState[]]
  if (others.length > 0)
    throw commandFault(
      'BACKUP_UNSUITABLE',
      `the backup is of a cluster with several shards, a folder has one: restore it into a cluster, and take ` +
        `collectives from there with waggle export shards=${manifest.shards}`,
      { shards: manifest.shards },
    )
  // Before anything is made of it: every byte, and the digests of its rows.
  await verifyState(folder, state)
  const { restoreStore } = await import('@waggle/embedded')
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const bytes of stateBytes(folder, state)) {
      stopIfInterrupted(task)
      onBytes(bytes.length)
      yield bytes
    }
  }
  await restoreStore({ path }, pieces(), ({ digest }) => {
    if (digest !== state.digest)
      throw commandFault('BACKUP_DAMAGED', `another digest was restored digest=${digest}`, { digest })
  })
}

const withOperator = async (
  task: Task,
  place: Place,
  use: (operator: OperatorConnection) => Promise<ExitCode>,
): Promise<ExitCode> => {
  if (place.kind === 'folder') throw new UsageError('this is about a cluster: give --server, such as 127.0.0.1')
  const operator = await openOperator(task, place.address)
  try {
    return await use(operator)
  } finally {
    await operator.close()
  }
}

const reporterOf = ({ output }: Task, label: string): Reporter => output.reporter(label, 'KiB')

async function* counting(
  task: Task,
  pieces: AsyncIterable<Uint8Array>,
  reporter: Reporter,
  share?: number,
): AsyncGenerator<Uint8Array> {
  let done = 0
  for await (const piece of pieces) {
    stopIfInterrupted(task)
    done += piece.length
    reporter.progress(done / 1024, share)
    yield piece
  }
}

const reading = async (
  task: Task,
  label: string,
  { states }: BackupManifest,
  work: (onBytes: (bytes: number) => void) => Promise<void>,
): Promise<void> => {
  const reporter = reporterOf(task, label)
  const total = states.reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  try {
    await work((bytes) => {
      done += bytes
      reporter.progress(done / 1024, Math.min(1, done / Math.max(1, total)))
    })
  } finally {
    reporter.end()
  }
}

const DIGITS_SHOWN = 12

const columns: readonly Column<BackedUpState>[] = [
  { heading: 'shard', isNumber: true, cell: ({ shard }) => String(shard) },
  { heading: 'sequence', isNumber: true, cell: ({ sequence }) => count(sequence) },
  { heading: 'time', cell: ({ timeMs }) => moment(timeMs) },
  { heading: 'size', isNumber: true, cell: ({ bytes }) => size(bytes) },
  { heading: 'rows', isNumber: true, cell: ({ contentRows }) => count(contentRows) },
  { heading: 'digest', cell: ({ digest }) => digest.slice(0, DIGITS_SHOWN) },
  { heading: 'content', cell: ({ content }) => content.slice(0, DIGITS_SHOWN) },
]

/** What a command did, then what is in the backup. */
const print = async (
  { output }: Task,
  { createdAtMs, source, shards, states }: BackupManifest,
  said: Readonly<Record<string, string | number | boolean>> = {},
): Promise<ExitCode> => {
  // The checksums of blocks are for whoever reads the files.
  const items = states.map(({ blocks: _, blockBytes: __, ...state }) => state)
  await output.data({ ...said, createdAtMs, source, shards, states: items }, () =>
    tableLines(columns, states, output.width),
  )
  if (!output.json) output.note(summary({ createdAtMs, source, shards, states }, said))
  return 0
}

const summary = (
  { createdAtMs, source, shards, states }: BackupManifest,
  { verified, restored, tookMs }: Readonly<Record<string, string | number | boolean>>,
): string => {
  const bytes = states.reduce((sum, state) => sum + state.bytes, 0)
  const done = restored === true ? 'restored: ' : verified === true ? 'verified: ' : ''
  const took = typeof tookMs === 'number' ? ` in ${duration(tookMs)}` : ''
  return `${done}${counted(shards, 'shard')}, ${size(bytes)}, of a ${source} at ${moment(createdAtMs)}${took}`
}
