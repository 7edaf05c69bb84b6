import { systemTimers } from '@waggle/kernel'
import { manualClock, seededRandom } from '@waggle/kernel/testing'
import type { Generation, Sequence } from '@waggle/protocol'
import { expect, test } from 'vitest'
import type { Bucket } from '../nats/jetstream-bucket.ts'
import { keepCheckpoint, readManifest } from './checkpoint-manifest.ts'

const SHARD = 3
const [FIRST_LIFE, SECOND_LIFE] = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'] as unknown as [Generation, Generation]
const waiting = { clock: manualClock(0), timers: systemTimers, random: seededRandom(1) }

const bucketInMemory = (): Bucket => {
  const entries = new Map<string, { readonly revision: number; readonly value: Uint8Array }>()
  return {
    name: 'entries',
    read: (key) => Promise.resolve(entries.get(key)),
    write(key, value, revision) {
      if ((entries.get(key)?.revision ?? 0) !== revision) return Promise.resolve({ kind: 'refused' })
      entries.set(key, { revision: revision + 1, value })
      return Promise.resolve({ kind: 'written', revision: revision + 1 })
    },
    delete: () => Promise.resolve({ kind: 'refused' }),
  }
}

const entries = bucketInMemory()

const keep = async (generation: Generation, sequence: number): Promise<readonly string[]> => {
  const checkpoint = { generation, sequence: sequence as Sequence, digest: 'd', bytes: 1, node: 'n1', atMs: 0 }
  await keepCheckpoint(entries, waiting, { shard: SHARD, checkpoint })
  return (await readManifest(entries, waiting, SHARD)).map((kept) => `${kept.generation[0]}${kept.sequence}`)
}

test('K1 K3 K4 the newest two are named, late ones are not, and a new life of the log begins anew', async () => {
  expect(await keep(FIRST_LIFE, 8_000)).toEqual(['a8000'])
  expect(await keep(FIRST_LIFE, 9_000)).toEqual(['a9000', 'a8000'])
  expect(await keep(FIRST_LIFE, 8_500)).toEqual(['a9000', 'a8000'])
  // Its log may be purged up to what it calls verified, so that is found whatever the other life's numbers are.
  expect(await keep(SECOND_LIFE, 2_000)).toEqual(['b2000', 'a9000'])
  expect(await keep(SECOND_LIFE, 4_000)).toEqual(['b4000', 'b2000'])
  expect(await keep(SECOND_LIFE, 3_000)).toEqual(['b4000', 'b2000'])
})
