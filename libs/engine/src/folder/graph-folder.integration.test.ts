/** What a folder has of the graph of a large collective, from its first search to its deletion. */
import { silentLogger, systemClock, systemIds, systemRandom, systemTimers, type Logger } from '@waggle/kernel'
import { DEFAULT_TENANT, type CollectiveId, type SearchHit } from '@waggle/protocol'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GRAPH_LIMITS } from '../index/graph/graph-tier.ts'
import { randomVectors } from '../testing/random-vectors.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'
import { openEmbeddedEngine } from './embedded-engine.ts'

const DIMENSION = 8
const BATCH = 1_000
const DEADLINE_MS = 150_000

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.remove())

const said: string[] = []
const logger: Logger = { ...silentLogger, info: (message) => said.push(message), warn: (message) => said.push(message) }

const open = async () => {
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, ids: systemIds }
  const engine = await openEmbeddedEngine({ path: folder.path, acceptLoss: false, ...ports, logger })
  const call = async (operation: string, fields: object) => engine.execute(DEFAULT_TENANT, operation, fields)
  return { call, close: () => engine.close() }
}

const files = async (): Promise<readonly string[]> => readdir(join(folder.path, 'indexes')).catch(() => [])

const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
  const deadlineMs = Date.now() + DEADLINE_MS
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new Error(`it did not come to that: ${said.join(', ')}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('P7 a large collective is judged for a graph, and that outlives the process but not the collective', async () => {
  const vectors = randomVectors(GRAPH_LIMITS.rowsMin, DIMENSION)
  const first = await open()
  const { collective: created } = await first.call('collective.create', { name: 'large', dimension: DIMENSION })
  const { id: collective } = created as { id: CollectiveId }
  for (let start = 0; start < vectors.length; start += BATCH) {
    const experiences = vectors
      .slice(start, start + BATCH)
      .map((embedding, at) => ({ content: `${start + at}`, embedding }))
    await first.call('experience.recordMany', { collective, experiences })
  }
  const nearest = async ({ call }: Pick<typeof first, 'call'>, of: number): Promise<string | undefined> => {
    const { results } = await call('experience.search', { collective, embedding: vectors[of], k: 1 })
    return (results as readonly SearchHit[])[0]?.experience.content
  }
  expect(await files()).toEqual([])
  expect(await nearest(first, 5)).toBe('5')
  // Which way it goes depends on the machine; at eight dimensions a scan is hard to beat.
  await until(() => said.some((message) => /^an index is searched (by its|without a) graph$/.test(message)))
  await until(async () => (await files()).some((file) => file.endsWith('.ids')))
  await first.call('experience.record', { collective, content: 'new', embedding: vectors[7]!.map((value) => -value) })
  expect(await nearest(first, 5)).toBe('5')
  await first.close()

  said.length = 0
  const second = await open()
  expect(await nearest(second, 9)).toBe('9')
  const { results } = await second.call('experience.search', {
    ...{ collective, k: 1 },
    embedding: vectors[7]!.map((value) => -value),
  })
  expect((results as readonly SearchHit[])[0]?.experience.content).toBe('new')
  await second.call('collective.delete', { collective })
  await until(async () => (await files()).length === 0)
  await second.close()
  expect(said).not.toContain('a graph is built anew')
})
