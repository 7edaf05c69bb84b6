import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordsOf } from './words.ts'

describe('wordsOf', () => {
  it.each([
    ['PaymentService', ['payment', 'service']],
    ['payment_service', ['payment', 'service']],
    ['payment-service', ['payment', 'service']],
    ['parseHTTPResponse2', ['parse', 'http', 'response', '2']],
    ['src/ledger/postEntry.ts:42', ['src', 'ledger', 'post', 'entry', 'ts', '42']],
    ['p99 is 1.5s', ['p', '99', '1', '5', 's']],
    ['ERR_CONN_RESET', ['err', 'conn', 'reset']],
    ["Don't drop Ana's table, we'll need it", ['drop', 'ana', 'table', 'need']],
    ['The cache of the router', ['cache', 'router']],
    ['Ｆｕｌｌ ｗｉｄｔｈ ﬁle', ['full', 'width', 'file']],
    ['数据库 timeout', ['数', '据', '库', 'timeout']],
    ['Straße CAFÉ Ünïcode', ['straße', 'café', 'ünïcode']],
  ])('cuts %s', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  it('W2 keeps stopwords when there is nothing else', () => {
    expect(wordsOf('To be, or not to be')).toEqual(['to', 'be', 'or', 'not', 'to', 'be'])
  })

  it('finds no words in what has no letter or digit', () => {
    for (const text of ['', ' \n\t', '?!… — ***', '🚢📦🔥', '\ud800', '\0']) expect(wordsOf(text)).toEqual([])
  })

  it('W1 gives lower-case words without white space for any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        for (const word of wordsOf(text)) {
          expect(word).not.toBe('')
          expect(word).not.toMatch(/\s/)
          expect(word).toBe(word.toLowerCase())
        }
      }),
    )
  })
})
