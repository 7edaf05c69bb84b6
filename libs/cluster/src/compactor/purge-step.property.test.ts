/**
 * Purging against every interleaving of holds, checkpoints, registrations and crashes: the leader's side is DESIGN K1
 * in a few lines, the stream is a pair of bounds, and several compactors act on what they were told some time ago.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextPurge, STEP_RECORDS_MAX } from './purge-step.ts'

describe('the next step', () => {
  test.each([
    ['nothing below the horizon', { first: 5, last: 9 }, 5, undefined],
    ['the horizon is behind', { first: 5, last: 9 }, 3, undefined],
    ['up to the horizon', { first: 1, last: 9 }, 5, 5],
    ['all but the last record', { first: 1, last: 9 }, 9, 9],
    ['a stream that ends before the horizon is left alone', { first: 1, last: 9 }, 10, undefined],
    ['an empty stream', { first: 10, last: 9 }, 9, undefined],
    ['an empty stream that never had a record', { first: 1, last: 0 }, 1, undefined],
    ['a bounded step', { first: 7, last: 1e6 }, 9e5, 7 + STEP_RECORDS_MAX],
  ])('K1 U1 U2 U3 %s', (_, bounds, horizon, below) => {
    expect(nextPurge(bounds, horizon)).toBe(below)
  })
})

type Deed =
  | { readonly kind: 'append'; readonly records: number }
  | { readonly kind: 'hold' | 'strike' | 'register' | 'moveHorizon' | 'look' | 'purge' | 'crash'; readonly who: number }
  | { readonly kind: 'checkpoint' }

const deeds: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), records: fc.integer({ min: 1, max: 50_000 }) }),
  fc.record({
    kind: fc.constantFrom('hold', 'strike', 'register', 'moveHorizon', 'look', 'purge', 'crash'),
    who: fc.nat(2),
  }),
  fc.constant({ kind: 'checkpoint' } as const),
)

/** What a compactor was told, and when it looked: both may be old by the time it purges. */
interface Told {
  horizon: number
  bounds: { first: number; last: number } | undefined
}

/** A log with replicas that hold it, as the leader sees it. */
class World {
  first = 1
  last = 1
  horizon = 1
  checkpoint: number | undefined
  readonly holds = new Map<number, number>([[0, 1]])
  readonly compactors: Told[] = [0, 1, 2].map(() => ({ horizon: 1, bounds: undefined }))

  do(deed: Deed): void {
    if (deed.kind === 'append') this.last += deed.records
    else if (deed.kind === 'checkpoint') this.checkpoint = this.last
    else this[deed.kind](deed.who)
  }

  hold(who: number): void {
    if (this.holds.has(who)) this.holds.set(who, this.last)
  }

  strike(who: number): void {
    if (this.holds.size > 1) this.holds.delete(who)
  }

  /** One that comes with an old state: as low as the leader lets it. */
  register(who: number): void {
    if (!this.holds.has(who)) this.holds.set(who, this.horizon)
  }

  moveHorizon(who: number): void {
    const limit = Math.min(...this.holds.values(), this.checkpoint ?? 0)
    this.horizon = Math.max(this.horizon, limit)
    this.compactors[who]!.horizon = this.horizon
  }

  look(who: number): void {
    this.compactors[who]!.bounds = { first: this.first, last: this.last }
  }

  purge(who: number): void {
    const { bounds, horizon } = this.compactors[who]!
    const below = bounds && nextPurge(bounds, horizon)
    if (below === undefined) return
    expect(below).toBeLessThanOrEqual(this.last)
    this.first = Math.max(this.first, below)
  }

  crash(who: number): void {
    this.compactors[who] = { horizon: 1, bounds: undefined }
  }
}

test('K1 P9 U4 no interleaving of holds, checkpoints, purges and crashes takes what somebody needs', () => {
  fc.assert(
    fc.property(fc.array(deeds, { maxLength: 120 }), (history) => {
      const world = new World()
      for (const deed of history) {
        const before = world.first
        world.do(deed)
        expect(world.first).toBeGreaterThanOrEqual(before)
        expect(world.first).toBeLessThanOrEqual(world.last)
        // A replica reads on from the record of its hold, one that was struck off from the one of the checkpoint.
        for (const hold of world.holds.values()) expect(world.first).toBeLessThanOrEqual(hold)
        expect(world.first).toBeLessThanOrEqual(world.checkpoint ?? 1)
      }
    }),
    { numRuns: 300, seed: 20_261_122 },
  )
})

test('K1 U4 whoever goes on after the others have crashed reaches the horizon, in bounded steps', () => {
  fc.assert(
    fc.property(fc.array(deeds, { maxLength: 60 }), (history) => {
      const world = new World()
      for (const deed of history) world.do(deed)
      world.do({ kind: 'moveHorizon', who: 0 })
      const steps = Math.ceil((world.horizon - world.first) / STEP_RECORDS_MAX)
      for (let step = 0; step < steps; step += 1) {
        world.do({ kind: 'look', who: 0 })
        world.do({ kind: 'purge', who: 0 })
      }
      expect(world.first).toBe(world.horizon)
    }),
    { numRuns: 100, seed: 20_261_122 },
  )
})
