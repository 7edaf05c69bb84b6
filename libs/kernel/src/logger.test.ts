import { expect, it } from 'vitest'
import { silentLogger } from './logger.ts'

it('silentLogger says nothing, at any level', () => {
  for (const level of ['debug', 'info', 'warn', 'error'] as const)
    expect(() => {
      silentLogger[level]('something happened', { sequence: 1 })
    }).not.toThrow()
})
