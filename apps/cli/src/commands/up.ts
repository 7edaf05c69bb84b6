/** `waggle up`: a whole cluster on this machine, until it is told to stop. */
import { isFault } from '@waggle/kernel'
import { durabilities, limits, type Durability } from '@waggle/protocol'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import type { ExitCode } from '../host.ts'
import { decodeInteger } from '../option-values.ts'
import { operatorLogger, type Task } from '../task.ts'
import { counted, duration } from '../terminal/layout.ts'

const DIR_DEFAULT = './waggle-cluster'
const PORT_DEFAULT = 4222
/** Far more than one machine has a use for, and few enough to start. */
const PROCESSES_MAX = 16

interface UpOptions {
  readonly dir: string
  readonly shards?: number
  readonly servers?: 1 | 3
  readonly durability?: Durability
  readonly nodes: number
  readonly routers: number
  readonly compactors: number
  readonly port: number
}

export const addUpCommand = (program: Command, bind: Bind): void => {
  const processes = decodeInteger({ min: 1, max: PROCESSES_MAX })
  program
    .command('up')
    .description('run a whole cluster on this machine; Ctrl-C drains it')
    .option('--dir <dir>', 'where its data are', decodeFolder, DIR_DEFAULT)
    .option(
      '--shards <n>',
      `fixed with the first start, 1..${limits.SHARDS_MAX} (default: ${limits.SHARDS_DEFAULT})`,
      decodeInteger({ min: 1, max: limits.SHARDS_MAX }),
    )
    .option(
      '--servers <n>',
      'nats-servers, 1 or 3, fixed with the first start; three keep three copies of each log (default: 1)',
      decodeServers,
    )
    .addOption(
      new Option(
        '--durability <mode>',
        'what an acknowledgement survives, fixed with the first start: synced, the default, a power cut, too',
      ).choices(durabilities),
    )
    .option('--nodes <n>', 'shard processes; more than one keeps warm followers', processes, 1)
    .option('--routers <n>', 'router processes', processes, 1)
    .option('--compactors <n>', 'compactor processes; one works, the others stand by', processes, 1)
    .option('--port <n>', 'on loopback; 0 takes a free one', decodeInteger({ min: 0, max: 65_535 }), PORT_DEFAULT)
    .action(
      bind(async (task, options: UpOptions) => {
        if (task.settings.path !== undefined) throw new UsageError('a cluster has its data under --dir, not --path')
        if (task.settings.server !== undefined) throw new UsageError('a cluster is started here, not at a --server')
        return runCluster(task, options)
      }),
    )
}

const decodeServers = (text: string): 1 | 3 => {
  if (text === '1') return 1
  if (text === '3') return 3
  throw new InvalidArgumentError('There are 1 or 3 servers.')
}

const decodeFolder = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('The name of a folder is empty.')
  return text
}

const runCluster = async (task: Task, { dir, ...options }: UpOptions): Promise<ExitCode> => {
  const { host, output } = task
  const { clock, timers, interrupted, environment } = host
  const { startLocalCluster } = await import('@waggle/local-cluster')
  const startedMs = clock.monotonicMs()
  output.remark(`starting in ${dir}: ${processesOf(options)}`)
  const starting = startLocalCluster({
    ...{ ...options, clock, timers, folder: dir, signal: interrupted },
    environment: environment.variables ?? {},
    stateFolder: environment.stateFolder,
    logger: operatorLogger(output, { isTalkative: true }),
    listening: async (url) => output.data({ url }, () => [url]),
  })
  const cluster = await starting.catch((error: unknown) => {
    if (interrupted.aborted && isFault(error) && error.code === 'CLOSED') return undefined
    throw error
  })
  // What was started before the signal has been stopped.
  if (cluster === undefined) return 0
  try {
    const { shards, folder } = cluster
    const upMs = clock.monotonicMs() - startedMs
    if (!output.json) output.note(`${shards} shards in ${folder}, up in ${duration(upMs)}`)
    // Whoever started this waits for exactly this line.
    await output.data({ ready: true, shards, folder, upMs: Math.round(upMs) }, () => ['ready'])
    await aborted(interrupted)
    output.remark('draining')
  } finally {
    await cluster.stop()
  }
  return (await cluster.stop()) ? 0 : 1
}

const processesOf = ({ servers = 1, routers, nodes, compactors }: Omit<UpOptions, 'dir'>): string =>
  [
    counted(servers, 'nats-server'),
    counted(routers, 'router'),
    counted(nodes, 'node'),
    counted(compactors, 'compactor'),
  ].join(', ')

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
