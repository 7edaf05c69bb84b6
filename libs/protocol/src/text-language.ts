/**
 * The languages in which a collective's texts can be searched by their words: how words are reduced to stems, and which
 * are too common to tell anything. `none` takes every word as it stands. Texts in scripts without spaces are found in
 * all of them alike.
 */
export const TEXT_LANGUAGES = [
  'none',
  'arabic',
  'armenian',
  'danish',
  'dutch',
  'english',
  'finnish',
  'french',
  'german',
  'greek',
  'hindi',
  'hungarian',
  'indonesian',
  'irish',
  'italian',
  'lithuanian',
  'nepali',
  'norwegian',
  'portuguese',
  'romanian',
  'russian',
  'sanskrit',
  'serbian',
  'spanish',
  'swedish',
  'tamil',
  'turkish',
  'ukrainian',
] as const

export type TextLanguage = (typeof TEXT_LANGUAGES)[number]

/** Of a collective that names none. */
export const TEXT_LANGUAGE_DEFAULT: TextLanguage = 'english'
