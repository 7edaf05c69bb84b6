import { seededRandom } from '@waggle/kernel'
import { TEXT_LANGUAGES, type TextLanguage } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { analyserOf } from './analyser.ts'

const termsOf = async (text: string, language: TextLanguage = 'english'): Promise<readonly string[]> =>
  (await analyserOf(language)).termsOf(text)

describe('T1 words', () => {
  test('are runs of letters, marks and digits, in lower case and compatible forms', async () => {
    expect(await termsOf('Ledger_table, p99: 12.5ms (ＡＢＣ) ﬁre', 'none')).toEqual(
      ['ledger', 'table', 'p99', '12', '5ms', 'abc', 'fire'], // prettier-ignore
    )
  })

  test('composed and decomposed letters are the same', async () => {
    expect(await termsOf('cafe\u0301', 'french')).toEqual(await termsOf('caf\u00e9', 'french'))
  })

  test('an apostrophe joins what is a stopword, and parts everything else, whichever apostrophe it is', async () => {
    expect(await termsOf("I don't know Caroline's locks")).toEqual(['know', 'carolin', 'lock'])
    expect(await termsOf('I don’t know Caroline’s locks')).toEqual(['know', 'carolin', 'lock'])
    expect(await termsOf("l'état d'urgence", 'french')).toEqual(['état', 'urgenc'])
  })

  test('no letter and no digit, no term', async () => {
    expect(await termsOf('')).toEqual([])
    expect(await termsOf(' …!? — 🐝\n')).toEqual([])
  })

  test('a capital I without a dot is a small one without a dot in turkish alone', async () => {
    expect(await termsOf('ISPARTA', 'turkish')).toEqual(await termsOf('ısparta', 'turkish'))
    expect(await termsOf('ISPARTA', 'none')).toEqual(['isparta'])
  })
})

describe('T2 stems and stopwords', () => {
  test('forms of a word are one term, and stopwords none', async () => {
    expect(await termsOf('The locks are locked by a locking query')).toEqual(['lock', 'lock', 'lock', 'queri'])
  })

  test('a text of nothing but stopwords keeps them', async () => {
    expect(await termsOf('To be or not to be')).toEqual(['to', 'be', 'or', 'not', 'to', 'be'])
    expect(await termsOf('To be or not to be, ledger')).toEqual(['ledger'])
  })

  test('a language has its own, and none has neither', async () => {
    expect(await termsOf('die Häuser der Stadt', 'german')).toEqual(['haus', 'stadt'])
    expect(await termsOf('книги на столе', 'russian')).toEqual(['книг', 'стол'])
    expect(await termsOf('The locks', 'none')).toEqual(['the', 'locks'])
  })
})

describe('T3 names', () => {
  test('in camel case count whole and by their parts', async () => {
    expect(await termsOf('paymentService parseHTTPResponse', 'none')).toEqual(
      ['paymentservice', 'payment', 'service', 'parsehttpresponse', 'parse', 'http', 'response'], // prettier-ignore
    )
  })
})

describe('T4 scripts without spaces', () => {
  test('count by characters and pairs, beside words of other scripts', async () => {
    expect(await termsOf('東京都のAPI')).toEqual(['東', '東京', '京', '京都', '都', '都の', 'の', 'api'])
    expect(await termsOf('ラーメン', 'none')).toEqual(['ラ', 'ラー', 'ー', 'ーメ', 'メ', 'メン', 'ン'])
    expect(await termsOf('ไทย', 'none')).toEqual(['ไ', 'ไท', 'ท', 'ทย', 'ย'])
  })

  test('a pair is one of characters, not of halves of them', async () => {
    expect(await termsOf('𠮷野', 'none')).toEqual(['𠮷', '𠮷野', '野'])
  })
})

describe('T5 P11 limits', () => {
  test('a long word counts by its first 64 units', async () => {
    expect(await termsOf('x'.repeat(100_000), 'none')).toEqual(['x'.repeat(64)])
    expect(await termsOf(`${'x'.repeat(64)}a ${'x'.repeat(64)}b`, 'none')).toEqual(['x'.repeat(64), 'x'.repeat(64)])
  })

  test('forms beyond those that are remembered are cut like all others', async () => {
    const many = Array.from({ length: 70_000 }, (_, n) => `id${n}`).join(' ')
    expect(await termsOf(many, 'none')).toEqual(many.split(' '))
    expect(await termsOf('id1 id69999', 'none')).toEqual(['id1', 'id69999'])
  })
})

describe.each(TEXT_LANGUAGES)('%s', (language) => {
  test('P10 cuts whatever it is given, twice the same, into no empty terms', async () => {
    const analyser = await analyserOf(language)
    const random = seededRandom(8)
    // Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Devanagari, Tamil, Georgian, and halves of characters.
    const ranges = [0x20, 0xa0, 0x100, 0x370, 0x400, 0x450, 0x530, 0x590, 0x620, 0x900, 0xb80, 0x10a0, 0xd7f0]
    const letter = (): number => (ranges[random.uint32() % ranges.length] as number) + (random.uint32() % 96)
    for (let round = 0; round < 100; round += 1) {
      const base = letter()
      const near = (): number => (random.uint32() % 8 === 0 ? letter() : base + (random.uint32() % 32))
      const text = String.fromCharCode(...Array.from({ length: 80 }, near))
      const terms = analyser.termsOf(text)
      expect(terms.includes('')).toBe(false)
      expect(analyser.termsOf(text)).toEqual(terms)
    }
  })
})
