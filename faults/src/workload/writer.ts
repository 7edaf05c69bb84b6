/** A lane that writes: memories, uses of them, relations, deletions, keys; and now and then sends a write once more. */
import { pause, systemTimers } from '@waggle/kernel'
import type { Chance } from '../chance.ts'
import type { Board } from './board.ts'
import { embeddingOf } from './embedding.ts'
import type { Lane, Outcome, Plan } from './lane.ts'

export interface WriterParts {
  readonly name: string
  readonly lane: Lane
  /** Another way to the same collective: repetitions go there. */
  readonly other: Lane
  readonly board: Board
  readonly chance: Chance
  readonly isOver: () => boolean
}

const PAUSE_MS_MIN = 5
const PAUSE_MS_MAX = 40
/** Hot keys of a collective. */
const KEYS = 24
/** How often a write that was answered is sent again, with the same key and body. */
const AGAIN = 0.06

type Made = Omit<Plan, 'key'>

export class Writer {
  readonly #parts: WriterParts
  #count = 0

  constructor(parts: WriterParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    const { lane, other, chance, isOver } = this.#parts
    while (!isOver()) {
      const choice = this.#choose()
      const key = `${this.#parts.name} ${this.#count}`
      const plan = keyed(choice.made, key)
      const outcome = await lane.do(plan)
      if (outcome !== undefined) {
        choice.answered(outcome)
        if (chance.fraction() < AGAIN) await other.do({ ...plan, again: outcome.op })
      }
      await pause(systemTimers, chance.between(PAUSE_MS_MIN, PAUSE_MS_MAX))
    }
  }

  #choose(): { readonly made: Made & Keyed; answered(outcome: Outcome): void } {
    const { chance, board } = this.#parts
    this.#count += 1
    const mark = `${this.#parts.name}-${this.#count}`
    const draw = chance.fraction()
    const used = draw < 0.2 ? chance.pick(board.lasting) : undefined
    if (used !== undefined) return { made: reinforce(used.id), answered: () => undefined }
    const [source, target] = [chance.pick(board.unrelated), chance.pick(board.lasting)]
    if (draw < 0.3 && source !== undefined && target !== undefined && source !== target.id) {
      board.related(source)
      return { made: relate(source, target.id), answered: () => undefined }
    }
    const doomed = draw < 0.38 ? board.takeDoomed() : undefined
    if (doomed !== undefined) return { made: forget(doomed), answered: () => undefined }
    if (draw < 0.65) {
      const keys = [...new Set([1, 2, 3].map(() => `key-${chance.below(KEYS)}`))]
      return { made: put(keys, mark), answered: () => undefined }
    }
    if (draw < 0.7) return { made: put([`once-${mark}`], mark), answered: () => board.keyMade(`once-${mark}`) }
    const gone = draw < 0.74 ? board.takeKey() : undefined
    if (gone !== undefined) return { made: remove(gone), answered: () => undefined }
    const isDoomed = chance.fraction() < 0.3
    return {
      made: record(mark),
      answered: ({ result, token }) => board.recorded(result.id ?? '', mark, token, isDoomed),
    }
  }
}

/** The key comes in by the call, and stands in the history. */
interface Keyed {
  readonly write: (hive: Lane['hive'], options: { readonly idempotencyKey: string }) => ReturnType<Plan['call']>
}

const keyed = ({ write, ...made }: Made & Keyed, key: string): Plan => ({
  ...made,
  key,
  call: (hive) => write(hive, { idempotencyKey: key }),
})

const make = (name: Plan['name'], args: Plan['args'], write: Keyed['write']): Made & Keyed => ({
  ...{ name, args, write },
  call: async () => ({}),
})

const record = (mark: string): Made & Keyed =>
  make('record', { mark }, async (hive, options) => {
    const { id } = await hive.record({ content: mark, embedding: embeddingOf(mark) }, options)
    return { id }
  })

const reinforce = (id: string): Made & Keyed =>
  make('reinforce', { id }, async (hive, options) => {
    const { applications } = await hive.reinforce(id, options)
    return { applications }
  })

const relate = (source: string, target: string): Made & Keyed =>
  make('relate', { id: source, target }, async (hive, options) => {
    const { id } = await hive.relate({ source, target, type: 'supports', strength: 0.5 }, options)
    return { id }
  })

const forget = (id: string): Made & Keyed =>
  make('delete', { id }, async (hive, options) => {
    await hive.delete(id, options)
    return {}
  })

const put = (keys: readonly string[], mark: string): Made & Keyed =>
  make('put', { mark, keys }, async (hive, options) => {
    await hive.keys.put(
      keys.map((key) => [key, mark] as const),
      options,
    )
    return {}
  })

const remove = (key: string): Made & Keyed =>
  make('remove', { keys: [key] }, async (hive, options) => {
    await hive.keys.delete([key], options)
    return {}
  })
