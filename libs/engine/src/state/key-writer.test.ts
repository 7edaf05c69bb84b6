import { AssertionError, utf8, type Uuid } from '@waggle/kernel'
import type { Sequence, TenantId, Uint64Text } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { experienceKey } from './keyspace.ts'
import { KeyWriter } from './key-writer.ts'

const ID = '0190b2c0-1111-7abc-8def-0123456789ab' as Uuid
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('KeyWriter', () => {
  it('writes numbers so that bytes sort as they do', () => {
    const writer = new KeyWriter()
    expect(hex(writer.start(1).u16(0xabcd).end())).toBe('01abcd')
    expect(hex(writer.start(1).u64(Number.MAX_SAFE_INTEGER).end())).toBe('01001fffffffffffff')
    expect(
      hex(
        writer
          .start(1)
          .u64(2 ** 32)
          .end(),
      ),
    ).toBe('010000000100000000')
    const address = { sequence: 0x8000_0001 as Sequence, index: 0xffff_fffe }
    expect(hex(writer.start(1).address(address).end())).toBe('010000000080000001fffffffe')
    expect(
      hex(
        writer
          .start(1)
          .uint64('18446744073709551615' as Uint64Text)
          .end(),
      ),
    ).toBe('01ffffffffffffffff')
  })

  it.each(['', 'plain', 'grüße', '日本語', '🐝 and more', 'plain, then é'])('writes %o as its UTF-8', (text) => {
    const writer = new KeyWriter()
    expect(hex(writer.start(7).text(text).end())).toBe(`07${hex(utf8(text))}`)
    const sized = hex(utf8(text))
    const length = Buffer.of(sized.length / 2).toString('hex')
    expect(hex(writer.start(7).sized(text).uuid(ID).end())).toBe(`07${length}${sized}${ID.replaceAll('-', '')}`)
  })

  it('refuses a text whose length does not fit into a byte: two keys could be one', () => {
    const writer = new KeyWriter()
    expect(writer.start(1).sized('é'.repeat(127)).end()).toHaveLength(2 + 254)
    expect(() => writer.start(1).sized('é'.repeat(128))).toThrow(AssertionError)
  })

  it('gives keys of their own, also of more bytes than it began with', () => {
    const writer = new KeyWriter()
    const first = writer
      .start(1)
      .bytes(utf8('x'.repeat(5_000)))
      .end()
    const second = writer.start(2).text('é'.repeat(5_000)).end()
    expect(hex(first)).toBe(`01${'78'.repeat(5_000)}`)
    expect(hex(second)).toBe(`02${'c3a9'.repeat(5_000)}`)
  })
})

describe('keys of a scope', () => {
  it('F2 P12 never begin with the scope that was named before', () => {
    const scopes = ['a', 'b'].flatMap((tenant) =>
      [1, 2].map((sequence) => ({
        tenant: tenant as TenantId,
        incarnation: { sequence: sequence as Sequence, index: 0 },
      })),
    )
    const asked = [...scopes, ...scopes.toReversed(), ...scopes.flatMap((scope) => [scope, scope])]
    for (const scope of asked) {
      const { tenant, incarnation } = scope
      const length = `2001${hex(utf8(tenant))}`
      const address = `${incarnation.sequence.toString(16).padStart(16, '0')}00000000`
      expect(hex(experienceKey(scope, ID))).toBe(`${length}${address}01${ID.replaceAll('-', '')}`)
    }
  })
})
