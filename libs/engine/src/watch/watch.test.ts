import { limits, type Change, type ChangeFilter } from '@waggle/protocol'
import { isFault, systemTimers, type Timers } from '@waggle/kernel'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { openTestEngine } from '../testing/test-engine.ts'
import { createHive, openHive, type WatchedHive } from '../testing/watched-hive.ts'
import { SCANNED_ROWS_MAX } from './changes.ts'

let hive: WatchedHive

beforeEach(async () => {
  hive = await openHive()
})

const told = (changes: readonly Change[]): string[] => changes.map(({ entity, kind }) => `${entity} ${kind}`)

describe('watch.next', () => {
  test('P6 tells every change in its order, and unarchiving and reinforcing are updates', async () => {
    const id = await hive.record({ content: 'first' })
    await hive.call('experience.update', { id, patch: { importance: 1 } })
    await hive.call('experience.archive', { id })
    await hive.call('experience.unarchive', { id })
    await hive.call('experience.reinforce', { id })
    hive.engine.clock.advance(5)
    await hive.call('experience.delete', { id })
    const { changes, more } = await hive.next({ from: 'start' })
    expect(told(changes)).toEqual([
      'collective created',
      'experience created',
      'experience updated',
      'experience archived',
      'experience updated',
      'experience updated',
      'experience deleted',
    ])
    expect(more).toBeUndefined()
    expect(changes[0]?.id).toBe(hive.id)
    expect(new Set(changes.slice(1).map((change) => change.id))).toEqual(new Set([id]))
    expect(changes.at(-1)?.time).toBe(hive.engine.clock.nowMs())
    expect(changes.every((change) => change.experience === undefined)).toBe(true)
  })

  test('P6 tells of every kind of entity, and takes along what goes with an experience', async () => {
    const [source, target] = [await hive.record(), await hive.record()]
    await hive.call('collective.update', { owner: 'queen' })
    const { id: relation } = await hive.call('relation.create', { source, target, type: 'supports' })
    const insight = { content: 'both', embedding: [1, 2], type: 'pattern', domain: ['hive'], confidence: 0.75 }
    const { id: stored } = await hive.call('insight.store', { ...insight, sources: [source] })
    await hive.call('insight.store', { ...insight, sources: [target], confidence: 0.25 })
    await hive.call('experience.delete', { id: source })
    await hive.call('insight.delete', { id: stored })
    const { next } = await hive.next({ from: (await hive.rest())[2]?.cursor ?? '' })
    const changes = (await hive.rest()).slice(3)
    expect(told(changes)).toEqual([
      'collective updated',
      'relation created',
      'insight created',
      'insight created',
      'relation deleted',
      'insight updated',
      'experience deleted',
      'insight deleted',
    ])
    expect(changes.filter(({ entity }) => entity === 'relation').map(({ id }) => id)).toEqual([relation, relation])
    expect((await hive.next({ from: next })).changes).toEqual([])
    const filtered = async (filter: ChangeFilter) => told(await hive.rest({ filter }))
    expect(await filtered({ minConfidence: 0.6, entities: ['insight'] })).toEqual([
      ...['insight created', 'insight updated', 'insight deleted'],
    ])
    // What has no type and no confidence meets no condition on them.
    expect(await filtered({ types: ['generic'], kinds: ['deleted'] })).toEqual(['experience deleted'])
    expect(await filtered({ domains: ['hive'], kinds: ['created'] })).toEqual(['insight created', 'insight created'])
    expect(await filtered({ entities: ['relation', 'collective'] })).toEqual([
      ...['collective created', 'collective updated', 'relation created', 'relation deleted'],
    ])
  })

  test('carries the experience as it is now, and its embedding where it is asked for', async () => {
    const id = await hive.record({ content: 'first', importance: 0.25 })
    await hive.call('experience.update', { id, patch: { importance: 0.75 } })
    const plain = (await hive.next({ from: 'start' })).changes.at(1)
    expect(plain?.experience).toMatchObject({ id, collective: hive.id, content: 'first', importance: 0.75, version: 2 })
    expect(plain?.experience).not.toHaveProperty('embedding')
    const { changes } = await hive.next({ from: 'start', include: ['embedding'] })
    expect(changes.at(1)?.experience?.embedding).toEqual(Float32Array.of(1, 2))
  })

  test('without a place begins now; its cursor goes on from there', async () => {
    await hive.record()
    const { changes, next } = await hive.next()
    expect(changes).toEqual([])
    const id = await hive.record()
    const later = await hive.next({ from: next })
    expect(later.changes.map((change) => change.id)).toEqual([id])
    expect((await hive.next({ from: later.next })).changes).toEqual([])
  })

  test('P6 goes on behind any change, also in the middle of a batch', async () => {
    await hive.recordMany(3)
    await hive.record()
    const all = await hive.rest()
    for (const [index, { cursor }] of all.entries())
      expect(await hive.rest({ from: cursor })).toEqual(all.slice(index + 1))
  })

  test('F4 a reply ends behind a batch, also where that makes it longer than asked for', async () => {
    await hive.recordMany(5)
    await hive.recordMany(4)
    const first = await hive.next({ from: 'start', max: 2 })
    expect(told(first.changes)).toHaveLength(6)
    expect(first).toMatchObject({ more: true })
    expect(first.partial).toBeUndefined()
    const second = await hive.next({ from: first.next, max: 1 })
    expect(second.changes).toHaveLength(4)
    expect(second.more).toBeUndefined()
  })

  test('F4 P11 where a batch is too large it ends inside, says so, and goes on with the rest', async () => {
    const content = 'x'.repeat(limits.CONTENT_BYTES_MAX)
    const large = Array.from({ length: 25 }, () => ({ content, embedding: [1, 2] }))
    // Three batches, for a request has its limit too; patched in one, so that the changes of that one are too large.
    for (let n = 0; n < 3; n += 1) await hive.call('experience.recordMany', { experiences: large })
    const first = await hive.next({ from: 'start', max: 1_000 })
    expect(first).toMatchObject({ partial: true, more: true })
    expect(first.changes.length).toBeLessThan(40)
    const rest = await hive.rest({ from: first.next, max: 1_000 })
    expect([...first.changes, ...rest].map(({ id }) => id)).toEqual((await hive.rest({ max: 1 })).map(({ id }) => id))
    expect(new Set(rest.map(({ id }) => id)).size).toBe(rest.length)
    expect(first.changes.length + rest.length).toBe(76)
  })

  test('P11 a change that is larger than a page goes alone', async () => {
    const content = '\u0001'.repeat(limits.CONTENT_BYTES_MAX)
    const texts = Array.from({ length: limits.RELATED_FILES_MAX }, () => '\u0001'.repeat(limits.RELATED_FILE_BYTES_MAX))
    const file = { content, relatedFiles: texts }
    const ids = [await hive.record(file), await hive.record(file), await hive.record(file), await hive.record(file)]
    const ids2 = [await hive.record(file), await hive.record(file)]
    const changes = await hive.rest({ filter: { entities: ['experience'] } })
    expect(changes.map(({ id }) => id)).toEqual([...ids, ...ids2])
    const page = await hive.next({ from: 'start' })
    expect(page).toMatchObject({ more: true })
    expect(page.partial).toBeUndefined()
  })

  test('P11 one call looks at a bounded part of a journal, and moves on though nothing matched', async () => {
    const batches = SCANNED_ROWS_MAX / 1_000 + 2
    for (let n = 0; n < batches; n += 1) await hive.recordMany(1_000)
    const last = await hive.record({ importance: 1 })
    const filter = { minImportance: 0.9 }
    const first = await hive.next({ from: 'start', filter })
    expect(first).toMatchObject({ changes: [], more: true })
    const second = await hive.next({ from: first.next, filter })
    expect(second.changes.map(({ id }) => id)).toEqual([last])
    expect(second.more).toBeUndefined()
  })

  test('P6 watchers that read the same at once see the same, however far they are behind', async () => {
    for (let n = 0; n < 3; n += 1) await hive.recordMany(200)
    const all = await hive.rest()
    const begins = [0, 0, 100, 100, 340, 345, 590]
    const replies = await Promise.all(
      begins.map((index) => hive.next({ from: all[index]?.cursor ?? '', max: 1_000, waitMs: 20_000 })),
    )
    for (const [index, { changes }] of replies.entries()) expect(changes).toEqual(all.slice((begins[index] ?? 0) + 1))
  })

  test('a quiet place does not fall behind: the end of a reply is the end of what is applied', async () => {
    const other = await createHive(hive.engine, 'wasps')
    const before = (await hive.next()).next
    await other.record()
    const { next } = await hive.next({ from: before })
    expect(next).not.toBe(before)
    await hive.record()
    expect((await hive.next({ from: next })).changes).toHaveLength(1)
    expect((await hive.next({ from: before })).changes).toHaveLength(1)
  })

  test('P12 F2 the changes of another collective or tenant are not among them', async () => {
    const other = await createHive(hive.engine, 'wasps')
    await other.record()
    await hive.record()
    expect(told(await hive.rest())).toEqual(['collective created', 'experience created'])
    const { next } = await other.next()
    await expect(hive.next({ from: next })).rejects.toMatchObject({
      code: 'INVALID_CURSOR',
      details: { field: 'from' },
    })
    const foreign = hive.engine.engine.execute('ana' as never, 'watch.next', { collective: hive.id, from: next })
    await expect(foreign).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test.each(['', 'never', 'START', 'x'.repeat(201)])('P10 %j is no place', async (from) => {
    await expect(hive.next({ from })).rejects.toMatchObject({ kind: 'invalid' })
  })
})

describe('filters of changes', () => {
  const note = {
    ...{ content: 'note', domain: ['hive', 'dance'], importance: 0.75, confidence: 0.5 },
    ...{
      sourceAgent: 'scout',
      sourceTask: 'forage',
      relatedFiles: ['a.ts'],
      type: { kind: 'techInsight', technology: 't', insight: 'i' },
    },
  }

  const matching = async (filter: ChangeFilter): Promise<string[]> => told(await hive.rest({ filter }))

  test.each<readonly [ChangeFilter, boolean]>([
    [{ domains: ['dance', 'x'] }, true],
    [{ domains: ['x'] }, false],
    [{ domains: [] }, false],
    [{ types: ['techInsight'] }, true],
    [{ types: ['fact'] }, false],
    [{ minImportance: 0.75 }, true],
    [{ minImportance: 0.8 }, false],
    [{ minConfidence: 0.5 }, true],
    [{ minConfidence: 0.6 }, false],
    [{ agents: ['scout'] }, true],
    [{ agents: ['drone'] }, false],
    [{ tasks: ['forage'] }, true],
    [{ tasks: ['rest'] }, false],
    [{ files: ['a.ts'] }, true],
    [{ files: ['b.ts'] }, false],
    [{ since: 1_700_000_000_000 }, true],
    [{ since: 1_700_000_000_001 }, false],
    [{ until: 1_700_000_000_000 }, true],
    [{ until: 1_699_999_999_999 }, false],
    [{ entities: ['experience', 'insight'] }, true],
    [{ entities: ['relation'] }, false],
    [{ entities: [] }, false],
    [{ kinds: ['created'], entities: ['experience'] }, true],
    [{ kinds: ['deleted'] }, false],
    [{ domains: ['hive'], agents: ['drone'] }, false],
  ])('P6 %j', async (filter, isShown) => {
    await hive.record(note)
    expect(await matching(filter)).toEqual(isShown ? ['experience created'] : [])
  })

  test('P6 judge by what a change left, never by what is there today', async () => {
    const id = await hive.record({ importance: 0.25 })
    await hive.call('experience.update', { id, patch: { importance: 0.875 } })
    await hive.call('experience.update', { id, patch: { importance: 0.125 } })
    await hive.call('experience.delete', { id })
    expect(await matching({ minImportance: 0.8 })).toEqual(['experience updated'])
    expect(await matching({ minImportance: 0.2 })).toEqual(['experience created', 'experience updated'])
  })

  test('P6 archived records are shown unless they are not to be', async () => {
    const id = await hive.record()
    await hive.call('experience.archive', { id })
    await hive.call('experience.reinforce', { id })
    await hive.call('experience.unarchive', { id })
    const all = ['collective created', 'experience created', 'experience archived', 'experience updated']
    expect(await matching({})).toEqual([...all, 'experience updated'])
    expect(await matching({ includeArchived: true })).toEqual([...all, 'experience updated'])
    expect(await matching({ includeArchived: false })).toEqual([
      ...['collective created', 'experience created', 'experience updated'],
    ])
  })
})

describe('the life of a collective', () => {
  const isNotFound = async (reading: Promise<unknown>): Promise<boolean> => {
    const [outcome] = await Promise.allSettled([reading])
    return outcome.status === 'rejected' && isFault(outcome.reason) && outcome.reason.code === 'NOT_FOUND'
  }

  test('P6 its deletion is told to whoever followed it, as long as its rows are there', async () => {
    // A mailbox that is closed to upkeep would be another engine: the sweep is at work as soon as it may.
    const { next } = await hive.next()
    const waiting = hive.next({ from: next, waitMs: 10_000 })
    await hive.call('collective.delete')
    const { changes } = await waiting
    expect(told(changes)).toEqual(['collective deleted'])
    await expect(hive.next({ from: changes[0]?.cursor ?? '', waitMs: 10_000 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await expect(hive.next({ from: 'start' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(hive.next()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('P6 C5 its deletion is told also after its records are swept, for as long as its journal rests', async () => {
    const held = new Set<() => void>()
    const timers: Timers = {
      yield: () => systemTimers.yield(),
      after(delayMs, callback, options) {
        if (delayMs !== 60_000) return systemTimers.after(delayMs, callback, options)
        held.add(callback)
        return () => held.delete(callback)
      },
    }
    const resting = await openHive({ timers, journalRestMs: 60_000 })
    await resting.recordMany(300)
    const { next } = await resting.next()
    await resting.record()
    await resting.call('collective.delete')
    while (held.size === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(told((await resting.next({ from: next })).changes)).toEqual(['experience created', 'collective deleted'])
    expect((await resting.next({ from: next })).changes[0]).not.toHaveProperty('experience')
    for (const pass of held) pass()
    await vi.waitUntil(() => isNotFound(resting.next({ from: next })), { timeout: 10_000 })
    await resting.engine.engine.close()
  })

  test('P6 C5 a journal that rested by the log’s time is swept by whoever opens the store next', async () => {
    const resting = await openHive({ journalRestMs: 60_000 })
    const { next } = await resting.next()
    await resting.call('collective.delete')
    resting.engine.clock.advance(60_000)
    await resting.engine.call('collective.create', { name: 'wasps', dimension: 2 })
    expect(told((await resting.next({ from: next })).changes)).toEqual(['collective deleted'])
    await resting.engine.engine.close()
    const { stream, store, clock } = resting.engine
    const reopened = await openTestEngine({ stream, store, clock, journalRestMs: 60_000, seed: 2 })
    const request = { collective: resting.id, from: next }
    await vi.waitUntil(() => isNotFound(reopened.call('watch.next', request)), { timeout: 10_000 })
  })

  test('P6 lost: a cursor of an earlier life of it begins anew at the oldest change', async () => {
    await hive.record()
    const { next } = await hive.next()
    await hive.call('collective.delete')
    await hive.engine.call('collective.create', { id: hive.id, name: 'bees', dimension: 2 })
    const reply = await hive.next({ from: next, waitMs: 10_000 })
    expect(reply).toMatchObject({ changes: [], lost: true })
    expect(told((await hive.next({ from: reply.next })).changes)).toEqual(['collective created'])
  })

  test('P6 K4 lost: a cursor of another life of the store, though it names the same collective and place', async () => {
    const { next } = await hive.next()
    const other = await openTestEngine({ seed: 2 })
    await other.call('collective.create', { id: hive.id, name: 'bees', dimension: 2 })
    const request = { collective: hive.id, from: next }
    const reply = await other.call('watch.next', request)
    expect(reply).toMatchObject({ changes: [], lost: true })
    expect(await other.call('watch.next', { ...request, from: reply.next })).toMatchObject({
      changes: [{ entity: 'collective', kind: 'created' }],
    })
  })
})
