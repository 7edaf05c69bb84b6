/** Replay and live are one: watchers that begin anywhere, in pages of any size, see every change once and in order. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Change } from '@waggle/protocol'
import { openHive, type WatchedHive } from '../testing/watched-hive.ts'

const write = fc.oneof(
  fc.record({ kind: fc.constant('record' as const), importance: fc.constantFrom(0.25, 0.75) }),
  fc.record({ kind: fc.constant('recordMany' as const), count: fc.integer({ min: 1, max: 7 }) }),
  fc.record({ kind: fc.constantFrom('archive', 'unarchive', 'reinforce', 'delete', 'update'), which: fc.nat(20) }),
)
type Write = typeof write extends fc.Arbitrary<infer Value> ? Value : never

const perform = async (hive: WatchedHive, ids: string[], command: Write): Promise<void> => {
  if (command.kind === 'record')
    ids.push(await hive.record({ importance: (command as { importance: number }).importance }))
  else if (command.kind === 'recordMany') ids.push(...(await hive.recordMany((command as { count: number }).count)))
  else {
    const id = ids[(command as { which: number }).which]
    if (id === undefined) return
    const patch = command.kind === 'update' ? { patch: { importance: 0.5 } } : {}
    // What is deleted already is not there.
    await hive.call(`experience.${command.kind}` as 'experience.delete', { id, ...patch }).catch(() => undefined)
  }
}

const labels = (changes: readonly Change[]): string[] =>
  changes.map(({ cursor, kind, id }) => `${cursor} ${kind} ${id}`)

const watcher = fc.record({
  /** After so many writes it begins. */
  beginsAfter: fc.nat(10),
  fromStart: fc.boolean(),
  max: fc.integer({ min: 1, max: 5 }),
  /** After so many changes it is cut off, and goes on behind the last that it has seen. */
  cutEvery: fc.integer({ min: 1, max: 9 }),
  minImportance: fc.constantFrom(undefined, 0.5),
})

test('P6 every watcher sees every change that matches once and in order, cut off anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(write, { minLength: 1, maxLength: 25 }),
      fc.array(watcher, { minLength: 1, maxLength: 4 }),
      async (writes, watchers) => {
        const hive = await openHive()
        const state = { isOver: false }
        const watch = async ({ max, cutEvery, ...rest }: (typeof watchers)[number], begin: string) => {
          const filter = rest.minImportance === undefined ? {} : { minImportance: rest.minImportance }
          const seen: Change[] = []
          for (let from = begin; ;) {
            const { isOver } = state
            const reply = await hive.next({ from, filter, max, waitMs: isOver ? 0 : 5 })
            if (isOver && reply.changes.length === 0 && reply.more !== true) return { begin, filter, seen }
            const kept = reply.changes.slice(0, cutEvery)
            seen.push(...kept)
            from = kept.length < reply.changes.length ? (kept.at(-1)?.cursor ?? from) : reply.next
          }
        }
        const running: ReturnType<typeof watch>[] = []
        const ids: string[] = []
        for (const [index, command] of writes.entries()) {
          for (const each of watchers.filter(({ beginsAfter }) => beginsAfter === index))
            running.push(watch(each, each.fromStart ? 'start' : (await hive.next()).next))
          await perform(hive, ids, command)
        }
        state.isOver = true
        for (const { begin, filter, seen } of await Promise.all(running))
          expect(labels(seen)).toEqual(labels(await hive.rest({ from: begin, filter })))
        await hive.engine.engine.close()
      },
    ),
    { numRuns: 60 },
  )
})
