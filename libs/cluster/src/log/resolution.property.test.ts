/**
 * Whatever a server answers that does not lie about what it has: the position of the append is a slot that stays empty,
 * takes our record, or takes another one; answers may be lost, messages may land late, reads may lag or fail.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { beginResolution, stepResolution, type Resolution, type ResolutionEvent } from './resolution.ts'

type Slot = 'empty' | 'own' | 'other'

interface World {
  slot: Slot
  /** Copies of ours that are still on their way. */
  late: number
}

/** One decision of the world: what happens beside, and what is answered where there is a choice. */
interface Chance {
  readonly beside: 'nothing' | 'landsLate' | 'otherWrites'
  readonly arrives: 'now' | 'late' | 'never'
  readonly answer: 'true' | 'lost' | 'vague'
  readonly vague: 'full' | 'transient' | 'unknown' | 'wrongSequence'
  readonly reading: 'true' | 'lagging' | 'unreadable' | 'failed'
}

const arbitraryChance: fc.Arbitrary<Chance> = fc.record({
  beside: fc.constantFrom('nothing', 'nothing', 'nothing', 'landsLate', 'otherWrites'),
  arrives: fc.constantFrom('now', 'now', 'late', 'never'),
  answer: fc.constantFrom('true', 'true', 'lost', 'vague'),
  vague: fc.constantFrom('full', 'transient', 'unknown', 'wrongSequence'),
  reading: fc.constantFrom('true', 'true', 'lagging', 'unreadable', 'failed'),
})

const happenBeside = (world: World, { beside }: Chance): void => {
  if (beside === 'otherWrites' && world.slot === 'empty') world.slot = 'other'
  if (beside === 'landsLate' && world.late > 0) {
    world.late -= 1
    if (world.slot === 'empty') world.slot = 'own'
  }
}

const publish = (world: World, { arrives, answer, vague }: Chance): ResolutionEvent => {
  if (arrives === 'late') world.late += 1
  if (arrives !== 'now') return answer === 'vague' ? vague : 'noAnswer'
  const before = world.slot
  // What is refused for another reason is not stored.
  if (answer === 'vague') return vague
  if (before === 'empty') world.slot = 'own'
  if (answer === 'lost') return 'noAnswer'
  if (before === 'empty') return 'stored'
  return before === 'own' && vague === 'unknown' ? 'duplicate' : 'wrongSequence'
}

const read = (world: World, { reading }: Chance): ResolutionEvent => {
  if (reading === 'failed') return 'readFailed'
  if (reading === 'lagging' || world.slot === 'empty') return 'absent'
  return reading === 'unreadable' ? 'unreadable' : world.slot
}

const resolve = (world: World, chances: readonly Chance[]): Resolution => {
  let { state, effects } = beginResolution()
  for (const chance of chances) {
    happenBeside(world, chance)
    const effect = effects.at(-1)!
    if (effect.kind === 'done') return effect.resolution
    const answers = { publish, read, wait: () => 'waited' as const, trouble: () => 'waited' as const }
    ;({ state, effects } = stepResolution(state, answers[effect.kind](world, chance)))
  }
  const last = effects.at(-1)!
  if (last.kind === 'done') return last.resolution
  return stepResolution(state, 'deadline').effects.flatMap((effect) =>
    effect.kind === 'done' ? [effect.resolution] : [],
  )[0]!
}

describe('resolution of an append', () => {
  test('V1 V2 V3 V4 V5 says appended only when the record is there, and fenced only when another one is', () => {
    const seen = { appended: 0, fenced: 0, unknown: 0 }
    fc.assert(
      fc.property(
        fc.array(arbitraryChance, { minLength: 1, maxLength: 30 }),
        fc.constantFrom<Slot>('empty', 'empty', 'other'),
        (chances, slot) => {
          const world: World = { slot, late: 0 }
          const resolution = resolve(world, chances)
          seen[resolution] += 1
          if (resolution === 'appended') expect(world.slot).toBe('own')
          if (resolution === 'fenced') expect(world.slot).toBe('other')
        },
      ),
      { numRuns: 5_000 },
    )
    // The generator reaches all three ends, else it would prove nothing.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(100)
  })

  test('V5 ends, once the world is honest and quick', () => {
    fc.assert(
      fc.property(fc.array(arbitraryChance, { maxLength: 10 }), (chances) => {
        const honest: Chance = { beside: 'nothing', arrives: 'now', answer: 'true', vague: 'unknown', reading: 'true' }
        const after = Array.from({ length: 8 }, () => honest)
        expect(['appended', 'fenced']).toContain(resolve({ slot: 'empty', late: 0 }, [...chances, ...after]))
      }),
      { numRuns: 2_000 },
    )
  })
})
