/**
 * A process that ends while its graphs are at work: `<folder> search|build|save|idle exit|return|close`. Prints
 * `busy` first.
 */
import { silentLogger, systemTimers } from '@waggle/kernel'
import { join } from 'node:path'
import { GraphHost } from '../../index/graph/graph-host.ts'
import { randomVectors } from '../random-vectors.ts'

const DIMENSION = 384
const COUNT = 1_500

const [, , folder = '', work, end] = process.argv

const host = new GraphHost(silentLogger)
const graph = 1
const vectors = Float32Array.from(randomVectors(COUNT, DIMENSION).flatMap((vector) => [...vector]))
const query = vectors.slice(0, DIMENSION)
const identity = { index: 'of the child', dimension: DIMENSION }

await host.ask('open', { graph, identity, base: join(folder, 'graph'), expected: COUNT })
const adding = host.ask('add', { graph, ids: new Uint8Array(16 * COUNT), vectors })
adding.catch(() => undefined)
if (work !== 'build') await adding
const asked = Array.from({ length: work === 'search' || work === 'save' ? 2_000 : 0 }, () =>
  work === 'save'
    ? host.ask('save', { graph, note: null, isNoteOnly: false })
    : host.ask('search', { graph, query, k: 10, ef: 800 }),
)
for (const each of asked) each.catch(() => undefined)
// The first is over, and others are under way.
await asked[0]
for (let turn = 0; turn < 20; turn += 1) await systemTimers.yield()
console.log('busy')
if (end === 'close') await host.close()
if (end === 'exit') process.exit(0)
