/** The retention of journals, from the compactor's word to the rows of a real shard. */
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, type Logger } from '@waggle/kernel'
import {
  collectiveIdOfKey,
  COMPACTOR_BEAT_SUBJECTS,
  decodeClusterMessage,
  DEFAULT_TENANT,
  partition,
  type CompactorBeat,
} from '@waggle/protocol'
import { afterEach, expect, test } from 'vitest'
import { eventually, ports, ShardCluster } from '../testing/shard-cluster.ts'
import { startCompactorNode } from './compactor-node.ts'

const SHARDS = 2
const ROWS = 600

let cluster: ShardCluster | undefined

afterEach(async () => {
  await cluster?.dispose()
  cluster = undefined
})

test('F7 P9 a compactor has the leaders of real shards prune what is older than it keeps, and no more', async () => {
  cluster = await ShardCluster.start({ shards: SHARDS })
  await cluster.startNode('shards')
  const { requests, server } = cluster
  const { connection } = requests
  const id = collectiveIdOfKey(DEFAULT_TENANT, 'bees')
  await requests.execute(id, 'collective.create', { id, name: 'bees', dimension: 1 })
  const experiences = Array.from({ length: ROWS - 1 }, (_, n) => ({ content: `n ${n}`, embedding: [n + 1] }))
  await requests.execute(id, 'experience.recordMany', { collective: id, experiences })
  const putKey = (key: string) => requests.execute(id, 'keys.put', { collective: id, entries: [[key, 'value']] })
  for (const key of ['a', 'b', 'c']) await putKey(key)
  const position = () => requests.execute(id, 'keys.position', { collective: id })
  // What the log's time says is old must be older than 1 ms.
  await delay(20)
  await requests.execute(id, 'experience.record', { collective: id, content: 'the newest row stays', embedding: [1] })

  const pruned: unknown[] = []
  const logger: Logger = {
    ...silentLogger,
    info: (message, fields) => {
      if (message === 'journals pruned') pruned.push(fields)
    },
  }
  const compactor = await startCompactorNode({
    ...{ servers: [server.url], credentials: { user: 'compactor', password: 'compactor' }, node: 'compactor-1' },
    ...{ version: '0.1.0', pid: process.pid, journalKeepMs: 1, logger, ...ports },
  })
  await eventually(
    'journals are pruned',
    () => (pruned.length > 0 ? true : undefined),
    () => pruned,
  )
  expect(pruned).toEqual([{ shard: partition(id, SHARDS), rows: ROWS, done: true }])

  // The journal of keys has no age: it goes by the rule that is set, from then on and without the compactor's word.
  const { oldest: first } = await position()
  expect(first).toBeDefined()
  await requests.execute(id, 'keys.setRetention', { collective: id, rule: { keepLatest: { count: 1 } } })
  const last = await putKey('d')
  await eventually(
    'the rule is applied',
    async () => ((await position()).oldest === last.sequence ? true : undefined),
    position,
  )

  const beats: CompactorBeat[] = []
  connection.subscribe(COMPACTOR_BEAT_SUBJECTS, {
    callback: (_, message) => void beats.push(decodeClusterMessage('compactor', message.data)!),
  })
  const { reason } = await eventually(
    'the hold of the one replica is told',
    () =>
      beats
        .map(({ safePoints }) => safePoints[partition(id, SHARDS)]!)
        .find((point) => /hold|checkpoint /.test(point.reason)),
    () => beats.at(-1),
  )
  await compactor.drain()
  expect(reason).toMatch(/sequence=\d+/)
})
