/**
 * Cuts a text into terms: what texts and queries about them have to share. The same text gives the same terms on every
 * machine, in every process of a version; terms are kept nowhere but in indexes, which are built again.
 *
 * T1  A word is a run of letters, marks and digits, in NFKC and lower case. An apostrophe joins what stopwords know
 *     (`don't`), and parts everything else (`l'état`).
 * T2  Stopwords are left out, unless nothing else is there; the other words count by their stems.
 * T3  A name in camel case counts whole and by its parts: `paymentService` is found by `payment`.
 * T4  Scripts that are written without spaces count by characters and by pairs of neighbours.
 * T5  A word counts by its first 64 units: longer ones are no words, and no text makes the cache of forms large (P11).
 */
import type { TextLanguage } from '@waggle/protocol'
import { loadLanguage, type LanguageData } from './language-data.ts'

const WORD_UNITS_MAX = 64
/** Forms that are remembered for each language, and how long they are: most of what is written, in 8 MB at most. */
const FORMS_MAX = 32_768
const FORM_UNITS_MAX = 32
/** The term of a stopword. */
const NOTHING = ''

const ASCII_FORM = /[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*/g
const NOT_ASCII = /[\u0080-\uffff]/
const UNSPACED = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => String.raw`\p{Script_Extensions=${script}}`)
  .join('')
const LETTER = String.raw`[\p{L}\p{M}\p{N}]`
const SPACED_LETTER = `[${LETTER}--[${UNSPACED}]]`
const FORM = new RegExp(`[${LETTER}&&[${UNSPACED}]]+|${SPACED_LETTER}+(?:['’]${SPACED_LETTER}+)*`, 'gv')
const UNSPACED_FORM = new RegExp(`^[${UNSPACED}]`, 'v')
const CAMEL_SEAM = /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u

export class Analyser {
  readonly #stem: (word: string) => string
  readonly #lower: (form: string) => string
  readonly #stopwords: ReadonlySet<string>
  /** Forms with one term, or none. */
  readonly #termOfForm = new Map<string, string>()

  constructor(language: TextLanguage, { stem, stopwords }: LanguageData) {
    this.#stem = stem
    this.#lower = language === 'turkish' ? lowerTurkish : (form) => form.toLowerCase()
    this.#stopwords = new Set(stopwords.flatMap(withClitic))
  }

  /** The terms of a text in their order, repeats kept; empty for a text without letters and digits. */
  termsOf(text: string): readonly string[] {
    const forms = NOT_ASCII.test(text) ? text.normalize('NFKC').match(FORM) : text.match(ASCII_FORM)
    if (forms === null) return []
    const terms: string[] = []
    for (const form of forms) {
      const term = this.#termOfForm.get(form)
      if (term === undefined) for (const each of this.#termsOfNewForm(form)) terms.push(each)
      else if (term !== NOTHING) terms.push(term)
    }
    // T2.
    return terms.length > 0 ? terms : forms.flatMap((form) => this.#cut(form, () => true))
  }

  #termsOfNewForm(form: string): readonly string[] {
    if (UNSPACED_FORM.test(form)) return neighbours(form)
    const terms = this.#cut(form, (word) => !this.#stopwords.has(word))
    if (form.length <= FORM_UNITS_MAX && terms.length <= 1) this.#remember(form, terms[0] ?? NOTHING)
    return terms
  }

  /** T5. */
  #remember(form: string, term: string): void {
    if (this.#termOfForm.size === FORMS_MAX) this.#termOfForm.clear()
    this.#termOfForm.set(detached(form), term)
  }

  /** T1, T2, T3. */
  #cut(form: string, isTelling: (word: string) => boolean): readonly string[] {
    const whole = detached(form.slice(0, WORD_UNITS_MAX)).replaceAll('’', "'")
    if (!isTelling(this.#lower(whole))) return []
    const words = whole.split("'").flatMap(withParts)
    return words.map(this.#lower).filter(isTelling).map(this.#stemOf)
  }

  /** Of some words of Arabic and Sanskrit nothing would be left. */
  readonly #stemOf = (word: string): string => this.#stem(word) || word
}

/** T3. */
const withParts = (word: string): readonly string[] => {
  const parts = word.split(CAMEL_SEAM)
  return parts.length === 1 ? parts : [word, ...parts]
}

/** The one language in which `I` is no capital `i`. */
const lowerTurkish = (form: string): string => form.replaceAll('I', 'ı').replaceAll('İ', 'i').toLowerCase()

/** T4. */
const neighbours = (run: string): readonly string[] => {
  const characters = [...run]
  return characters.flatMap((character, at) => [character, ...pairAt(characters, at)])
}

const pairAt = (characters: readonly string[], at: number): readonly string[] => {
  const next = characters[at + 1]
  return next === undefined ? [] : [`${characters[at]}${next}`]
}

/** A stopword, and what stands behind its apostrophe: with `it's` the `s` of every name says nothing. */
const withClitic = (stopword: string): readonly string[] => {
  const word = stopword.normalize('NFKC').replaceAll('’', "'")
  return [word, ...word.split("'").slice(1)]
}

/** The same letters in a string of their own: a cut one may keep the whole text that it was cut out of in memory. */
const detached = (form: string): string => form.split('').join('')

const analysers = new Map<TextLanguage, Promise<Analyser>>()

/** The analyser of a language: one a process. */
export const analyserOf = async (language: TextLanguage): Promise<Analyser> => {
  const known = analysers.get(language)
  if (known !== undefined) return known
  const made = loadLanguage(language).then((data) => new Analyser(language, data))
  analysers.set(language, made)
  return made
}
