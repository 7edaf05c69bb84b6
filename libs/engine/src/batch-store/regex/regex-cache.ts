/**
 * Expressions that were compiled lately. Whoever polls brings the same ones each time, and agents of a fleet bring the
 * same ones as each other; what matching them has learnt is kept with them.
 */
import { compileRegex, type Regex } from './regex.ts'

/** Of up to 1 MB each, hostile ones; ordinary ones take some KB. */
const REGEXES_MAX = 64

export class RegexCache {
  /** The one that was used last is last. */
  readonly #regexes = new Map<string, Regex>()

  /** @throws Fault as `compileRegex` */
  get(pattern: string, field: string): Regex {
    const regex = this.#regexes.get(pattern) ?? compileRegex(pattern, field)
    this.#regexes.delete(pattern)
    this.#regexes.set(pattern, regex)
    if (this.#regexes.size > REGEXES_MAX) {
      const [oldest] = this.#regexes.keys()
      if (oldest !== undefined) this.#regexes.delete(oldest)
    }
    return regex
  }
}
