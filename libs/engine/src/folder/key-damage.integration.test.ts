/** A damaged row of the batch store under a live store: a fault for whoever needs it, and nothing else stops. */
import { join } from 'node:path'
import { silentLogger, systemClock, systemIds, systemRandom, systemTimers } from '@waggle/kernel'
import { DEFAULT_TENANT, type CollectiveId } from '@waggle/protocol'
import { Level } from 'level'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keyJournalRange } from '../batch-store/key-journal.ts'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { keyKey, type Scope } from '../state/keyspace.ts'
import { openFolderCall } from '../testing/memory/folder-call.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'
import { openEmbeddedEngine } from './embedded-engine.ts'

const collective = '00000000-0000-4000-8000-0000000000d1' as CollectiveId

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await folder.remove()
})

/** Three batches of a key each; their sequences. */
const filled = async (): Promise<readonly number[]> => {
  const { call, close } = await openFolderCall(folder.path)
  await call('collective.create', { id: collective, name: 'damaged', dimension: 3 })
  const sequences: number[] = []
  for (const key of ['a', 'b', 'c'])
    sequences.push(
      ((await call('keys.put', { collective, entries: [[key, `of ${key}`]] })) as { sequence: number }).sequence,
    )
  await close()
  return sequences
}

const scopeOf = async (): Promise<Scope> => {
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, ids: systemIds }
  const engine = await openEmbeddedEngine({ path: folder.path, acceptLoss: false, logger: silentLogger, ...ports })
  const stored = await engine.engine.read(({ state }) => readCollective(state, DEFAULT_TENANT, collective))
  await engine.close()
  return (stored as { readonly scope: Scope }).scope
}

/** Flips a bit of rows, behind the back of the store that sealed them. */
const damage = async (
  rowsOf: (state: Level<Uint8Array, Uint8Array>, scope: Scope) => Promise<readonly Uint8Array[]>,
) => {
  const scope = await scopeOf()
  const raw = new Level<Uint8Array, Uint8Array>(join(folder.path, 'state'), {
    ...{ keyEncoding: 'view', valueEncoding: 'view' },
  })
  for (const key of await rowsOf(raw, scope)) {
    const bytes = Buffer.from(await raw.get(key))
    bytes[bytes.length - 6] = (bytes[bytes.length - 6] as number) ^ 1
    await raw.put(key, bytes)
  }
  await raw.close()
}

/** The row of the journal that a batch wrote. */
const journalRow = (sequence: number) => async (state: Level<Uint8Array, Uint8Array>, scope: Scope) => {
  const keys: Uint8Array[] = []
  for await (const key of state.keys({ ...keyJournalRange(scope, sequence), limit: 1 })) keys.push(key)
  expect(keys).toHaveLength(1)
  return keys
}

const corrupt = { code: 'CORRUPT', kind: 'corrupt' }

test('E55 S4 a damaged batch is CORRUPT to whoever subscribes from it or before it, and to nobody else', async () => {
  const [first, second, third] = (await filled()) as [number, number, number]
  await damage(journalRow(second))
  const { call, close } = await openFolderCall(folder.path)
  const frames = async (since: number) => call('keys.subscribe', { collective, since })
  await expect(frames(second)).rejects.toMatchObject(corrupt)
  await expect(frames(first)).rejects.toMatchObject(corrupt)
  await expect(call('keys.batch', { collective, sequence: second })).rejects.toMatchObject(corrupt)
  expect(await frames(third)).toMatchObject({ frames: [{ sequence: third }] })
  expect(await call('keys.batch', { collective, sequence: first })).toMatchObject({ entries: [{}] })
  // The keys themselves are other rows.
  expect(await call('keys.range', { collective })).toMatchObject({ items: [{}, {}, {}], more: false })
  const { sequence } = (await call('keys.put', { collective, entries: [['d', 'of d']] })) as { sequence: number }
  expect(await frames(sequence)).toMatchObject({ frames: [{ sequence }] })
  await close()
})

test('S4 a damaged key is CORRUPT when it is read or written, and all others go on', async () => {
  await filled()
  await damage(async (_, scope) => [keyKey(scope, new TextEncoder().encode('b'))])
  const { call, close } = await openFolderCall(folder.path)
  await expect(call('keys.get', { collective, key: 'b' })).rejects.toMatchObject(corrupt)
  await expect(call('keys.range', { collective })).rejects.toMatchObject(corrupt)
  await expect(call('keys.getMany', { collective, keys: ['a', 'b'] })).rejects.toMatchObject(corrupt)
  expect(await call('keys.range', { collective, start: 'c' })).toMatchObject({ items: [{}] })
  expect(await call('keys.get', { collective, key: 'a' })).toMatchObject({ value: new TextEncoder().encode('of a') })
  // What was there counts for what the store takes up.
  await expect(call('keys.put', { collective, entries: [['b', 'anew']] })).rejects.toMatchObject(corrupt)
  await call('keys.put', { collective, entries: [['c', 'anew']] })
  expect(await call('keys.get', { collective, key: 'c' })).toMatchObject({ value: new TextEncoder().encode('anew') })
  await close()
})
