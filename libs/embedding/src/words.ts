// Cuts a text into the words that carry meaning. Identifiers come apart where a reader would cut them
// (`PaymentService`, `payment_service` and `payment-service` are the same two words, `p99` is `p` and `99`), and
// scripts written without spaces come apart by character, so that the embedder's pairs of neighbours stand for their
// words.
//
// W1  Words are NFKC-normalised and in lower case, whatever the machine's locale.
// W2  A text that has words at all yields at least one: stopwords are dropped only when something else remains.

const STOPWORDS: ReadonlySet<string> = new Set(
  [
    'a about after again also am an and any are as at be because been before being both but by can could did do',
    'does doing done each either else for from had has have having he her here hers him his how i if in into is',
    'it its itself just may me might mine more most much must my no nor not of on or other our ours shall she',
    'should so some such than that the their theirs them then there these they this those through to too until',
    'very was we were what when where whether which while who whom whose why will with would you your yours',
    // What is left of contractions, apostrophe gone.
    'arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt shouldnt wasnt werent wont wouldnt',
  ].flatMap((line) => line.split(' ')),
)

const TOKEN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}\p{N}]+(?:['’]\p{L}+)*/gu
const PART = /\p{Lu}+(?![\p{Ll}\p{M}])|\p{Lu}?[\p{Ll}\p{Lt}\p{Lm}\p{Lo}\p{M}]+|\p{N}+/gu

/** `don't` → `dont` (a stopword), `Ana's` → `Ana`, `we'll` → `we`, `l'état` stays whole but for the apostrophe. */
const withoutContraction = (token: string): string =>
  token.replace(/['’](?:s|ll|re|ve|d|m)$/iu, '').replaceAll(/['’]/gu, '')

/**
 * The words of `text` in their order, repeats kept; empty for a text without a letter or digit.
 *
 * Part of the algorithm `hashing-1`: another cut changes vectors that are stored under that name.
 */
export const wordsOf = (text: string): string[] => {
  const tokens = text.normalize('NFKC').match(TOKEN) ?? []
  const words = tokens.flatMap((token) => withoutContraction(token).match(PART) ?? []).map((word) => word.toLowerCase())
  const telling = words.filter((word) => !STOPWORDS.has(word))
  return telling.length > 0 ? telling : words
}
