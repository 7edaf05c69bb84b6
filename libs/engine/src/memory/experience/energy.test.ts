import { DECAY_DEFAULT, type DecayConfig } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { energyOf, type EnergyInputs } from './energy.ts'

const NOW = 1_700_000_000_000
const { halfLifeMs } = DECAY_DEFAULT

const at = (inputs: Partial<EnergyInputs>, elapsedMs = 0, decay = DECAY_DEFAULT): number =>
  energyOf({ importance: 0.5, applications: 0, lastReinforced: NOW, ...inputs }, NOW + elapsedMs, decay)

const unit = fc.double({ min: 0, max: 1, noNaN: true }).map(Math.fround)
const inputs = fc.record({
  importance: unit,
  applications: fc.nat(0xffff_ffff - 1),
  lastReinforced: fc.nat(2 * NOW),
})
const decay: fc.Arbitrary<DecayConfig> = fc.record({
  halfLifeMs: fc.double({ min: 1, max: 1e12, noNaN: true }),
  freqWeight: fc.double({ min: 0, max: 1_000, noNaN: true }),
  floor: unit,
})
const time = fc.nat(2 * NOW)

describe('energy', () => {
  test('is the importance of what was just recorded', () => {
    expect(at({ importance: Math.fround(0.9) })).toBe(Math.fround(0.9))
  })

  test.each([
    [1, 0.5],
    [2, 0.25],
    [10, 0.5 ** 10],
  ])('%d half-lives without reinforcement leave %d of it', (count, left) => {
    expect(at({ importance: 1 }, count * halfLifeMs)).toBe(Math.fround(left))
  })

  test.each([
    [1, 1.1733],
    [10, 1.5995],
    [100, 2.1538],
  ])('%d reinforcements lift it by the published factor %d', (applications, factor) => {
    expect(at({ importance: 0.25, applications }) / 0.25).toBeCloseTo(factor, 4)
  })

  test('many reinforcements saturate at 1', () => {
    expect(at({ importance: 0.5, applications: 100 })).toBe(1)
  })

  test('a half-life below a second is as good as any', () => {
    expect(at({ importance: 1 }, 10, { ...DECAY_DEFAULT, halfLifeMs: 10 })).toBe(0.5)
  })

  test('N2 a reinforcement ahead of the clock counts as one of now', () => {
    expect(at({ importance: 0.5, lastReinforced: NOW + 60_000 })).toBe(0.5)
  })

  test('N1 lies in 0..1 in single precision', () => {
    fc.assert(
      fc.property(inputs, time, decay, (row, now, config) => {
        const energy = energyOf(row, now, config)
        expect(energy >= 0 && energy <= 1 && Math.fround(energy) === energy).toBe(true)
      }),
    )
  })

  test('N2 never rises while time passes', () => {
    fc.assert(
      fc.property(inputs, time, fc.nat(NOW), decay, (row, now, later, config) => {
        expect(energyOf(row, now + later, config)).toBeLessThanOrEqual(energyOf(row, now, config))
      }),
    )
  })

  test('N3 a reinforcement never lowers it', () => {
    fc.assert(
      fc.property(inputs, time, decay, (row, now, config) => {
        const lastReinforced = Math.max(now, row.lastReinforced)
        const reinforced = { ...row, applications: row.applications + 1, lastReinforced }
        expect(energyOf(reinforced, now, config)).toBeGreaterThanOrEqual(energyOf(row, now, config))
      }),
    )
  })

  test('N3 a reinforcement raises what is neither full nor worthless', () => {
    const before = at({}, halfLifeMs)
    expect(
      energyOf({ importance: 0.5, applications: 1, lastReinforced: NOW + halfLifeMs }, NOW + halfLifeMs, DECAY_DEFAULT),
    ).toBeGreaterThan(before)
  })
})
