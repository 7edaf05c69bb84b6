import { describe, expect, it } from 'vitest'
import { utf8 } from '@waggle/kernel'
import { Overlay } from './overlay.ts'

const key = utf8
const value = utf8

const contentOf = (overlay: Overlay): (readonly [string, string | undefined])[] =>
  overlay
    .changes()
    .map((change) => [
      Buffer.from(change.key).toString(),
      change.value === undefined ? undefined : Buffer.from(change.value).toString(),
    ])

describe('Overlay', () => {
  it('P3 an attempt that throws leaves what was staged before it, and nothing else', () => {
    const overlay = new Overlay({ get: () => undefined })
    overlay.put(key('kept'), value('1'))
    overlay.put(key('deleted'), value('22'))
    const [writes, bytes] = [overlay.writes, overlay.bytes]
    const broken = new Error('broken')
    expect(() =>
      overlay.attempt(() => {
        overlay.put(key('kept'), value('333'))
        overlay.put(key('kept'), value('4444'))
        overlay.delete(key('deleted'))
        overlay.put(key('new'), value('55555'))
        throw broken
      }),
    ).toThrow(broken)
    expect(contentOf(overlay)).toEqual([
      ['kept', '1'],
      ['deleted', '22'],
    ])
    expect([overlay.writes, overlay.bytes]).toEqual([writes, bytes])
  })

  it('P3 an attempt that succeeds is not taken back by a later one', () => {
    const overlay = new Overlay({ get: () => undefined })
    const result = overlay.attempt(() => {
      overlay.put(key('first'), value('1'))
      return 'done'
    })
    expect(result).toBe('done')
    expect(() =>
      overlay.attempt(() => {
        overlay.put(key('first'), value('2'))
        throw new Error('broken')
      }),
    ).toThrow()
    overlay.put(key('second'), value('3'))
    expect(contentOf(overlay)).toEqual([
      ['first', '1'],
      ['second', '3'],
    ])
  })

  it('shows what is staged over what lies below, through any number of overlays', () => {
    const base = new Overlay({ get: (asked) => (asked[0] === 0x61 ? value('below') : undefined) })
    const upper = new Overlay(new Overlay(base))
    base.put(key('b'), value('staged'))
    expect(Buffer.from(upper.get(key('a')) ?? []).toString()).toBe('below')
    expect(Buffer.from(upper.get(key('b')) ?? []).toString()).toBe('staged')
    upper.delete(key('b'))
    expect(upper.get(key('b'))).toBeUndefined()
    expect(base.get(key('b'))).toBeDefined()
  })
})
