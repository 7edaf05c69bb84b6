import { silentLogger, type Logger } from '@waggle/kernel'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startChild } from '../../testing/child-script.ts'
import { randomVectors } from '../../testing/random-vectors.ts'
import { temporaryFolder, type TemporaryFolder } from '../../testing/temporary-folder.ts'
import { GraphHost } from './graph-host.ts'

const CHILD = new URL('../../testing/graphs/graph-exit.child.ts', import.meta.url)
const DIMENSION = 32
const vectors = randomVectors(400, DIMENSION)
const all = Float32Array.from(vectors.flatMap((vector) => [...vector]))
const identity = { index: 'one', dimension: DIMENSION }

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.remove())

const opened = async (host: GraphHost, graph: number) => {
  await host.ask('open', { graph, identity, base: join(folder.path, `${graph}`), expected: 400 })
  await host.ask('add', { graph, ids: new Uint8Array(16 * 400), vectors: all.slice() })
}

describe('GraphHost', () => {
  test('T1 its thread keeps graphs apart, answers in order, and ends when it is told to', async () => {
    const host = new GraphHost(silentLogger)
    await Promise.all([opened(host, 1), opened(host, 2)])
    await host.ask('remove', { graph: 2, labels: Uint32Array.of(5) })
    const ask = { query: vectors[5]!, k: 1, ef: 100 }
    expect((await host.ask('search', { graph: 1, ...ask })).labels).toEqual(Uint32Array.of(5))
    expect((await host.ask('search', { graph: 2, ...ask })).labels).not.toEqual(Uint32Array.of(5))
    await host.ask('save', { graph: 2, note: { said: 1 }, isNoteOnly: false })
    await host.ask('release', { graph: 2 })
    await expect(host.ask('search', { graph: 2, ...ask })).rejects.toThrow('graph of that number')
    const again = { graph: 3, identity, base: join(folder.path, '2'), expected: 0 }
    expect(await host.ask('open', again)).toMatchObject({ found: { dead: Uint32Array.of(5), note: { said: 1 } } })
    expect((await host.ask('search', { graph: 3, ...ask })).labels).not.toEqual(Uint32Array.of(5))
    await host.close()
    await host.close()
  })

  test('W2 searches have their turn while a graph is built, and while another one is written', async () => {
    const host = new GraphHost(silentLogger)
    await opened(host, 1)
    const order: string[] = []
    const building = opened(host, 2).then(() => order.push('built'))
    const saving = host.ask('save', { graph: 1, note: null, isNoteOnly: false }).then(() => order.push('saved'))
    await host.ask('search', { graph: 1, query: vectors[5]!, k: 1, ef: 10 }).then(() => order.push('searched'))
    await Promise.all([building, saving])
    expect(order[0]).toBe('searched')
    await host.close()
  })

  test('T1 closed in the middle of a build it does not wait for its end, and refuses what comes later', async () => {
    const host = new GraphHost(silentLogger)
    await host.ask('open', { graph: 1, identity, base: join(folder.path, '1'), expected: 100_000 })
    const ids = new Uint8Array(16 * 40_000)
    const vectorsOfMany = Float32Array.from({ length: DIMENSION * 40_000 }, (_, place) => all[place % all.length]!)
    const adding = host.ask('add', { graph: 1, ids, vectors: vectorsOfMany }).catch(() => undefined)
    await host.close()
    await adding
    await expect(host.ask('release', { graph: 1 })).rejects.toThrow('closed')
    await new GraphHost(silentLogger).close()
  })

  test('T3 when its thread fails everything is refused, and that is told once', async () => {
    const errors: string[] = []
    const logger: Logger = { ...silentLogger, error: (message) => errors.push(message) }
    const failing = 'import { parentPort } from "node:worker_threads"; parentPort.once("message", () => { throw 1 })'
    const host = new GraphHost(logger, new URL(`data:text/javascript,${encodeURIComponent(failing)}`))
    const ask = { graph: 1, identity, base: join(folder.path, '1'), expected: 1 }
    await expect(host.ask('open', ask)).rejects.toBeDefined()
    await expect(host.ask('open', ask)).rejects.toBeDefined()
    expect(errors).toHaveLength(1)
    await host.close()
  })

  test.each([
    ['search', 'exit'],
    ['build', 'exit'],
    ['save', 'exit'],
    ['build', 'close'],
    ['search', 'close'],
    ['idle', 'return'],
  ])('T1 T2 a process whose graphs are at work (%s) ends well by %s', async (work, end) => {
    const child = startChild(CHILD, { args: [folder.path, work, end] })
    expect(await child.line()).toBe('busy')
    expect(await child.ended).toBe(0)
  })
})
