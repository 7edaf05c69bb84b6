/**
 * What is known of each language: its stems, and the words that are too common to tell anything. Loaded when a
 * collective of that language is first searched by words, so a process pays for those that it uses.
 */
import type { TextLanguage } from '@waggle/protocol'

export interface LanguageData {
  readonly stem: (word: string) => string
  /** In lower case. */
  readonly stopwords: readonly string[]
}

type Source = readonly [
  stems: () => Promise<{ readonly stemmer: (word: string) => string }>,
  stopwords: () => Promise<{ readonly stopwords: readonly string[] }>,
]

const sources: { readonly [Language in Exclude<TextLanguage, 'none'>]: Source } = {
  arabic: [() => import('@orama/stemmers/arabic'), () => import('@orama/stopwords/arabic')],
  armenian: [() => import('@orama/stemmers/armenian'), () => import('@orama/stopwords/armenian')],
  danish: [() => import('@orama/stemmers/danish'), () => import('@orama/stopwords/danish')],
  dutch: [() => import('@orama/stemmers/dutch'), () => import('@orama/stopwords/dutch')],
  english: [() => import('@orama/stemmers/english'), () => import('@orama/stopwords/english')],
  finnish: [() => import('@orama/stemmers/finnish'), () => import('@orama/stopwords/finnish')],
  french: [() => import('@orama/stemmers/french'), () => import('@orama/stopwords/french')],
  german: [() => import('@orama/stemmers/german'), () => import('@orama/stopwords/german')],
  greek: [() => import('@orama/stemmers/greek'), () => import('@orama/stopwords/greek')],
  hindi: [() => import('@orama/stemmers/indian'), () => import('@orama/stopwords/indian')],
  hungarian: [() => import('@orama/stemmers/hungarian'), () => import('@orama/stopwords/hungarian')],
  indonesian: [() => import('@orama/stemmers/indonesian'), () => import('@orama/stopwords/indonesian')],
  irish: [() => import('@orama/stemmers/irish'), () => import('@orama/stopwords/irish')],
  italian: [() => import('@orama/stemmers/italian'), () => import('@orama/stopwords/italian')],
  lithuanian: [() => import('@orama/stemmers/lithuanian'), () => import('@orama/stopwords/lithuanian')],
  nepali: [() => import('@orama/stemmers/nepali'), () => import('@orama/stopwords/nepali')],
  norwegian: [() => import('@orama/stemmers/norwegian'), () => import('@orama/stopwords/norwegian')],
  portuguese: [() => import('@orama/stemmers/portuguese'), () => import('@orama/stopwords/portuguese')],
  romanian: [() => import('@orama/stemmers/romanian'), () => import('@orama/stopwords/romanian')],
  russian: [() => import('@orama/stemmers/russian'), () => import('@orama/stopwords/russian')],
  sanskrit: [() => import('@orama/stemmers/sanskrit'), () => import('@orama/stopwords/sanskrit')],
  serbian: [() => import('@orama/stemmers/serbian'), () => import('@orama/stopwords/serbian')],
  spanish: [() => import('@orama/stemmers/spanish'), () => import('@orama/stopwords/spanish')],
  swedish: [() => import('@orama/stemmers/swedish'), () => import('@orama/stopwords/swedish')],
  tamil: [() => import('@orama/stemmers/tamil'), () => import('@orama/stopwords/tamil')],
  turkish: [() => import('@orama/stemmers/turkish'), () => import('@orama/stopwords/turkish')],
  ukrainian: [() => import('@orama/stemmers/ukrainian'), () => import('@orama/stopwords/ukrainian')],
}

const NONE: LanguageData = { stem: (word) => word, stopwords: [] }

export const loadLanguage = async (language: TextLanguage): Promise<LanguageData> => {
  if (language === 'none') return NONE
  const [stems, stopwords] = sources[language]
  const [{ stemmer }, { stopwords: published }] = await Promise.all([stems(), stopwords()])
  return { stem: stemmer, stopwords: language === 'english' ? [...published, 'a'] : published }
}
