/** Which collectives' uploads are dropped, and how often they are looked through. */
import { equalBytes, silentLogger, systemTimers } from '@waggle/kernel'
import { DEFAULT_TENANT, limits, type CollectiveId } from '@waggle/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { OwnCommand } from '../../commit/submission.ts'
import { engineFault } from '../../errors.ts'
import { readCollective } from '../../memory/collective/collective-rows.ts'
import { uploadsKey } from '../../state/keyspace.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import { openTestEngine, type TestEngine } from '../../testing/test-engine.ts'
import { UploadExpiry } from './upload-expiry.ts'

const idOf = (n: number): string => `00000000-0000-4000-8000-${n.toString().padStart(12, '0')}`

let store: MemoryStore
let engine: TestEngine
let nowMs: number
let isStopped: boolean
let submitted: OwnCommand[]
let expiry: UploadExpiry

/** Collectives of which each second one has an upload on its way. */
beforeEach(async () => {
  store = new MemoryStore()
  engine = await openTestEngine({ store })
  for (let n = 1; n <= 4; n += 1) {
    const collective = idOf(n)
    await engine.call('collective.create', { id: collective, name: `of ${n}`, dimension: 3 })
    if (n % 2 === 0) await engine.call('keys.stage', { collective, upload: idOf(9), index: 0, bytes: 'x' })
  }
  nowMs = engine.clock.nowMs()
  isStopped = false
  submitted = []
  expiry = new UploadExpiry({
    ...{ store, timers: systemTimers, logger: silentLogger, timeMs: () => nowMs, isStopped: () => isStopped },
    submit: (command) => Promise.resolve(submitted.push(command)),
  })
})

afterEach(() => engine.engine.close())

test('U4 one step for each collective that has left any', async () => {
  await expiry.dropLeft()
  expect(submitted).toEqual([])
  nowMs += limits.UPLOAD_KEPT_MS + 1
  await expiry.dropLeft()
  expect(submitted).toMatchObject(
    [2, 4].map((n) => ({ name: 'maintenance.dropUploads', collective: idOf(n), fields: { collective: idOf(n) } })),
  )
})

test('U4 the collectives are looked through every quarter of the time that an upload is kept', async () => {
  nowMs += limits.UPLOAD_KEPT_MS + 1
  await expiry.dropLeft()
  await expiry.dropLeft()
  nowMs += limits.UPLOAD_KEPT_MS / 4 - 1
  await expiry.dropLeft()
  expect(submitted).toHaveLength(2)
  nowMs += 1
  await expiry.dropLeft()
  expect(submitted).toHaveLength(4)
})

test('U4 damaged rows of one collective keep no other waiting', async () => {
  nowMs += limits.UPLOAD_KEPT_MS + 1
  const damaged = uploadsKey(readCollective(store, DEFAULT_TENANT, idOf(2) as CollectiveId)!.scope)
  const read = store.get.bind(store)
  store.get = (key) => {
    if (equalBytes(key, damaged)) throw engineFault('CORRUPT', 'a damaged row')
    return read(key)
  }
  await expiry.dropLeft()
  expect(submitted).toMatchObject([{ collective: idOf(4) }])
})

test('a round that is stopped is made again', async () => {
  nowMs += limits.UPLOAD_KEPT_MS + 1
  isStopped = true
  await expiry.dropLeft()
  expect(submitted).toEqual([])
  isStopped = false
  await expiry.dropLeft()
  expect(submitted).toHaveLength(2)
})
