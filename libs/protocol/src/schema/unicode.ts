/** Text as it may be stored and repeated: well-formed Unicode, which UTF-8 can carry. */

/** What Node has had since version 20, and the compiler's ES2023 library does not list. */
interface UnicodeText {
  isWellFormed(): boolean
  toWellFormed(): string
}

const unicode = (text: string): UnicodeText => text as unknown as UnicodeText

/** False for text with a lone surrogate, which UTF-8 cannot carry: what was stored would not be what was sent. */
export const isWellFormed = (text: string): boolean => unicode(text).isWellFormed()

const EXCERPT_UNITS_MAX = 100

/** The beginning of a caller's text, fit to be repeated in a fault: of bounded length, and well-formed. */
export const excerpt = (text: string): string => unicode(text.slice(0, EXCERPT_UNITS_MAX)).toWellFormed()
