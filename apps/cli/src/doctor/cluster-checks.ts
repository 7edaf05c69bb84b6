/**
 * Examinations of a cluster: the servers, one request of the tenant, and, with an operator's credentials, shards, logs
 * and compactors. It writes nothing.
 */
import { isFault } from '@waggle/kernel'
import type { CompactorStatus, LogStatus, NodeStatus, ServerFacts, ShardStatus, SystemResultOf } from '@waggle/protocol'
import { openOperator, type OperatorConnection } from '../operator.ts'
import type { Address } from '../place/address.ts'
import { openStore, type Task } from '../task.ts'
import { count, counted, duration, size } from '../terminal/layout.ts'
import { syncText } from '../terminal/sync-text.ts'
import { refused, type Finding } from './finding.ts'
import { checkGreeting } from './server-checks.ts'

export async function* checkCluster(task: Task, address: Address): AsyncGenerator<Finding> {
  let answering = 0
  for (const server of address.servers) if (yield* checkGreeting(server)) answering += 1
  if (answering === 0) return
  yield await checkTenant(task)
  yield* checkAsOperator(task, address)
}

/** A request as any client sends it, which every shard has to answer. */
const checkTenant = async (task: Task): Promise<Finding> => {
  const { clock } = task.host
  const check = 'requests'
  try {
    const startedMs = clock.monotonicMs()
    const waggle = await openStore(task)
    try {
      const connectedMs = clock.monotonicMs()
      const collectives = await waggle.collectives({}, { timeoutMs: 10_000 })
      const took = duration(clock.monotonicMs() - connectedMs)
      const text = `${counted(collectives.length, 'collective')} listed in ${took}`
      return { check, state: 'ok', text: `${text}; connected in ${duration(connectedMs - startedMs)}` }
    } finally {
      await waggle.close()
    }
  } catch (error) {
    return refused(check, error)
  }
}

async function* checkAsOperator(task: Task, address: Address): AsyncGenerator<Finding> {
  let operator: OperatorConnection
  try {
    operator = await openOperator(task, address)
  } catch (error) {
    if (!isFault(error) || error.code !== 'DENIED') throw error
    const hint = 'With credentials of an operator (--user, --password), shards, logs and compactors are examined, too.'
    yield { check: 'operator', state: 'warn', text: error.message, hint }
    return
  }
  try {
    const askedMs = task.host.clock.nowMs()
    const { items: shards, answeredBy } = await operator.call('shard.list')
    yield checkClock(answeredBy.timeMs - (askedMs + task.host.clock.nowMs()) / 2)
    yield* checkShards(shards)
    yield* checkNodes((await operator.call('node.list')).items)
    const { items, compactors, servers, durability } = await operator.call('log.status')
    yield* checkLogs(items)
    yield checkCompactors(compactors)
    yield checkDurability(durability)
    for (const server of servers) yield* checkServer(server)
  } catch (error) {
    if (!isFault(error)) throw error
    yield refused('operator', error)
  } finally {
    await operator.close()
  }
}

/** As far apart as a new leader bears its clock and the log's to be (DESIGN L8). */
const CLOCK_MS_WARN = 2_000

/** @param offsetMs how far the router's clock is ahead of this machine's */
const checkClock = (offsetMs: number): Finding => {
  const check = 'clock'
  const text = `the router's is ${duration(Math.abs(offsetMs))} ${offsetMs < 0 ? 'behind' : 'ahead of'} this machine's`
  if (Math.abs(offsetMs) <= CLOCK_MS_WARN) return { check, state: 'ok', text }
  const hint = 'Let a time server set both: times of records, and how long keys are remembered, depend on it.'
  return { check, state: 'warn', text, hint }
}

/** A leader applies before it answers; what it lags behind by is one group of commands. */
const LAG_RECORDS_WARN = 100

function* checkShards(shards: readonly ShardStatus[]): Generator<Finding> {
  const check = 'shards'
  const leaderless = shards.filter(({ leader }) => leader === undefined).map(({ shard }) => shard)
  const led = `${count(shards.length - leaderless.length)} of ${count(shards.length)} have a leader`
  const hint = 'Start shard processes; `waggle node list` says which shards a process cannot serve.'
  if (shards.length === 0) yield { check, state: 'fail', text: 'no leader of any shard has been heard of', hint }
  else if (leaderless.length > 0) yield { check, state: 'fail', text: `${led}; none: ${leaderless.join(' ')}`, hint }
  else yield { check, state: 'ok', text: led }
  const lags = shards.map(({ last = 0, applied = 0 }) => last - applied)
  const lag = Math.max(0, ...lags)
  const text = `at most ${counted(lag, 'record')} between log and state`
  if (lag <= LAG_RECORDS_WARN) yield { check: 'lag', state: 'ok', text }
  else yield { check: 'lag', state: 'warn', text, hint: 'A leader is catching up, or its disk is slow: look again.' }
}

function* checkNodes(nodes: readonly NodeStatus[]): Generator<Finding> {
  const halted = nodes.flatMap(({ node, halted: shards }) => shards.map((each) => ({ node, ...each })))
  if (nodes.length > 0)
    yield { check: 'nodes', state: halted.length === 0 ? 'ok' : 'warn', text: counted(nodes.length, 'node') }
  for (const { node, shard, fault } of halted) yield refusedShard(`shard ${shard}`, node, fault)
}

const refusedShard = (
  check: string,
  node: string,
  { code, message }: NodeStatus['halted'][number]['fault'],
): Finding => ({
  check,
  state: 'fail',
  text: `${node} cannot serve it: ${code}: ${message}`,
  hint: 'Keep the folder and the stream as they are, and call who operates the cluster.',
})

function* checkLogs(logs: readonly LogStatus[]): Generator<Finding> {
  const bytes = logs.reduce((sum, { bytes: each = 0 }) => sum + each, 0)
  yield { check: 'logs', state: 'ok', text: `${size(bytes)} in ${counted(logs.length, 'log')}` }
  for (const { shard, trouble } of logs)
    if (trouble !== undefined)
      yield { check: `log ${shard}`, state: 'fail', text: trouble, hint: 'Give the servers more room.' }
}

const checkCompactors = (compactors: readonly CompactorStatus[]): Finding => {
  const check = 'compactor'
  const active = compactors.filter(({ active: isActive }) => isActive)
  const text = `${count(active.length)} active, ${count(compactors.length - active.length)} standing by`
  if (active.length === 1) return { check, state: 'ok', text }
  const hint = 'Without an active compactor logs and journals only grow: start one; with two, wait for a lease to end.'
  return { check, state: 'warn', text, hint }
}

const checkDurability = (durability: SystemResultOf<'log.status'>['durability']): Finding => {
  const check = 'durability'
  if (durability === undefined)
    return { check, state: 'warn', text: 'nobody says what an acknowledgement means', hint: 'Start a compactor.' }
  const { durability: mode, isKept, meaning, problems } = durability
  const text = [`${mode}: ${meaning}`, ...problems].join('; ')
  if (isKept === true) return { check, state: 'ok', text }
  if (isKept === false) return { check, state: 'fail', text, hint: 'Make the servers do what the cluster promises.' }
  return { check, state: 'warn', text, hint: 'Give the compactor a user of the system account, so that it can ask.' }
}

/** Beyond this share of its room a server refuses writes sooner than one may like. */
const STORE_SHARE_WARN = 0.75

function* checkServer({ name, version, storeBytes, storeBytesMax, ...facts }: ServerFacts): Generator<Finding> {
  const text = `${name} ${version} ${syncText(facts)}`
  const hint = 'For acknowledgements that survive a power cut, set sync_interval: always in its jetstream block.'
  if (facts.syncAlways === true) yield { check: 'sync', state: 'ok', text }
  else yield { check: 'sync', state: 'warn', text, hint }
  const used = `${name}: ${size(storeBytes)} of ${size(storeBytesMax)}`
  if (storeBytes <= storeBytesMax * STORE_SHARE_WARN) yield { check: 'store', state: 'ok', text: used }
  else yield { check: 'store', state: 'warn', text: used, hint: 'Give it more room: a full log takes no writes.' }
}
