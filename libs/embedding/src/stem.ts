// Reduces an English word to a stem, so that `timeouts`, `timed` and `timing` lose what sets them apart. A stem need
// not be a word: it only has to be equal for the forms of one word and mostly different for different words.
// Deliberately small: one pass of rules and a table of irregular forms. The character n-grams of the embedder soften
// what the rules miss, and a wrong merge (`custom` and `customer`) costs less than a missed one.
//
// T1  `stemOf` is a pure function of its argument: it knows no locale and no corpus.
// T2  A word with anything but a–z in it (digits, accents, other scripts) comes back unchanged.
// T3  A stem has at least two letters, and a vowel wherever the word had one.

/** Forms that no suffix rule explains: the first word of a group stands for the others. */
const IRREGULAR_GROUPS = [
  'agree agreed, begin began begun, bind bound, break broke broken, bring brought, build built, buy bought',
  'catch caught, child children, choose chose chosen, draw drew drawn, drive drove driven, eat ate eaten',
  'fall fell fallen, feel felt, find found, fly flew flown, forget forgot forgotten, free freed',
  'freeze froze frozen, give gave given, go goes going went gone, grow grew grown, hang hung, hear heard',
  'hide hid hidden, hold held, index indices, keep kept, know knew known, lead led, leave left, lose lost',
  'make made, man men, matrix matrices, mean meant, meet met, pay paid, person people, ride rode ridden',
  'rise rose risen, run ran, say said, see saw seen, seek sought, sell sold, send sent, sing sang sung',
  'sleep slept, speak spoke spoken, spend spent, stand stood, steal stole stolen, stick stuck, swim swam swum',
  'take took taken, teach taught, tell told, think thought, throw threw thrown, understand understood',
  'use used uses using, vertex vertices, wake woke woken, wear wore worn, win won, woman women',
  'write wrote written',
]

const IRREGULAR: ReadonlyMap<string, string> = new Map(
  IRREGULAR_GROUPS.flatMap((line) => line.split(', ')).flatMap((group) => {
    const [base = '', ...forms] = group.split(' ')
    return forms.map((form) => [form, base] as const)
  }),
)

/** Suffixes that make one word a relative of another: `[suffix, replacement, letters that must remain]`, long first. */
const DERIVED_SUFFIXES: readonly (readonly [string, string, number])[] = [
  ['ization', 'iz', 3],
  ['uration', '', 4],
  ['fication', 'fy', 3],
  ['ication', 'ic', 4],
  ['ation', '', 4],
  ['ition', '', 5],
  ['ement', '', 4],
  ['ator', '', 4],
  ['ency', 'ent', 4],
  ['ancy', 'ant', 4],
  ['ence', 'ent', 4],
  ['ance', 'ant', 4],
  ['ment', '', 4],
  ['ness', '', 4],
  ['able', '', 4],
  ['ible', '', 4],
  ['less', '', 4],
  ['tion', 't', 4],
  ['sion', 's', 4],
  ['ate', '', 4],
  ['ful', '', 4],
  ['ity', '', 4],
  ['ive', '', 5],
  ['ous', '', 4],
  ['ure', '', 4],
  ['ur', '', 5],
  ['al', '', 5],
  ['er', '', 4],
  ['or', '', 4],
  ['ly', '', 4],
]

const PLAIN_WORD = /^[a-z]{4,}$/
const VOWEL = /[aeiouy]/
const DOUBLED_END = /([bdfgmnprt])\1$/
const SIBILANT_PLURAL = /(?:ss|us|sh|ch|x|zz)es$/
const BRITISH_SPELLING = /(?<=[a-z]{5})is(?=(?:e[ds]?|er|ing|ations?)$)/

const withoutPlural = (word: string): string => {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (word.length > 4 && SIBILANT_PLURAL.test(word)) return VOWEL.test(word.slice(0, -2)) ? word.slice(0, -2) : word
  return /[^isu]s$/.test(word) ? word.slice(0, -1) : word
}

const withoutInflection = (word: string): string => {
  if (word.length > 4 && word.endsWith('ied')) return `${word.slice(0, -3)}y`
  const suffix = /(?:ing|(?<!e)ed)$/.exec(word)?.[0] ?? ''
  const rest = word.slice(0, word.length - suffix.length)
  if (suffix === '' || rest.length < 3 || !VOWEL.test(rest)) return word
  if (rest.endsWith('at')) return `${rest}e`
  return rest.length > 3 ? rest.replace(DOUBLED_END, '$1') : rest
}

const withoutDerivation = (word: string): string => {
  for (const [suffix, replacement, restLettersMin] of DERIVED_SUFFIXES) {
    const restLetters = word.length - suffix.length
    if (restLetters < restLettersMin || !word.endsWith(suffix)) continue
    const stem = `${word.slice(0, restLetters)}${replacement}`
    return VOWEL.test(stem) ? stem.replace(DOUBLED_END, '$1') : word
  }
  return word
}

const withPlainEnd = (word: string): string => {
  if (word.length > 3 && word.endsWith('e') && VOWEL.test(word.slice(0, -1))) return word.slice(0, -1)
  return word.length > 3 && word.endsWith('i') ? `${word.slice(0, -1)}y` : word
}

/**
 * The stem of a word in lower case; a word of fewer than 4 letters is its own stem, unless it is an irregular form.
 *
 * Part of the algorithm `hashing-1`: another stem for any word changes vectors that are stored under that name.
 */
export const stemOf = (word: string): string => {
  const base = IRREGULAR.get(word) ?? word
  if (!PLAIN_WORD.test(base)) return base
  const spelled = base.replace(BRITISH_SPELLING, 'iz')
  return withPlainEnd(withoutDerivation(withoutInflection(withoutPlural(spelled))))
}
