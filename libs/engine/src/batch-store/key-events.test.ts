/** What the histories of the golden digests lead to: the digests freeze it, these tests say that it is right. */
import { decodeEntries, encodeEntry, generationFrom, joinEntries, type LogEntry, type Sequence } from '@waggle/protocol'
import { DEFAULT_TENANT } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { applyEntry } from '../event/apply.ts'
import type { Effect } from '../event/effect.ts'
import { keyPrefix, retentionKey, uploadsKey, type Scope } from '../state/keyspace.ts'
import { Overlay } from '../state/overlay.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { prefixRange } from '../store/prefix-range.ts'
import { keyHistories } from '../testing/key-histories.ts'
import { keyJournalRows } from './key-journal.ts'
import { decodeKeyRow, readKeyStore } from './key-rows.ts'
import { readPart, readUploads } from './upload/uploads.ts'

const TIME_MS = 1_700_000_000_000
const SCOPE: Scope = { tenant: DEFAULT_TENANT, incarnation: { sequence: 1 as Sequence, index: 0 } }

let store: MemoryStore
let effects: Effect[]

/** Applies entries as batches 1, 2, … */
const applyAll = (entries: readonly LogEntry[]): void => {
  const generation = generationFrom(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
  for (const [position, each] of entries.entries()) {
    const state = new Overlay(store)
    const batch = { sequence: (position + 1) as Sequence, timeMs: TIME_MS + position, generation }
    for (const entry of decodeEntries(joinEntries([encodeEntry(each)])))
      applyEntry(state, entry, batch, 0, (effect) => effects.push(effect))
    void store.write(state.changes(), { sync: false })
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Keys, the addresses of their writes and the sizes of their values. */
const keys = async (): Promise<Record<string, readonly [string, number]>> => {
  const found: Record<string, readonly [string, number]> = {}
  const prefix = keyPrefix(SCOPE)
  for await (const [rowKey, bytes] of store.scan(prefixRange(prefix))) {
    const { address, value } = decodeKeyRow(bytes)
    found[hex(rowKey.subarray(prefix.length))] = [`${address.sequence}:${address.index}`, value.length]
  }
  return found
}

/** Addresses of rows with the numbers of entries and deletions in each. */
const journal = async (): Promise<readonly (readonly [string, number, number, number])[]> => {
  const found: (readonly [string, number, number, number])[] = []
  for await (const { address, row } of keyJournalRows(store, SCOPE, 0))
    found.push([`${address.sequence}:${address.index}`, row.timeMs - TIME_MS, row.entries.length, row.deleted.length])
  return found
}

const LONGEST = 'ff'.repeat(254)

beforeEach(() => {
  store = new MemoryStore()
  effects = []
})

describe('the state after events of keys', () => {
  test('W1 W2 W3 of a key that comes twice the last value stays, and the journal keeps every entry', async () => {
    applyAll(keyHistories.KeysPut.slice(0, 2))
    expect(await keys()).toEqual({
      '': ['2:0', 3],
      '0102': ['2:0', 4],
      '010200': ['2:0', 0],
      [LONGEST]: ['2:0', 300],
    })
    expect(await journal()).toEqual([['2:0', 1, 5, 0]])
    expect(readKeyStore(store, SCOPE)).toEqual({ keyCount: 4, bytes: 2 + 3 + 254 + 307, batchCount: 1, current: 2 })
  })

  test('W2 W3 writes that share a sequence are one batch of two rows', async () => {
    applyAll(keyHistories.KeysPut)
    expect(await keys()).toMatchObject({ '': ['3:0', 1], [LONGEST]: ['3:1', 0] })
    expect((await journal()).slice(1)).toEqual([
      ['3:0', 2, 1, 0],
      ['3:1', 2, 1, 0],
    ])
    expect(readKeyStore(store, SCOPE)).toEqual({ keyCount: 4, bytes: 2 + 3 + 254 + 5, batchCount: 2, current: 3 })
  })

  test('E17 E18 W2 a deletion takes its sequence and names keys as it was asked', async () => {
    applyAll(keyHistories.KeysDeleted)
    expect(Object.keys(await keys())).toEqual(['', '010200'])
    expect((await journal()).at(-1)).toEqual(['3:0', 2, 0, 4])
    expect(readKeyStore(store, SCOPE)).toEqual({ keyCount: 2, bytes: 6, batchCount: 2, current: 3 })
  })

  test('F3 an upload is put as one batch, and leaves nothing; another one stays', async () => {
    applyAll(keyHistories.KeysUploaded)
    expect(await keys()).toMatchObject({
      '': ['7:0', 300],
      '0102': ['7:0', 70_000],
      [hex(Buffer.from('Biene ⚘'))]: ['7:0', 4],
    })
    expect((await journal()).at(-1)).toEqual(['7:0', 6, 3, 0])
    expect(readKeyStore(store, SCOPE)).toMatchObject({ keyCount: 5, batchCount: 2, current: 7 })
    expect(readUploads(store, SCOPE).map(({ parts }) => parts)).toEqual([[[0, 1]]])
  })

  test('U1 of two parts with one index the last one stays, in the order of the indexes', () => {
    applyAll(keyHistories.UploadStaged)
    const [other, upload] = readUploads(store, SCOPE)
    expect(other?.timeMs).toBe(TIME_MS + 1)
    expect(upload).toMatchObject({
      timeMs: TIME_MS + 4,
      parts: [
        [0, 40_000],
        [1, expect.any(Number)],
      ],
    })
    expect(readPart(store, SCOPE, upload!.id, 0)?.length).toBe(40_000)
  })

  test('U4 uploads that are dropped leave no row; the last one takes their list along', () => {
    applyAll(keyHistories.UploadsDropped)
    const [left, ...others] = readUploads(store, SCOPE)
    expect(others).toEqual([])
    expect(readPart(store, SCOPE, '22222222-2222-4222-8222-222222222222' as never, 0)).toBeUndefined()
    const state = new Overlay(store)
    const drop: LogEntry = {
      ...keyHistories.UploadsDropped.at(-1)!,
      events: [['UploadsDropped', { uploads: [left!.id] }]],
    }
    const batch = { sequence: 99 as Sequence, timeMs: TIME_MS, generation: generationFrom(new Uint8Array(8)) }
    applyEntry(state, drop, batch, 0, () => undefined)
    expect(state.get(uploadsKey(SCOPE))).toBeUndefined()
  })

  test('each write wakes who follows the journal; where a rule says what is kept, also who applies it', () => {
    applyAll(keyHistories.KeysPut.slice(0, 2))
    expect(effects.filter(({ kind }) => kind === 'upkeep')).toEqual([])
    expect(effects).toContainEqual({ kind: 'journal', journal: 'keys', scope: SCOPE })
    store = new MemoryStore()
    void store.write([{ key: retentionKey(SCOPE), value: Uint8Array.of(0x91, 3) }], { sync: false })
    applyAll(keyHistories.KeysPut.slice(0, 2))
    expect(effects).toContainEqual({ kind: 'upkeep', scope: SCOPE })
  })
})
