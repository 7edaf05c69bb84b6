/** PulseDB's `tests/watch.rs` and `src/watch/mod.rs`, on `watch.next`: a long poll with a cursor. */
import type { Change, ResultOf } from '@waggle/protocol'
import { expect } from 'vitest'
import type { Cases, ParityCase } from './parity-store.ts'
import { createCollective, read, record, typesByKind } from './samples.ts'

/** Generous: it ends with the first change. */
const WAIT_MS = 20_000

/** One watcher: what it has seen is its own cursor. */
interface Watcher {
  /** What has changed since the last call; waits for it when `waitMs` is given. */
  next(fields?: object): Promise<readonly Change[]>
}

/** Watches what happens from now on. */
const watch = async ({ call, collective }: ParityCase, filter: object = {}): Promise<Watcher> => {
  const ask = (fields: object): Promise<ResultOf<'watch.next'>> => call('watch.next', { collective, filter, ...fields })
  let { next: from } = await ask({})
  return {
    async next(fields = {}) {
      const { changes, next } = await ask({ from, ...fields })
      from = next
      return changes
    },
  }
}

const told = (changes: readonly Change[]): readonly string[] =>
  changes.map(({ kind, entity, id }) => `${kind} ${entity} ${id}`)

export const watchParity = (it: Cases): void => {
  events(it)
  watchers(it)
  filters(it)
  lifecycle(it)
}

const events = (it: Cases): void => {
  it('watch.rs test_record_experience_emits_created_event: kind and ids', async (given) => {
    const watcher = await watch(given)
    const id = await record(given)
    const [change, ...others] = await watcher.next()
    expect(others).toEqual([])
    expect(change).toMatchObject({ kind: 'created', entity: 'experience', id, time: given.store.nowMs() })
    expect(change?.experience).toMatchObject({ id, collective: given.collective })
  })

  it('watch.rs test_update_experience_emits_updated_event: updated', async (given) => {
    const id = await record(given)
    const watcher = await watch(given)
    await given.call('experience.update', { collective: given.collective, id, patch: { importance: 0.75 } })
    const changes = await watcher.next()
    expect(told(changes)).toEqual([`updated experience ${id}`])
    expect(changes[0]?.experience?.importance).toBe(0.75)
  })

  it('watch.rs test_archive_experience_emits_archived_event: archived', async (given) => {
    const id = await record(given)
    const watcher = await watch(given)
    await given.call('experience.archive', { collective: given.collective, id })
    expect(told(await watcher.next())).toEqual([`archived experience ${id}`])
  })

  it('watch.rs test_unarchive_experience_emits_updated_event: updated', async (given) => {
    const id = await record(given)
    await given.call('experience.archive', { collective: given.collective, id })
    const watcher = await watch(given)
    await given.call('experience.unarchive', { collective: given.collective, id })
    expect(told(await watcher.next())).toEqual([`updated experience ${id}`])
  })

  it('watch.rs test_delete_experience_emits_deleted_event: deleted', async (given) => {
    const id = await record(given)
    const watcher = await watch(given)
    await given.call('experience.delete', { collective: given.collective, id })
    expect(told(await watcher.next())).toEqual([`deleted experience ${id}`])
  })

  it('watch.rs test_reinforce_experience_emits_updated_event: updated, count 1', async (given) => {
    const id = await record(given)
    const watcher = await watch(given)
    await given.call('experience.reinforce', { collective: given.collective, id })
    const changes = await watcher.next()
    expect(told(changes)).toEqual([`updated experience ${id}`])
    expect(changes[0]?.experience?.applications).toBe(1)
  })

  it('watch.rs test_events_arrive_in_order: three in order', async (given) => {
    const watcher = await watch(given)
    const ids = [await record(given), await record(given), await record(given)]
    expect(told(await watcher.next())).toEqual(ids.map((id) => `created experience ${id}`))
  })
}

const watchers = (it: Cases): void => {
  it('watch.rs test_multiple_subscribers_all_receive_events: both get it', async (given) => {
    const both = [await watch(given), await watch(given)]
    const waiting = both.map((watcher) => watcher.next({ waitMs: WAIT_MS }))
    const id = await record(given)
    for (const changes of await Promise.all(waiting)) expect(told(changes)).toEqual([`created experience ${id}`])
  })

  it('watch.rs test_watch_isolates_collectives: the other one is not seen', async (given) => {
    const other = { ...given, collective: await createCollective(given) }
    const watcher = await watch(given)
    await record(other)
    expect(await watcher.next()).toEqual([])
    const id = await record(given)
    expect(told(await watcher.next())).toEqual([`created experience ${id}`])
  })

  it('watch.rs test_buffer_full_graceful_degradation: one that is slow loses nothing', async (given) => {
    const watcher = await watch(given)
    const ids = [await record(given), await record(given), await record(given)]
    const seen: Change[] = []
    for (const _ of ids) seen.push(...(await watcher.next({ max: 2 })))
    expect(told(seen)).toEqual(ids.map((id) => `created experience ${id}`))
  })

  it('src/watch/mod.rs subscribe_returns_stream: nothing yet, and where to go on', async ({ call, collective }) => {
    const first = await call('watch.next', { collective })
    expect(first).toMatchObject({ changes: [] })
    expect(first.next).toMatch(/^[\w-]+$/)
    expect(first).not.toHaveProperty('lost')
  })

  it('src/watch/mod.rs emit_delivers_to_subscriber: one that waits is woken', async (given) => {
    const watcher = await watch(given)
    const waiting = watcher.next({ waitMs: WAIT_MS })
    const id = await record(given)
    expect(told(await waiting)).toEqual([`created experience ${id}`])
  })

  it('src/watch/mod.rs emit_delivers_to_multiple_subscribers: three that wait are woken', async (given) => {
    const all = [await watch(given), await watch(given), await watch(given)]
    const waiting = all.map((watcher) => watcher.next({ waitMs: WAIT_MS }))
    const id = await record(given)
    for (const changes of await Promise.all(waiting)) expect(told(changes)).toEqual([`created experience ${id}`])
  })

  it('src/watch/mod.rs emit_isolates_collectives: one that waits elsewhere is not woken', async (given) => {
    const other = { ...given, collective: await createCollective(given) }
    const [ours, theirs] = [await watch(given), await watch(other)]
    const waiting = ours.next({ waitMs: WAIT_MS })
    const elsewhere = await record(other)
    const id = await record(given)
    expect(told(await waiting)).toEqual([`created experience ${id}`])
    expect(told(await theirs.next())).toEqual([`created experience ${elsewhere}`])
  })

  it('src/watch/mod.rs buffer_full_does_not_block: 50 writes without anybody who reads them', async (given) => {
    const watcher = await watch(given)
    const experiences = Array.from({ length: 50 }, (_, index) => ({
      content: `${index}`,
      embedding: [...oneHot(index)],
    }))
    const { ids } = await given.call('experience.recordMany', { collective: given.collective, experiences })
    expect((await watcher.next()).map(({ id }) => id)).toEqual(ids)
  })

  it('src/watch/mod.rs in_process_enabled_receives_events: what the same process writes', async (given) => {
    const watcher = await watch(given)
    const id = await record(given)
    expect(told(await watcher.next())).toEqual([`created experience ${id}`])
  })
}

const oneHot = (index: number): Float32Array => {
  const vector = new Float32Array(384)
  vector[index] = 1
  return vector
}

const filters = (it: Cases): void => {
  it('watch.rs test_filtered_watch_by_domain: only the matching one', async (given) => {
    const watcher = await watch(given, { domains: ['rust'] })
    await record(given, { domain: ['python'] })
    const id = await record(given, { domain: ['rust', 'async'] })
    expect(told(await watcher.next())).toEqual([`created experience ${id}`])
  })

  it('watch.rs test_filtered_watch_by_importance: only from 0.7 on', async (given) => {
    const watcher = await watch(given, { minImportance: 0.7 })
    await record(given, { importance: 0.3 })
    const ids = [await record(given, { importance: 0.7 }), await record(given, { importance: 0.9 })]
    expect(told(await watcher.next())).toEqual(ids.map((id) => `created experience ${id}`))
  })

  it('src/watch/mod.rs filter_by_domain: one that waits is not woken by others', async (given) => {
    const watcher = await watch(given, { domains: ['rust'] })
    const waiting = watcher.next({ waitMs: WAIT_MS })
    await record(given, { domain: ['python'] })
    const id = await record(given, { domain: ['rust'] })
    expect(told(await waiting)).toEqual([`created experience ${id}`])
  })

  it('src/watch/mod.rs filter_by_experience_type: by kind, whatever its fields say', async (given) => {
    const watcher = await watch(given, { types: ['fact'] })
    await record(given)
    const id = await record(given, { type: { ...typesByKind.fact, source: 'elsewhere' } })
    expect(told(await watcher.next())).toEqual([`created experience ${id}`])
  })

  it('src/watch/mod.rs filter_by_min_importance: as the change left it', async (given) => {
    const watcher = await watch(given, { minImportance: 0.5 })
    const id = await record(given, { importance: 0.75 })
    await given.call('experience.update', { collective: given.collective, id, patch: { importance: 0.25 } })
    expect(told(await watcher.next())).toEqual([`created experience ${id}`])
  })

  it('src/watch/mod.rs combined_filter_requires_all_criteria: every one of them', async (given) => {
    const watcher = await watch(given, { domains: ['rust'], types: ['fact'], minImportance: 0.5 })
    const whole = { domain: ['rust'], type: typesByKind.fact, importance: 0.75 }
    for (const other of [{ domain: ['x'] }, { type: typesByKind.generic }, { importance: 0.25 }])
      await record(given, { ...whole, ...other })
    const id = await record(given, whole)
    expect(told(await watcher.next())).toEqual([`created experience ${id}`])
  })
}

const lifecycle = (it: Cases): void => {
  it('watch.rs test_stream_ends_when_db_dropped: one that waits is told when the store closes', async (given) => {
    const watcher = await watch(given)
    const waiting = watcher.next({ waitMs: WAIT_MS }).then(
      (changes) => ({ changes }),
      (error: unknown) => error as { code?: string },
    )
    await given.store.reopen()
    expect([{ changes: [] }, expect.objectContaining({ code: 'CLOSED' })]).toContainEqual(await waiting)
    // And goes on where it was: nothing of what came meanwhile is missing.
    const id = await record(given)
    expect(told(await watcher.next())).toEqual([`created experience ${id}`])
  })

  it('watch.rs test_subscriber_removed_on_stream_drop: writes are fine without whoever watched', async (given) => {
    await (await watch(given)).next()
    const id = await record(given)
    expect((await read(given, id)).id).toBe(id)
  })

  it('pulsevision_apis.rs test_watch_event_includes_experience_on_create: record and vector', async (given) => {
    const watcher = await watch(given)
    const id = await record(given)
    const [change] = await watcher.next({ include: ['embedding'] })
    expect(change?.experience).toEqual(await read(given, id))
    expect(change?.experience?.embedding).toHaveLength(384)
  })

  it('pulsevision_apis.rs test_watch_event_none_on_delete: no record', async (given) => {
    const id = await record(given)
    const watcher = await watch(given)
    await given.call('experience.delete', { collective: given.collective, id })
    const [change] = await watcher.next()
    expect(change).toMatchObject({ kind: 'deleted', id })
    expect(change).not.toHaveProperty('experience')
  })
}
