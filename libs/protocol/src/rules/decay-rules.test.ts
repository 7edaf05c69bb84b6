import { isFault } from '@waggle/kernel'
import { describe, expect, test } from 'vitest'
import { DECAY_DEFAULT } from '../decay.ts'
import { FREQ_WEIGHT_MAX, HALF_LIFE_MS_MAX } from '../limits.ts'
import { checkDecay, checkWeights } from './decay-rules.ts'

const refusal = (check: () => void): unknown => {
  try {
    check()
  } catch (error) {
    return isFault(error) ? [error.code, error.details.field] : error
  }
  return undefined
}

describe('checkDecay', () => {
  test.each([
    DECAY_DEFAULT,
    { halfLifeMs: 1, freqWeight: 0, floor: 0 },
    { halfLifeMs: HALF_LIFE_MS_MAX, freqWeight: FREQ_WEIGHT_MAX, floor: 1, weights: { similarity: 0, energy: 1 } },
    { ...DECAY_DEFAULT, halfLifeMs: 1.5 },
  ])('takes %o', (decay) => {
    expect(
      refusal(() => {
        checkDecay(decay)
      }),
    ).toBeUndefined()
  })

  test.each([
    ['halfLifeMs', [0, 0.5, -1, HALF_LIFE_MS_MAX + 1, Infinity, NaN]],
    ['freqWeight', [-0.1, FREQ_WEIGHT_MAX + 1, Infinity, NaN]],
    ['floor', [-0.1, 1.1, Infinity, NaN]],
  ])('refuses a %s of any of %o', (name, values) => {
    for (const value of values) {
      const decay = { ...DECAY_DEFAULT, [name]: value }
      expect(
        refusal(() => {
          checkDecay(decay)
        }),
      ).toEqual(['INVALID_FIELD', `decay.${name}`])
    }
  })

  test('the first failure wins, weights come last', () => {
    const all = { halfLifeMs: 0, freqWeight: -1, floor: 2, weights: { similarity: 2, energy: 0 } }
    const order = ['halfLifeMs', 'freqWeight', 'floor', 'weights'] as const
    let decay: typeof all = all
    for (const name of order) {
      expect(
        refusal(() => {
          checkDecay(decay, 'settings.')
        }),
      ).toEqual(['INVALID_FIELD', `settings.decay.${name}`])
      decay = { ...decay, [name]: { ...DECAY_DEFAULT, weights: undefined }[name] }
    }
  })
})

describe('checkWeights', () => {
  test.each([
    [0.7, 0.3],
    [1, 0],
    [0, 1],
    [0.1 + 0.2, 0.7],
    [0.5, 0.50005],
    [0.5, 0.49995],
  ])('takes %d and %d', (similarity, energy) => {
    expect(
      refusal(() => {
        checkWeights({ similarity, energy }, 'weights')
      }),
    ).toBeUndefined()
  })

  test.each([
    [0.5, 0.6],
    [0.5, 0.4],
    [-0.1, 1.1],
    [1.1, -0.1],
    [NaN, 0.5],
    [0.5, NaN],
    [Infinity, 0],
    [Infinity, -Infinity],
    [0.5, 0.5002],
  ])('refuses %d and %d', (similarity, energy) => {
    expect(
      refusal(() => {
        checkWeights({ similarity, energy }, 'weights')
      }),
    ).toEqual(['INVALID_FIELD', 'weights'])
  })
})
