import { hexOf, sha256 } from '@waggle/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashingEmbedder } from './hashing-embedder.ts'

const vectorsOf = (texts: readonly string[], dimension = 384): Promise<Float32Array[]> =>
  hashingEmbedder({ dimension }).embed(texts)

const dot = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, at) => sum + value * (other[at] ?? Number.NaN), 0)

const cosineOf = async (one: string, other: string): Promise<number> => {
  const [first = new Float32Array(), second = new Float32Array()] = await vectorsOf([one, other])
  return dot(first, second)
}

const GOLDEN_TEXT =
  'PaymentService timed out while retrying a refund: the connection pool (max 20) was exhausted by a nightly report.'

describe('hashingEmbedder', () => {
  it('E1, E3 gives the vectors stored under hashing-1', async () => {
    const embedder = hashingEmbedder({ dimension: 64 })
    const [vector = new Float32Array(), empty = new Float32Array()] = await embedder.embed([GOLDEN_TEXT, ''])
    const digest = (floats: Float32Array) => hexOf(sha256(new Uint8Array(floats.buffer)))
    expect(embedder.name).toBe('hashing-1')
    expect([...vector.slice(0, 4)]).toEqual([
      0.004288494121283293, 0.13197587430477142, -0.034112751483917236, 0.07080504298210144,
    ])
    expect(digest(vector)).toBe('7efbd15a3871be15d573eb2e81ff6d786d06f5496a3c10985fdb46108e57e144')
    expect(digest(empty)).toBe('6f986a3e58fb464a000486536d36314979e5111ba9b912ddcc879a9cb0d78a09')
  })

  it('E1 depends on the text alone, not on its neighbours or the call', async () => {
    const [alone] = await vectorsOf(['a migration locked the table'])
    const [, between] = await vectorsOf(['other', 'a migration locked the table', 'another'])
    expect(between).toEqual(alone)
  })

  it('E2 gives finite vectors of unit length, whatever the text', async () => {
    const odd = [
      '',
      ' ',
      '🚢',
      '?!',
      '\0',
      '\ud800',
      'the',
      'a'.repeat(100_000),
      'x '.repeat(10_000),
      '数据库',
      '1',
      'İ',
    ]
    for (const dimension of [64, 384, 4096]) {
      for (const vector of await vectorsOf(odd, dimension)) {
        expect(vector).toHaveLength(dimension)
        expect(Math.sqrt(dot(vector, vector))).toBeCloseTo(1, 5)
      }
    }
  })

  it('E2 holds for noise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.integer({ min: 64, max: 512 }), async (text, dimension) => {
        const [vector = new Float32Array()] = await vectorsOf([text], dimension)
        expect(vector).toHaveLength(dimension)
        expect(Math.sqrt(dot(vector, vector))).toBeCloseTo(1, 5)
      }),
    )
  })

  it('tells texts without a word from one another', async () => {
    expect(Math.abs(await cosineOf('🚢', '🔥'))).toBeLessThan(0.3)
    expect(Math.abs(await cosineOf('', '?'))).toBeLessThan(0.3)
  })

  it.each([
    ['timeouts', 'Timeout'],
    ['PaymentService', 'the payment_services'],
    ['retrying the refund', 'retries of refunds'],
  ])('sees no difference between %s and %s', async (one, other) => {
    expect(await cosineOf(one, other)).toBeCloseTo(1, 5)
  })

  it.each([
    ['timing out', 'timeouts', 'rate limit'],
    ['a dead lock', 'deadlocks', 'live stream'],
    ['connexion pool', 'connection pools', 'conference room'],
    [
      'Which migration locked the parcels table?',
      'The migration 0042 took an exclusive lock on parcels and blocked writes for four minutes.',
      'The weekly report for the finance team goes out on Monday as a spreadsheet.',
    ],
    [
      'How do we keep the Kafka consumer from rebalancing?',
      'Raising max.poll.interval.ms stopped the rebalances of the scan consumers in Kafka.',
      'Keep the colour of the button as it is, the customer likes it.',
    ],
  ])('puts "%s" nearer to "%s" than to "%s"', async (text, related, unrelated) => {
    expect(await cosineOf(text, related)).toBeGreaterThan((await cosineOf(text, unrelated)) + 0.1)
  })

  it('puts noise nowhere near a sentence', async () => {
    const [sentence = new Float32Array()] = await vectorsOf([GOLDEN_TEXT])
    const syllables = fc.string({
      unit: fc.constantFrom('q', 'x', 'z', 'j', 'v', 'k', 'w'),
      minLength: 4,
      maxLength: 9,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(syllables, { minLength: 5, maxLength: 12 }), async (words) => {
        const [noise = new Float32Array()] = await vectorsOf([words.join(' ')])
        expect(Math.abs(dot(sentence, noise))).toBeLessThan(0.35)
      }),
    )
  })

  it.each([0, 63, 4097, 100.5, Number.NaN, -384])('refuses the dimension %s', (dimension) => {
    expect(() => hashingEmbedder({ dimension })).toThrow(RangeError)
  })

  it('rejects an element that is not a string, naming its index', async () => {
    const texts = ['fine', 7 as unknown as string]
    await expect(vectorsOf(texts)).rejects.toThrow(TypeError)
    await expect(vectorsOf(texts)).rejects.toThrow('index=1')
    await expect(vectorsOf(Array<string>(2))).rejects.toThrow('index=0')
  })

  it('gives no vectors for no texts', async () => {
    expect(await vectorsOf([])).toEqual([])
  })
})
