import { isFault } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import fc from 'fast-check'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { sampleRequests } from '../testing/sample-requests.ts'
import { decodeBody, encodeBody, encodingOf } from './body.ts'
import { jsonDefect } from './json-structure.ts'
import { decodeForeignMessagePack } from './message-pack.ts'

const numbers = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
const texts = fc.string({ unit: 'grapheme', maxLength: 300 })
const names = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((name) => name !== '__proto__')

const { value: values, map: maps } = fc.letrec<{ value: unknown; list: unknown[]; map: Record<string, unknown> }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      fc.constantFrom(null, true, false),
      numbers,
      texts,
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('value'), { maxLength: 6 }),
    map: fc.dictionary(names, tie('value'), { maxKeys: 6, noNullPrototype: true }),
  }),
)

/** JSON and MessagePack know no negative zero that we would keep. */
const positiveZero = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('bodies', () => {
  it('come back from MessagePack as they were', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decodeForeignMessagePack(encodeBody(value, 'messagePack'))).toEqual({ value: positiveZero(value) })
      }),
    )
  })

  it('come back from JSON as they were, with white space around them', () => {
    fc.assert(
      fc.property(maps, fc.constantFrom('', ' ', '\n', '\r\n\t'), (map, space) => {
        const bytes = Buffer.from(space + Buffer.from(encodeBody(map, 'json')).toString() + space)
        expect(decodeBody(bytes)).toEqual({ encoding: 'json', value: positiveZero(map) })
      }),
    )
  })

  it('of maps are told apart by their first byte, whichever encoding they are in', () => {
    fc.assert(
      fc.property(maps, (map) => {
        expect(encodingOf(encodeBody(map, 'json'))).toBe('json')
        expect(encodingOf(encodeBody(map, 'messagePack'))).toBe('messagePack')
      }),
    )
  })

  it('give the same value in both encodings', () => {
    fc.assert(
      fc.property(maps, (map) => {
        const [one, other] = (['json', 'messagePack'] as const).map((encoding) => decodeBody(encodeBody(map, encoding)))
        expect(one?.value).toEqual(other?.value)
      }),
    )
  })

  it('whose texts hold brackets and quotes are no deeper for it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '[', '"', '\\', ':', 'é', '\n'), maxLength: 200 }), (text) => {
        const bytes = encodeBody({ [text]: [text] }, 'json')
        expect(jsonDefect(bytes)).toBeUndefined()
        expect(decodeBody(bytes).value).toEqual({ [text]: [text] })
      }),
    )
  })
})

describe('noise', () => {
  const random = seededRandom(20_261_121)
  const below = (limit: number): number => random.uint32() % limit
  const valid = (['json', 'messagePack'] as const).flatMap((encoding) =>
    Object.values(sampleRequests).map(({ whole }) => encodeBody(whole, encoding)),
  )
  /** Bytes that claim much: containers, texts and binaries of every width, and the first bytes of JSON. */
  const heads = [0x8f, 0x9f, 0xbf, 0xc4, 0xc5, 0xc6, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xff, 0x00, 0x7b, 0x5b]

  const randomBody = (): Uint8Array => random.bytes(below(1_024))
  const headsBody = (): Uint8Array => Uint8Array.from({ length: below(256) }, () => heads[below(heads.length)]!)
  const changedBody = (): Uint8Array => {
    const body = Uint8Array.from(valid[below(valid.length)]!)
    for (let changes = 1 + below(4); changes > 0; changes -= 1) body[below(body.length)] = below(256)
    return body
  }

  /** The heap right after collecting what nothing holds. */
  const collected = (): number => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    collect()
    return getHeapStatistics().used_heap_size
  }

  it('M1 M2 P10 P11 of 10,000 bodies never crashes, and costs no more memory than its size allows', () => {
    const before = collected()
    let refused = 0
    let largestStep = 0
    for (let round = 0; round < 10_000; round += 1) {
      const body = [randomBody, headsBody, changedBody][round % 3]!()
      const start = getHeapStatistics().used_heap_size
      try {
        decodeBody(body)
      } catch (error) {
        if (!isFault(error)) throw error
        expect(error.code).toBe('MALFORMED_BODY')
        expect(Object.keys(error.details)).toEqual(['encoding', 'defect'])
        refused += 1
      }
      largestStep = Math.max(largestStep, getHeapStatistics().used_heap_size - start)
    }
    expect(refused).toBeGreaterThan(7_000)
    // No body is larger than 1.5 KB. What a fault and its stack cost is far below; a trusted header costs 268 MB.
    expect(largestStep).toBeLessThan(8_000_000)
    expect(collected() - before).toBeLessThan(16_000_000)
  })
})
