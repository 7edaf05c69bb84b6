/** Replicas that follow, over a real server: what they know, what they answer, and how quickly one takes over. */
import { jetstream } from '@nats-io/jetstream'
import { isFault } from '@waggle/kernel'
import {
  collectiveIdOfKey,
  decodeTokens,
  DEFAULT_TENANT,
  encodeToken,
  logSubject,
  type Sequence,
} from '@waggle/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually, ShardCluster } from '../testing/shard-cluster.ts'

let cluster: ShardCluster | undefined

afterEach(async () => {
  await cluster?.dispose()
  cluster = undefined
})

const SHARD = 0
const id = collectiveIdOfKey(DEFAULT_TENANT, 'bees')
const list = { operation: 'experience.list', body: { collective: id, consistency: 'any' } }

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (isFault(error) ? error.code : 'unanswered'),
  )

const contentsOf = ({ items }: Readonly<Record<string, unknown>>): readonly string[] =>
  (items as { content: string }[]).map(({ content }) => content)

/** A cluster whose shard `n1` leads and `n2` follows. */
const startPair = async () => {
  cluster = await ShardCluster.start({ shards: 1 })
  const { requests } = cluster
  const leader = await cluster.startNode('n1')
  await requests.leader(SHARD, ({ node }) => node === 'n1')
  const follower = await cluster.startNode('n2')
  await requests.execute(id, 'collective.create', { id, name: 'bees', dimension: 1 })
  await requests.replica('n2', SHARD, ({ serving }) => serving)
  return { cluster, requests, leader, follower }
}

const record = ({ requests }: ShardCluster, content: string) =>
  requests.execute(id, 'experience.record', { collective: id, content, embedding: [1] }) as Promise<{
    readonly token: string
  }>

describe('a replica that follows', () => {
  test('P5 it answers reads with a token that it waits for, and any reads; the rest is for the leader', async () => {
    const { cluster: running, requests } = await startPair()
    for (const content of ['a', 'b', 'c']) {
      const { token } = await record(running, content)
      const read = await requests.read('n2', id, { ...list, body: { collective: id, token } })
      expect(contentsOf(read)).toContain(content)
    }
    expect(contentsOf(await requests.read('n2', id, list))).toEqual(['a', 'b', 'c'])
    const unanswered = [
      { operation: 'experience.list', body: { collective: id } },
      { operation: 'experience.list', body: { collective: id, consistency: 'strong' } },
      { operation: 'watch.next', body: { collective: id, waitMs: 0, consistency: 'any' } },
      { operation: 'experience.record', body: { collective: id, content: 'd', embedding: [1] } },
    ]
    const codes = unanswered.map((request) => codeOf(requests.read('n2', id, { ...request, timeoutMs: 300 })))
    expect(await Promise.all(codes)).toEqual(unanswered.map(() => 'unanswered'))
    const beat = await requests.replica('n2', SHARD, ({ reads }) => reads === 4)
    expect(Object.values(beat.open ?? {}).flat()).not.toHaveLength(0)
  })

  test('P5 a token that it does not reach in time is CONSISTENCY_NOT_READY', async () => {
    const { cluster: running, requests } = await startPair()
    const { token } = await record(running, 'a')
    const [reached] = decodeTokens(token)
    const later = encodeToken({ ...reached!, sequence: (reached!.sequence + 1_000) as Sequence })
    const body = { collective: id, token: later, timeoutMs: 200 }
    expect(await codeOf(requests.read('n2', id, { ...list, body }))).toBe('CONSISTENCY_NOT_READY')
  })

  test('K1 it says what it has on the disk, and the leader logs it', async () => {
    const { requests } = await startPair()
    const { holds } = await requests.leader(SHARD, (beat) => 'n1' in beat.holds && 'n2' in beat.holds)
    expect(Object.keys(holds).sort()).toEqual(['n1', 'n2'])
  })

  test('L2 one whose log is damaged still answers reads of any state, and says so', async () => {
    const { cluster: running, requests } = await startPair()
    const { token } = await record(running, 'a')
    await requests.read('n2', id, { ...list, body: { collective: id, token } })
    const connection = await running.connect('log')
    await jetstream(connection).publish(logSubject(SHARD), 'junk')
    await requests.replica('n2', SHARD, ({ anyOnly, serving }) => anyOnly === true && serving)
    expect(contentsOf(await requests.read('n2', id, list))).toEqual(['a'])
    const request = { ...list, body: { collective: id, token }, timeoutMs: 300 }
    expect(await codeOf(requests.read('n2', id, request))).toBe('unanswered')
    const halted = await eventually(
      'a node that says so',
      () => requests.nodes.get('n2')?.halted[0],
      () => [...requests.nodes.values()],
    )
    expect(halted).toMatchObject({ shard: SHARD, fault: { code: 'LOG_DAMAGED' } })
  })

  test('P1 L3 it takes over with all that was acknowledged, and whoever led follows when it comes back', async () => {
    const { cluster: running, requests, leader } = await startPair()
    await record(running, 'a')
    await leader.drain()
    await requests.leader(SHARD, ({ node }) => node === 'n2')
    await record(running, 'b')
    await running.startNode('n1', { folder: leader.folder })
    const { token } = await record(running, 'c')
    await requests.replica('n1', SHARD, ({ serving }) => serving)
    const read = await requests.read('n1', id, { ...list, body: { collective: id, token } })
    expect(contentsOf(read)).toEqual(['a', 'b', 'c'])
  })
})
