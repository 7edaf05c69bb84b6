import { silentLogger, systemClock, systemTimers } from '@waggle/kernel'
import { DEFAULT_TENANT, type CollectiveId, type Generation, type Sequence } from '@waggle/protocol'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readCollective } from '../../memory/collective/collective-rows.ts'
import type { Scope } from '../../state/keyspace.ts'
import { temporaryFolder, type TemporaryFolder } from '../../testing/temporary-folder.ts'
import { openTestEngine } from '../../testing/test-engine.ts'
import { FlatIndex } from '../flat-index.ts'
import { ScanArena } from '../scan/scan-arena.ts'
import { GraphHost } from './graph-host.ts'
import { IndexGraphs } from './index-graphs.ts'

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.remove())

const graphsIn = (host: GraphHost) =>
  new IndexGraphs({
    ...{ graphs: host.folder(folder.path), generation: 'a'.repeat(16) as Generation, logger: silentLogger },
    ...{ clock: systemClock, timers: systemTimers },
  })

const fileOf = ({ tenant, incarnation }: Scope, ending = 'hnsw'): string =>
  `${tenant}.${incarnation.sequence}.${incarnation.index}.${ending}`

const write = async (...files: readonly string[]): Promise<void> => {
  await mkdir(join(folder.path, 'indexes'), { recursive: true })
  for (const file of files) await writeFile(join(folder.path, 'indexes', file), 'x')
}

/** Files are removed in the background. */
const left = async (files: readonly string[]): Promise<void> => {
  const deadlineMs = Date.now() + 10_000
  for (;;) {
    const found = await readdir(join(folder.path, 'indexes'))
    if (found.length <= files.length || Date.now() > deadlineMs) {
      expect(found.sort()).toEqual([...files].sort())
      return
    }
    await systemTimers.yield()
  }
}

describe('IndexGraphs', () => {
  test('the files of a collective go with it, and those that a crash left are found at the next opening', async () => {
    const engine = await openTestEngine()
    const scopes: Scope[] = []
    for (const name of ['living', 'deleted']) {
      const { collective } = await engine.call('collective.create', { name, dimension: 2 })
      const { id } = collective as { id: CollectiveId }
      await engine.call('experience.record', { collective: id, content: 'x', embedding: [1, 1] })
      scopes.push(readCollective(engine.store, DEFAULT_TENANT, id)!.scope)
    }
    const [living, deleted] = scopes as [Scope, Scope]
    const gone: Scope = { tenant: DEFAULT_TENANT, incarnation: { sequence: 99 as Sequence, index: 0 } }
    const kept = [fileOf(living), fileOf(living, 'ids'), 'of.nobody']
    await write(...kept, fileOf(deleted), fileOf(deleted, 'ids'), fileOf(gone), fileOf(gone, 'ids.draft'))
    const graphs = graphsIn(new GraphHost(silentLogger))
    await graphs.sweep(engine.store)
    await left([...kept, fileOf(deleted), fileOf(deleted, 'ids')])
    graphs.forget(deleted)
    await left(kept)
  })

  test('a small index starts no thread and writes no file', async () => {
    const scope: Scope = { tenant: DEFAULT_TENANT, incarnation: { sequence: 1 as Sequence, index: 0 } }
    const host = new GraphHost(silentLogger, new URL('data:text/javascript,throw 1'))
    const index = graphsIn(host).over(new FlatIndex(2, new ScanArena()), scope, 2)
    expect(await index.prepare({ embedding: Float32Array.of(1, 1), k: 1 })).toBeUndefined()
    expect(index.graph.state).toEqual({ kind: 'none' })
    await expect(graphsIn(host).sweep({ get: () => undefined })).rejects.toMatchObject({ code: 'ENOENT' })
    await host.close()
  })
})
