/**
 * What clients of a cluster see while its leaders are killed and its followers stopped: several routers, reads of every
 * kind on every replica, and the same writes from several clients at once.
 */
import { Waggle, type CollectiveHandle } from '@waggle/client'
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import { decodeToken, partition } from '@waggle/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLocalCluster, type LocalCluster } from './local-cluster.ts'
import { eventually, listShards } from './testing/cluster-state.ts'
import { judgeRegister, type SeenRead, type SeenWrite } from './testing/register-history.ts'

const SHARDS = 2
/** Longer than a router waits before it takes a follower for gone. */
const STOPPED_MS = 2_500

let folder: TemporaryFolder
let cluster: LocalCluster
const clients: Waggle[] = []

beforeAll(async () => {
  folder = await temporaryFolder()
  cluster = await startLocalCluster({
    ...{ folder: folder.path, shards: SHARDS, nodes: 2, routers: 2, environment: process.env },
  })
})

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await cluster.stop()
  await folder.remove()
})

const connect = async (): Promise<Waggle> => {
  const client = await Waggle.connect({ servers: cluster.url })
  clients.push(client)
  return client
}

/** A handle of a client of its own, with a memory of its own. */
const handle = async (id: string): Promise<CollectiveHandle> => (await connect()).collective(id)

const rowOf = async ({ id }: CollectiveHandle) => {
  const row = (await listShards(cluster))[partition(id, SHARDS)]
  if (row === undefined) throw new Error('the shard is not listed')
  return row
}

const led = async (hive: CollectiveHandle, not?: number): Promise<number> => {
  let seen: unknown
  await eventually(
    async () => {
      const row = await rowOf(hive)
      seen = row
      return row.pid !== undefined && row.pid !== not && row.followers.some(({ serving }) => serving)
    },
    () => seen,
  )
  return (await rowOf(hive)).pid as number
}

/** Kills the leader, and waits until another one leads, and is followed. */
const killLeader = async (hive: CollectiveHandle): Promise<void> => {
  const pid = await led(hive)
  process.kill(pid, 'SIGKILL')
  await led(hive, pid)
}

/** Stops the follower for a while: what it was asked goes to the leader, and what it says late harms nobody. */
const stopFollower = async (hive: CollectiveHandle): Promise<void> => {
  await led(hive)
  const [follower] = (await rowOf(hive)).followers
  if (follower === undefined) throw new Error('nobody follows')
  process.kill(follower.pid, 'SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, STOPPED_MS))
  process.kill(follower.pid, 'SIGCONT')
  await led(hive)
}

const text = (bytes: Uint8Array | undefined): number => Number(Buffer.from(bytes ?? '0').toString())

/** One writer that raises a key, and readers of every kind that are handed its tokens. */
class Register {
  readonly writes: SeenWrite[] = []
  readonly reads: SeenRead[] = []
  readonly #hive: CollectiveHandle
  #stopped = false
  #newest: { readonly value: number; readonly token?: string } = { value: 0 }

  constructor(hive: CollectiveHandle) {
    this.#hive = hive
  }

  /** Ends when it is stopped. Rejects with the first fault that a client meets: there must be none. */
  async run(): Promise<void> {
    const readers = await Promise.all(
      (['token', 'token', 'strong', 'session', 'any'] as const).map(async (kind, at) => ({
        ...{ kind, reader: `${kind} ${at}`, hive: await handle(this.#hive.id) },
      })),
    )
    await Promise.all([this.#write(), ...readers.map((reader) => this.#read(reader))])
  }

  stop(): void {
    this.#stopped = true
  }

  async #write(): Promise<void> {
    for (let value = 1; !this.#stopped; value += 1) {
      const startMs = performance.now()
      const { sequence, token } = await this.#hive.keys.put([['raised', String(value)]])
      this.writes.push({ value, sequence, startMs, endMs: performance.now() })
      this.#newest = { value, token }
      expect(decodeToken(token).sequence).toBe(sequence)
    }
  }

  /** `session` reads through a client that remembers what it saw; the others are handed tokens, or none. */
  async #read({ kind, reader, hive }: Pick<SeenRead, 'kind' | 'reader'> & { hive: CollectiveHandle }): Promise<void> {
    while (!this.#stopped) {
      const startMs = performance.now()
      const { value: atLeast, token } = this.#newest
      const options = {
        token: kind === 'token' && token !== undefined ? { token } : {},
        strong: { consistency: 'strong' },
        session: {},
        any: { consistency: 'any' },
      } as const
      const value = text(await hive.keys.get('raised', kind === 'token' ? options.token : options[kind]))
      const seen = { kind, reader, value, startMs, endMs: performance.now() }
      this.reads.push(kind === 'token' ? { ...seen, atLeast } : seen)
    }
  }
}

/** Also the one that has just come back: it counts its reads anew. */
const followersAnswer = async (hive: CollectiveHandle): Promise<void> => {
  let seen: unknown
  await eventually(
    async () => {
      const { followers } = await rowOf(hive)
      seen = followers
      return followers.some(({ reads }) => reads > 0)
    },
    () => seen,
  )
}

const slowestMs = (seen: readonly { readonly startMs: number; readonly endMs: number }[]): number =>
  Math.round(Math.max(...seen.map(({ startMs, endMs }) => endMs - startMs)))

describe('a cluster of two routers and two replicas of each shard', () => {
  test('P4 P5 no read is older than its token, strong ones are linearizable, and nobody meets a fault', async () => {
    const hive = await (await connect()).createCollective({ name: 'register', dimension: 2 })
    const register = new Register(hive)
    const running = register.run()
    const disturb = async (): Promise<void> => {
      await killLeader(hive)
      await stopFollower(hive)
      await killLeader(hive)
      await followersAnswer(hive)
    }
    await Promise.race([disturb(), running])
    register.stop()
    await running
    const { writes, reads } = register
    expect(judgeRegister(writes, reads)).toEqual({
      ...{ stale: [], notLinear: [], backwards: [], fromNowhere: [], outOfOrder: [] },
    })
    expect(writes.length).toBeGreaterThan(100)
    for (const kind of ['token', 'strong', 'session', 'any'] as const) {
      const ofKind = reads.filter((read) => read.kind === kind)
      expect(ofKind.length, kind).toBeGreaterThan(100)
      expect(slowestMs(ofKind), `${kind}: latency instead of faults`).toBeLessThan(15_000)
    }
  })

  test('P2 P4 the same keys from two clients at once, across a fail-over: one effect, one answer', async () => {
    const [first, second] = await Promise.all([connect(), connect()])
    const hive = await first.createCollective({ name: 'counted', dimension: 2 })
    const { id } = await hive.record({ content: 'counter', embedding: [1, 0] })
    const handles = [hive, await second.collective(hive.id)]
    const kill = { isDone: false }
    const killing = killLeader(hive).then(() => (kill.isDone = true))
    const answers: { readonly applications: number; readonly sequence: number }[] = []
    for (let round = 0; !kill.isDone || round < 50; round += 1) {
      const both = await Promise.all(handles.map((each) => each.reinforce(id, { idempotencyKey: `raise ${round}` })))
      const [one, other] = both.map(({ applications, token }) => ({ applications, ...decodeToken(token) }))
      expect(one).toEqual(other)
      if (one !== undefined) answers.push(one)
    }
    await killing
    expect(answers.map(({ applications }) => applications)).toEqual(answers.map((_, at) => at + 1))
    for (const [at, { sequence }] of answers.entries())
      if (at > 0) expect(sequence).toBeGreaterThan(answers[at - 1]?.sequence ?? 0)
    for (const each of handles)
      expect(await each.get(id, { consistency: 'strong' })).toMatchObject({ applications: answers.length })
  })
})
