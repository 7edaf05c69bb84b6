import { describe, expect, it } from 'vitest'
import { excerpt, isWellFormed } from './unicode.ts'

describe('isWellFormed', () => {
  it.each(['', 'text', 'é日🐝', '\0', '\ufffd', '\ufeff', '\ud83d\udc1d', 'a'.repeat(100_000)])('takes %o', (text) => {
    expect(isWellFormed(text)).toBe(true)
  })

  it.each(['\ud83d', '\udc1d', 'a\ud800b', '\udc1d\ud83d', '\ud83d\ud83d\udc1d', `${'é'.repeat(10_000)}\udfff`])(
    'finds the lone surrogate of %o',
    (text) => {
      expect(isWellFormed(text)).toBe(false)
    },
  )
})

describe('excerpt', () => {
  it('keeps a short text as it is', () => {
    expect(excerpt('domain[3]')).toBe('domain[3]')
    expect(excerpt('🐝'.repeat(50))).toBe('🐝'.repeat(50))
  })

  it('P11 cuts a long one', () => {
    expect(excerpt('x'.repeat(8_000_000))).toBe('x'.repeat(100))
  })

  it('is well-formed, also where it cuts a character or was given half of one', () => {
    expect(excerpt(`x${'🐝'.repeat(60)}`)).toBe(`x${'🐝'.repeat(49)}\ufffd`)
    expect(excerpt('a\ud800b')).toBe('a\ufffdb')
  })
})
