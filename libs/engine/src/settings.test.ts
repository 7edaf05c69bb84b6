import { DECAY_DEFAULT } from '@waggle/protocol'
import { expect, test } from 'vitest'
import { checkSettings, DEFAULT_SETTINGS } from './settings.ts'

test("PulseDB's published defaults are taken", () => {
  checkSettings(DEFAULT_SETTINGS)
  expect(DEFAULT_SETTINGS).toEqual({
    decay: { halfLifeMs: 2_592_000_000, freqWeight: 0.25, floor: 0.05 },
    activityStaleMs: 300_000,
  })
})

test.each([
  ['decay.halfLifeMs', { decay: { ...DECAY_DEFAULT, halfLifeMs: 0, floor: 2 } }],
  ['decay.freqWeight', { decay: { ...DECAY_DEFAULT, freqWeight: Infinity } }],
  ['decay.floor', { decay: { ...DECAY_DEFAULT, floor: NaN }, activityStaleMs: -1 }],
  ['decay.weights', { decay: { ...DECAY_DEFAULT, weights: { similarity: 1, energy: 1 } } }],
  ['activityStaleMs', { activityStaleMs: -1 }],
  ['activityStaleMs', { activityStaleMs: NaN }],
  ['activityStaleMs', { activityStaleMs: Infinity }],
])('P10 settings are refused by the name of the setting: %s', (field, settings) => {
  let refused: unknown
  try {
    checkSettings({ ...DEFAULT_SETTINGS, ...settings })
  } catch (error) {
    refused = error
  }
  expect(refused).toMatchObject({ code: 'INVALID_FIELD', details: { field } })
})
