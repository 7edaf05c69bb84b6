import { Decoder, Encoder } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MessagePackReader } from './message-pack-reader.ts'
import { messagePackDefect } from './message-pack-structure.ts'

const library = { encoder: new Encoder(), decoder: new Decoder() }
const reader = new MessagePackReader()

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 80 }))
/** The library takes a mark at the beginning of a long text away. */
const plain = text.filter((it) => !it.startsWith('\ufeff'))
const number = fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger(), fc.constantFrom(-0, 2 ** 32, -(2 ** 31) - 1))
const bytes = fc.uint8Array({ maxLength: 300 })
const name = plain.filter((it) => it !== '__proto__')
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    ...[plain, number, bytes, fc.boolean(), fc.constant(null)],
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(name, tie('value'), { maxKeys: 20 }),
  ),
}))

describe('MessagePackReader', () => {
  it('reads what the library wrote as the library reads it, whatever was read before', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const written = library.encoder.encode(value)
        expect(reader.read(written)).toEqual(library.decoder.decode(written))
      }),
      { numRuns: 300 },
    )
  })

  it('reads every form of a number and of a length', () => {
    const forms = [
      ...['00', '7f', 'e0', 'ff', 'c0', 'c2', 'c3', 'cc80', 'cdfffe', 'cefffefdfc', 'cf001fffffffffffff'],
      ...[
        'd080',
        'd18000',
        'd280000000',
        'd3ffe0000000000001',
        'ca3fc00000',
        'cb3ff8000000000000',
        'cb7ff8000000000000',
      ],
      ...['c40105', 'c5000105', 'c60000000105', 'd90161', 'da000161', 'db0000000161', 'dc000105', 'dd0000000105'],
      ...['de0001a16105', 'df00000001a16105', '81d9016105', '81da00016105', '81db0000000161c0', 'a0', '81a005'],
    ]
    for (const form of forms) {
      const bytesOfForm = Buffer.from(form, 'hex')
      expect([form, reader.read(bytesOfForm)]).toEqual([form, library.decoder.decode(Uint8Array.from(bytesOfForm))])
    }
  })

  it('P10 refuses what ends too early, and then reads on', () => {
    fc.assert(
      fc.property(anything, fc.nat(), (value, cut) => {
        const written = library.encoder.encode(value)
        expect(() => reader.read(written.subarray(0, cut % written.length))).toThrow(RangeError)
        expect(() => reader.read(Uint8Array.of(...written, 0xc0))).toThrow(RangeError)
        expect(reader.read(written)).toEqual(library.decoder.decode(written))
      }),
    )
  })

  it('P10 noise is refused, or read as the library reads it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        if (messagePackDefect(noise) !== undefined) return
        const theirs = outcomeOf(() => library.decoder.decode(noise))
        const ours = outcomeOf(() => reader.read(noise))
        // A name that is a number is none of this protocol's.
        if ('value' in ours) expect(ours).toEqual(theirs)
        else expect(ours.error).toBeInstanceOf(RangeError)
      }),
      { numRuns: 2_000 },
    )
  })

  it('P11 a list of a forged length is refused before there is room for it', () => {
    expect(() => reader.read(Buffer.from('ddffffffff', 'hex'))).toThrow(RangeError)
    expect(() => reader.read(Buffer.from('dfffffffff', 'hex'))).toThrow(RangeError)
    expect(() => reader.read(Buffer.from('c6ffffffff', 'hex'))).toThrow(RangeError)
  })

  it('names that share a place in its memory stay apart', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `f${index.toString(36)}é`.slice(0, 2 + (index % 5)))
    for (const one of [...names, ...names.toReversed()]) {
      const written = library.encoder.encode({ [one]: 1 })
      expect(Object.keys(reader.read(written) as object)).toEqual([one])
    }
  })
})

const outcomeOf = (read: () => unknown): { readonly value: unknown } | { readonly error: unknown } => {
  try {
    return { value: read() }
  } catch (error) {
    return { error }
  }
}
