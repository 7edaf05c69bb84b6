/** Leases over a real server, with the real times: a bucket's keys live 15 s. */
import { systemClock, systemTimers } from '@waggle/kernel'
import { testServer, type TestServer } from '@waggle/nats-server/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Directory } from '../directory/directory.ts'
import type { NatsJetStream } from '../nats/jetstream-access.ts'
import { openAccess, openDirectory, system } from '../testing/jetstream-fixture.ts'
import type { LeaseHolder } from './lease-holder.ts'
import { HOLD_MS, RENEW_MS } from './lease-state.ts'
import { leaseHolder, takeLease, type Lease, type LeaseLoss, type LeaseTaking } from './lease.ts'

let server: TestServer
let access: NatsJetStream
let directory: Directory
beforeAll(async () => {
  server = await testServer()
  access = await openAccess(server.url)
  directory = await openDirectory(access)
})
afterAll(async () => {
  await access.connection.close()
  await server.dispose()
})

interface Attempt {
  readonly taking: LeaseTaking
  readonly losses: [LeaseLoss, LeaseHolder | undefined][]
}

const holder = (id: string, rank: number): LeaseHolder => ({ node: `node-${id}`, id, rank })

const take = async (
  key: string,
  id: string,
  rank: number,
  bucket = directory.leases,
  tryMs = 3_000,
): Promise<Attempt> => {
  const losses: Attempt['losses'] = []
  const taking = await takeLease(
    { ...system, bucket },
    {
      key,
      holder: holder(id, rank),
      tryUntilMs: systemClock.monotonicMs() + tryMs,
      onLost: (...loss) => losses.push(loss),
    },
  )
  return { taking, losses }
}

const held = ({ taking }: Attempt): Lease => {
  if (taking.kind !== 'held') throw new Error(`the lease is not held: ${JSON.stringify(taking)}`)
  return taking.lease
}

const until = async (condition: () => boolean | Promise<boolean>, what: string, patienceMs = 20_000): Promise<void> => {
  const endMs = systemClock.monotonicMs() + patienceMs
  while (!(await condition())) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`not in time: ${what}`)
    await new Promise<void>((resolve) => systemTimers.after(20, resolve))
  }
}

test('H2 a higher rank takes over, a lower or the same one is refused, and the loser is told', async () => {
  const first = await take('shard.1', 'a', 10)
  expect((await take('shard.1', 'b', 10)).taking).toEqual({ kind: 'refused', heldBy: holder('a', 10) })
  expect((await take('shard.1', 'c', 9)).taking).toEqual({ kind: 'refused', heldBy: holder('a', 10) })
  const second = held(await take('shard.1', 'd', 11))
  expect(await leaseHolder(directory.leases, 'shard.1')).toEqual(holder('d', 11))
  await until(() => first.losses.length > 0, 'the loser told', 2 * RENEW_MS)
  expect(first.losses).toEqual([['taken', holder('d', 11)]])
  expect(held(first).deadlineMs()).toBe(-Infinity)
  // The loser's release takes nothing from the winner.
  await held(first).release()
  expect(await leaseHolder(directory.leases, 'shard.1')).toEqual(holder('d', 11))
  await second.release()
  expect(await leaseHolder(directory.leases, 'shard.1')).toBeUndefined()
  const third = held(await take('shard.1', 'e', 1))
  await third.release()
  await third.release()
})

test('H2 of many with the same rank who come at once, one has it', async () => {
  for (let round = 0; round < 10; round += 1) {
    const attempts = await Promise.all(Array.from({ length: 6 }, (_, index) => take('compactor', `c${index}`, 0)))
    const winners = attempts.filter(({ taking }) => taking.kind === 'held')
    expect(winners.length).toBe(1)
    await held(winners[0]!).release()
  }
})

test.concurrent(
  'H3 is renewed beyond the life of a key, and left to expire when its holder is gone',
  async () => {
    const beganMs = systemClock.monotonicMs()
    const attempt = await take('shard.2', 'a', 5)
    const lease = held(attempt)
    const firstMs = lease.deadlineMs()
    expect(firstMs).toBeGreaterThanOrEqual(beganMs + HOLD_MS)
    expect(firstMs).toBeLessThanOrEqual(systemClock.monotonicMs() + HOLD_MS)
    // Three renewals: longer than the 15 s that a key lives.
    await until(() => lease.deadlineMs() > firstMs + 15_000, 'renewals', 25_000)
    expect(await leaseHolder(directory.leases, 'shard.2')).toEqual(holder('a', 5))
    expect(attempt.losses).toEqual([])
    await lease.release()
  },
  60_000,
)

test.concurrent(
  'H5 a holder that no server answers loses it at its deadline; then, and not before, others may have it',
  async () => {
    const own = await testServer()
    const lonely = await openAccess(own.url)
    const other = await openAccess(own.url)
    const attempt = await take('compactor', 'a', 0, (await openDirectory(lonely)).leases)
    const lease = held(attempt)
    const deadlineMs = lease.deadlineMs()
    const { leases } = await openDirectory(other)
    // Its connection ends, not its process: it cannot renew any more.
    await lonely.connection.close()
    let takenMs = 0
    await until(
      async () => {
        const { taking } = await take('compactor', 'b', 0, leases)
        if (taking.kind !== 'held') return false
        takenMs = systemClock.monotonicMs()
        await taking.lease.release()
        return true
      },
      'expiry',
      30_000,
    )
    expect(takenMs).toBeGreaterThan(deadlineMs)
    expect(attempt.losses).toEqual([['expired', undefined]])
    await other.connection.close()
    await own.dispose()
  },
  60_000,
)

test.concurrent(
  'H4 survives a server that is killed and comes back',
  async () => {
    const own = await testServer()
    const client = await openAccess(own.url)
    const bucket = (await openDirectory(client)).leases
    const attempt = await take('shard.3', 'a', 7, bucket)
    const lease = held(attempt)
    const firstMs = lease.deadlineMs()
    own.signal('SIGKILL')
    await own.restart()
    await until(() => lease.deadlineMs() > firstMs, 'a renewal', 12_000)
    expect(attempt.losses).toEqual([])
    own.signal('SIGSTOP')
    // Nobody answers: what can be had is an end, at the latest at the time that was given.
    expect((await take('shard.4', 'b', 1, bucket, 1_500)).taking).toEqual({ kind: 'unanswered' })
    own.signal('SIGCONT')
    await lease.release()
    await client.connection.close()
    await own.dispose()
  },
  60_000,
)
