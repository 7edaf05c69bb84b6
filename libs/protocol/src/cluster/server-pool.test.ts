import { expect, test } from 'vitest'
import { ServerPool } from './server-pool.ts'

/** A connection at `a:1`; its servers are put in another order each time they are set. */
const connectionWith = (...servers: readonly string[]) => ({
  servers: [...servers],
  reconnects: 0,
  turn: 0,
  getServer: () => 'a:1',
  getServers() {
    return this.servers.map((listen) => ({ listen }))
  },
  setServers(given: readonly string[]) {
    this.turn = (this.turn + 1) % given.length
    this.servers = [...given.slice(this.turn - 1), ...given.slice(0, this.turn - 1)]
  },
  async reconnect() {
    this.reconnects += 1
  },
})

const LONG_MS = 5_000

test('a server that brings nothing is left for one that was known before it said that it is the only one', () => {
  const connection = connectionWith('a:1', 'b:2', 'c:3')
  const pool = new ServerPool(connection, 0)
  connection.servers = ['a:1']
  pool.changed()
  expect([pool.leave(LONG_MS - 1), connection.reconnects]).toEqual([false, 0])
  expect([pool.leave(LONG_MS), connection.reconnects]).toEqual([true, 1])
  expect(connection.servers.toSorted()).toEqual(['a:1', 'b:2', 'c:3'])
  expect(connection.servers[0]).not.toBe('a:1')
})

test('one that is the only one is not left', () => {
  const connection = connectionWith('a:1')
  expect([new ServerPool(connection, 0).leave(LONG_MS), connection.reconnects]).toEqual([false, 0])
})

test('nothing is left for a silence that nobody has waited through', () => {
  const pool = new ServerPool(connectionWith('a:1', 'b:2'), 0)
  expect(pool.leave(LONG_MS, 1)).toBe(false)
})
