/**
 * Those who watch a collective from its first change on, and go on from their cursor whenever they are cut off; and the
 * log itself, read at the end.
 */
import { isFault } from '@waggle/kernel'
import { decodeWatchCursor, type Change } from '@waggle/protocol'
import type { CollectiveHandle } from '@waggle/sdk'
import type { Chance } from '../chance.ts'
import type { LoggedChange, LoggedFrame } from '../history/entry.ts'
import type { Recorder } from '../history/recorder.ts'
import { textOf } from './reader.ts'

export interface WatcherParts {
  readonly name: string
  readonly hive: CollectiveHandle
  readonly recorder: Recorder
  readonly chance: Chance
  /** Ends it. */
  readonly signal: AbortSignal
}

/** How many items a watcher takes before it goes away and comes back with its cursor. */
const STAY_MIN = 50
const STAY_MAX = 400

/** A watcher of either kind: how far it is. */
export interface Watching {
  /** The last sequence that it was told of. */
  readonly reached: () => number
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
}

interface Told {
  readonly sequence: number
}

/** Takes from a feed, begun anew at its cursor every now and then, until the signal. */
const follow = <Item>(
  { chance, signal, recorder, name: watcher }: WatcherParts,
  open: (from: string | undefined) => AsyncIterableIterator<Item> & { readonly cursor: string | undefined },
  take: (item: Item) => Told,
): Watching => {
  let reached = 0
  const isOver = (): boolean => signal.aborted
  const run = async (): Promise<void> => {
    let cursor: string | undefined
    while (!isOver()) {
      const feed = open(cursor)
      let stay = chance.between(STAY_MIN, STAY_MAX)
      try {
        for await (const item of feed) {
          reached = take(item).sequence
          ;({ cursor } = feed)
          stay -= 1
          if (stay < 0) break
        }
      } catch (error) {
        if (!isFault(error)) throw error
        // A feed waits for what passes by itself: what it tells is for good.
        if (!isOver()) recorder.add({ kind: 'cutOff', watcher, reason: `${error.code} ${error.message}` })
        return
      }
    }
  }
  return { reached: () => reached, ended: run() }
}

export const watchMemory = (parts: WatcherParts): Watching => {
  const { hive, recorder, name: watcher, signal } = parts
  recorder.add({ kind: 'watched', watcher, collective: hive.id, store: 'memory' })
  return follow(
    parts,
    (from) => hive.watch({ from: from ?? 'start', signal }),
    (change) => {
      const logged = changeOf(hive.id, change)
      recorder.add({ kind: 'seenChange', watcher, ...logged })
      return logged
    },
  )
}

export const watchKeys = (parts: WatcherParts): Watching => {
  const { hive, recorder, name: watcher, signal } = parts
  recorder.add({ kind: 'watched', watcher, collective: hive.id, store: 'keys' })
  return follow(
    parts,
    (from) => hive.keys.subscribe(from === undefined ? { since: 1, signal } : { from, signal }),
    (frame) => {
      const logged = frameOf(hive.id, frame)
      recorder.add({ kind: 'seenFrame', watcher, ...logged })
      return logged
    },
  )
}

const changeOf = (collective: string, { cursor, kind, entity, id }: Change): LoggedChange => {
  const { sequence, index } = decodeWatchCursor(cursor, 'cursor').address
  return { collective, sequence, index, change: kind, entity, id }
}

interface SeenBatch {
  readonly sequence: number
  readonly entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[]
  readonly deleted: readonly Uint8Array[]
}

const frameOf = (collective: string, { sequence, entries, deleted }: SeenBatch): LoggedFrame => ({
  ...{ collective, sequence },
  entries: entries.map(([key, value]) => [textOf(key), textOf(value)] as const),
  deleted: deleted.map(textOf),
})

/** The log of a collective as it stands when nobody writes any more. @returns its last sequences */
export const readLog = async (
  hive: CollectiveHandle,
  recorder: Recorder,
): Promise<{ readonly memory: number; readonly keys: number }> => {
  const strong = { consistency: 'strong' as const }
  let memory = 0
  for (let from = 'start'; ;) {
    const { changes, next } = await hive.poll({ from, max: 1_000 }, strong)
    if (changes.length === 0) break
    for (const change of changes) {
      const logged = changeOf(hive.id, change)
      memory = logged.sequence
      recorder.add({ kind: 'change', ...logged })
    }
    from = next
  }
  const keys = await hive.keys.currentSequence(strong)
  const frames = hive.keys.subscribe({ since: 1 })
  for (let last = 0; last < keys;) {
    const { value } = await frames.next()
    if (value === undefined) break
    last = value.sequence
    recorder.add({ kind: 'frame', ...frameOf(hive.id, value) })
  }
  await frames.return()
  return { memory, keys }
}
