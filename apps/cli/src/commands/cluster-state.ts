/** `waggle shard list`, `waggle log status`, `waggle node list`: what a cluster's operator looks at. */
import type { CompactorStatus, FollowerStatus, LogStatus, NodeStatus, ServerFacts, ShardStatus } from '@waggle/protocol'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { askCluster } from '../operator.ts'
import { addLogPrune, addNodeDrain } from './cluster-work.ts'
import { count, size } from '../terminal/layout.ts'
import { printRows } from '../terminal/rows.ts'
import { syncText } from '../terminal/sync-text.ts'
import { tableLines, type Column } from '../terminal/table.ts'

export const addClusterStateCommands = (program: Command, bind: Bind): void => {
  addShardList(program.command('shard').description('the shards of a cluster, for its operator'), bind)
  const logs = program.command('log').description('the logs of a cluster, for its operator')
  addLogStatus(logs, bind)
  addLogPrune(logs, bind)
  const nodes = program.command('node').description('the shard processes of a cluster, for its operator')
  addNodeList(nodes, bind)
  addNodeDrain(nodes, bind)
}

const addShardList = (group: Command, bind: Bind): void => {
  group
    .command('list')
    .description('who leads each shard, and how far its log and its state are')
    .action(
      bind(async (task) => {
        const { items } = await askCluster(task, 'shard.list')
        await printRows(task.output, shardColumns, items, shardForm)
        return 0
      }),
    )
}

const addLogStatus = (group: Command, bind: Bind): void => {
  group
    .command('status')
    .description('how much each log holds, who still needs what of it, and how the servers keep it')
    .action(
      bind(async (task) => {
        const status = await askCluster(task, 'log.status')
        await task.output.data(status, () => [
          ...tableLines(logColumns, status.items, task.output.width),
          ...status.compactors.map(compactorLine),
          ...status.servers.map(serverLine),
        ])
        return 0
      }),
    )
}

const addNodeList = (group: Command, bind: Bind): void => {
  group
    .command('list')
    .description('which shards each process leads, and which it cannot serve')
    .action(
      bind(async (task) => {
        const { items } = await askCluster(task, 'node.list')
        await printRows(task.output, nodeColumns, items, (node) => node)
        return 0
      }),
    )
}

/** Every field is there; what nobody has said yet is `null`. */
const shardForm = ({ shard, followers, ...status }: ShardStatus) => {
  const { leader = null, pid = null, epoch = null, applied = null, last = null, horizon = null } = status
  const { checkpoint = null, reads = null } = status
  return { shard, leader, pid, epoch, applied, last, horizon, checkpoint, reads, followers }
}

/** What nobody has said yet. */
const ABSENT = '-'
const number = (value: number | undefined): string => (value === undefined ? ABSENT : count(value))

const shardColumns: readonly Column<ShardStatus>[] = [
  { heading: 'shard', isNumber: true, cell: ({ shard }) => String(shard) },
  { heading: 'leader', cell: ({ leader = ABSENT }) => leader },
  { heading: 'pid', isNumber: true, cell: ({ pid }) => (pid === undefined ? ABSENT : String(pid)) },
  { heading: 'epoch', isNumber: true, cell: ({ epoch }) => number(epoch) },
  { heading: 'applied', isNumber: true, cell: ({ applied }) => number(applied) },
  { heading: 'last', isNumber: true, cell: ({ last }) => number(last) },
  { heading: 'horizon', isNumber: true, cell: ({ horizon }) => number(horizon) },
  { heading: 'checkpoint', isNumber: true, cell: ({ checkpoint }) => number(checkpoint?.sequence) },
  { heading: 'reads', isNumber: true, cell: ({ reads }) => number(reads) },
  { heading: 'followers', cell: ({ followers }) => followers.map(followerText).join(', ') || ABSENT },
]

const followerText = ({ node, lag, serving, reads }: FollowerStatus): string =>
  `${node} (lag ${count(lag)}, ${serving ? `reads ${count(reads)}` : 'not serving'})`

const logColumns: readonly Column<LogStatus>[] = [
  { heading: 'shard', isNumber: true, cell: ({ shard }) => String(shard) },
  { heading: 'stream', cell: ({ stream = ABSENT }) => stream },
  { heading: 'first', isNumber: true, cell: ({ first }) => number(first) },
  { heading: 'last', isNumber: true, cell: ({ last }) => number(last) },
  { heading: 'size', isNumber: true, cell: ({ bytes }) => (bytes === undefined ? ABSENT : size(bytes)) },
  { heading: 'safe', isNumber: true, cell: ({ safePoint }) => number(safePoint) },
  { heading: 'remarks', cell: ({ trouble, safePointReason = '' }) => trouble ?? safePointReason },
]

const nodeColumns: readonly Column<NodeStatus>[] = [
  { heading: 'node', cell: ({ node }) => node },
  { heading: 'pid', isNumber: true, cell: ({ pid }) => String(pid) },
  { heading: 'version', cell: ({ version }) => version },
  { heading: 'leads', cell: ({ leads }) => (leads.length === 0 ? ABSENT : leads.join(' ')) },
  { heading: 'has', cell: ({ hosts = [] }) => (hosts.length === 0 ? ABSENT : hosts.join(' ')) },
  { heading: 'remarks', cell: remarksOf },
]

function remarksOf({ draining, halted }: NodeStatus): string {
  const halts = halted.map(({ shard, fault }) => `shard ${shard}: ${fault.code}`)
  return [...(draining ? ['drains'] : []), ...halts].join('; ')
}

const compactorLine = ({ compactor, pid, active }: CompactorStatus): string =>
  `compactor ${compactor} (pid ${pid}) ${active ? 'is active' : 'stands by'}`

const serverLine = ({ name, version, storeBytes, storeBytesMax, ...facts }: ServerFacts): string =>
  `server ${name} ${version}: ${syncText(facts)}, ${size(storeBytes)} of ${size(storeBytesMax)} used`
