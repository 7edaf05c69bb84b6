import { describe, expect, test } from 'vitest'
import { Hearing } from './hearing.ts'

const TICK_MS = 250

const silentFor = (hearing: Hearing, ticks: number): boolean => {
  for (let tick = 0; tick < ticks; tick += 1) hearing.tick()
  return hearing.isDeaf
}

describe('hearing', () => {
  test('H1 H3 who hears nothing for half a second longer than others wait is deaf, until it hears something', () => {
    const hearing = new Hearing(TICK_MS)
    expect(silentFor(hearing, 10)).toBe(false)
    expect(silentFor(hearing, 1)).toBe(true)
    hearing.heard()
    expect(hearing.isDeaf).toBe(false)
  })

  test('H3 without a connection nobody is deaf; with a new one the ticks are counted afresh', () => {
    const hearing = new Hearing(TICK_MS)
    hearing.changed('disconnect')
    expect(silentFor(hearing, 100)).toBe(false)
    hearing.changed('reconnect')
    expect(silentFor(hearing, 10)).toBe(false)
    hearing.changed('ping')
    expect(silentFor(hearing, 1)).toBe(true)
  })
})
