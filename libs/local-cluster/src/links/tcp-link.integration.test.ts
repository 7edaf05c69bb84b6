import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { systemClock, systemTimers } from '@waggle/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../testing/cluster-state.ts'
import { Links } from './links.ts'

/** An echo behind a link, and one who talks to it. */
let server: Server
let links: Links
let socket: Socket
let heard = ''

const port = (): number => (server.address() as AddressInfo).port

const dial = async (): Promise<Socket> => {
  const made = connect({ host: '127.0.0.1', port: await links.port('a', 'b', port) })
  made.on('error', () => undefined)
  made.on('data', (bytes: Buffer) => {
    heard += bytes.toString()
  })
  return made
}

const hears = (text: string): Promise<void> =>
  eventually(
    () => heard === text,
    () => heard,
    5_000,
  )

beforeEach(async () => {
  server = createServer((one) => {
    one.on('error', () => undefined)
    one.pipe(one)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  links = new Links({ clock: systemClock, timers: systemTimers })
  heard = ''
  socket = await dial()
  socket.write('one ')
  await hears('one ')
})

afterEach(async () => {
  socket.destroy()
  await links.close()
  server.close()
})

describe('a link', () => {
  it('H2 J3: what is held in one direction comes later, whole and in order', async () => {
    links.disturb('b', 'a', { forth: { kind: 'held' } })
    socket.write('two ')
    socket.write('three ')
    const other = await dial()
    other.write('four')
    // What is not held comes back: the other direction, from before.
    expect(heard).toBe('one ')
    links.heal()
    await eventually(
      () => heard.length === 'one two three four'.length,
      () => heard,
      5_000,
    )
    expect(heard.replace('four', '')).toBe('one two three ')
    other.destroy()
  })

  it('J1: one that is cut ends its connections and takes none until it is healed', async () => {
    const ended = once(socket, 'close')
    links.disturb('a', '*', { isCut: true })
    await ended
    const refused = await dial()
    await once(refused, 'close')
    links.heal()
    socket = await dial()
    socket.write('again')
    await hears('one again')
  })

  it('H1: a delay keeps the order, also when it gets shorter', async () => {
    links.disturb('a', 'b', { back: { delayMs: 150 } })
    const startedMs = Date.now()
    socket.write('slow ')
    await eventually(
      () => links.between('a', 'b').length === 1,
      () => undefined,
    )
    links.disturb('a', 'b', { back: { delayMs: 50 } })
    socket.write('quick')
    await hears('one slow quick')
    expect(Date.now() - startedMs).toBeGreaterThan(45)
  })
})
