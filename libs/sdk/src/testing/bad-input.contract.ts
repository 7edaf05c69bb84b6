/**
 * Bad input of every kind, in every place (P10): a typed fault that names the field, never another error; nothing
 * changes, and nothing stops.
 */
import { isFault } from '@waggle/kernel'
import type { Experience } from '@waggle/protocol'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { query, slots, there } from './bad-input-slots.ts'
import type { Slot, Target } from './slot.ts'
import { bushyMap, hostileValues } from './hostile-values.ts'
import { everything, experience } from './samples.ts'
import { DIMENSION, sharedStore, type OpenStore } from './store-under-test.ts'

/** What a call with a hostile value may end with: success where the value is one that may stand there, or a fault. */
const outcomeOf = async (call: () => Promise<unknown>): Promise<string> => {
  let promise: Promise<unknown>
  try {
    promise = call()
  } catch (error) {
    return `thrown at once: ${String(error)}`
  }
  try {
    await promise
    return 'done'
  } catch (error) {
    if (!isFault(error)) return `no fault: ${String(error)}`
    if (error.kind === 'invalid' && typeof error.details.field !== 'string' && error.code !== 'REQUEST_TOO_LARGE')
      return `a fault of no field: ${error.code}`
    if (error.message.length > 1_000) return `a message of ${error.message.length} characters`
    JSON.stringify(error)
    return error.kind
  }
}

/** Objects without anything of their own, whatever their prototype. */
const emptyMaps = ['empty map', 'false date', 'false vector']

const timeless = ({ collective: _, createdAt: _created, lastReinforced: _last, ...fields }: Experience) => fields

const ENDS = new Set(['done', 'invalid', 'notFound', 'conflict', 'lost'])

export const badInputContract = (open: OpenStore): void => {
  describe('bad input', () => {
    const store = sharedStore(open)

    const target = async (): Promise<Target> => {
      const hive = await store.collective()
      await hive.record(experience({ id: there }))
      return { waggle: store.waggle, hive }
    }

    it.each(Object.entries(slots))('P10 %s: every value that may not stand there is a fault', async (name, slot) => {
      const odd: string[] = []
      let at = await target()
      const before = await everything(at.hive)
      for (const [title, make] of Object.entries(hostileValues)) {
        const outcome = await outcomeOf(() => slot(at, make() as never))
        if (!ENDS.has(outcome)) odd.push(`${name} = ${title}: ${outcome}`)
        if (outcome === 'done') at = await target()
      }
      expect(odd).toEqual([])
      // What was refused has changed nothing.
      expect((await everything(at.hive)).map(timeless)).toEqual(before.map(timeless))
    })

    it.each(['record(…)', 'recordMany([…])', 'update(id, …)', 'search(…)', 'stats(…)', 'filter of list'])(
      'P11 %s: a map that is small in memory and endless when it is walked is refused within seconds',
      async (name) => {
        const [, slot] = Object.entries(slots).find(([slotName]) => slotName === name) ?? []
        expect(await outcomeOf(async () => slot?.(await target(), bushyMap() as never))).toBe('invalid')
      },
    )

    it.each<[string, Slot, string[]]>([
      ['an id', ({ hive }, value) => hive.get(value), []],
      ['an experience', ({ hive }, value) => hive.record(value), []],
      ['experiences', ({ hive }, value) => hive.recordMany(value), ['empty list']],
      ['content', ({ hive }, value) => hive.record(experience({ content: value })), ['text']],
      [
        'importance',
        ({ hive }, value) => hive.record(experience({ importance: value })),
        ['null', 'undefined', 'zero', 'fraction'],
      ],
      ['a filter', ({ hive }, value) => hive.list({ filter: value }), ['null', 'undefined', ...emptyMaps]],
      ['a time', ({ hive }, value) => hive.list({ filter: { since: value } }), ['null', 'undefined', 'zero', 'date']],
      ['a query', ({ hive }, value) => hive.list(value), ['undefined', ...emptyMaps]],
      ['options', ({ hive }, value) => hive.stats(value), ['undefined', ...emptyMaps]],
    ])('P10 exactly what may stand there is taken as %s', async (_name, slot, taken) => {
      const done: string[] = []
      const at = await target()
      for (const [title, make] of Object.entries(hostileValues))
        if ((await outcomeOf(() => slot(at, make() as never))) === 'done') done.push(title)
      expect(done).toEqual(taken)
    })

    it('P10 whatever is passed wherever, a call ends with a fault or well: a property', async () => {
      const anything = fc.anything({
        ...{ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withNullPrototype: true },
        ...{ withObjectString: true, withSet: true, withSparseArray: true, withTypedArray: true, maxDepth: 3 },
      })
      const at = await target()
      const entries = Object.entries(slots).filter(([name]) => !name.startsWith('deleteCollective'))
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...entries), anything, async ([, slot], value) => {
          expect(ENDS).toContain(await outcomeOf(() => slot(at, value as never)))
        }),
        { numRuns: 1_500 },
      )
    })

    it('P10 records that are nearly what they should be are refused or come back whole', async () => {
      const { hive } = await target()
      const nearly = fc.record(
        {
          content: fc.oneof(fc.string({ unit: 'binary' }), fc.constant('x'), fc.integer()),
          embedding: fc.oneof(
            fc.array(fc.oneof(fc.double(), fc.integer({ min: -2, max: 2 })), { minLength: 3, maxLength: 5 }),
            fc.float32Array({ minLength: DIMENSION, maxLength: DIMENSION }),
          ),
          importance: fc.double({ min: -0.1, max: 1.1 }),
          domain: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
          sourceTask: fc.string(),
        },
        { requiredKeys: [] },
      )
      await fc.assert(
        fc.asyncProperty(nearly, async (fields) => {
          const call = async (): Promise<void> => {
            const { id } = await hive.record(fields as never)
            const found = await hive.get(id)
            const { embedding, importance = 0.5, ...others } = fields
            expect(found).toMatchObject({ ...others, importance: Math.fround(importance) + 0 })
            expect(found?.embedding).toEqual(Float32Array.from(embedding ?? []))
          }
          expect(['done', 'invalid']).toContain(await outcomeOf(call))
        }),
        { numRuns: 300 },
      )
    })

    afterAll(async () => {
      // After all that the store works as on the first day.
      const { hive } = await target()
      const { id } = await hive.record(experience())
      expect((await hive.search(query)).results.map((hit) => hit.experience.id)).toContain(id)
      expect(await hive.stats()).toMatchObject({ experienceCount: 2 })
    })
  })
}
