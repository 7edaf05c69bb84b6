/** Numbers the terms of an index: those that some text has. The number of one that went is used again. */
export class Vocabulary {
  readonly #numbers = new Map<string, number>()
  /** By number; of those that are free, the last term that had it. */
  readonly #terms: string[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#numbers.size
  }

  find(term: string): number | undefined {
    return this.#numbers.get(term)
  }

  /** The number of a term, from now on. */
  add(term: string): number {
    const known = this.#numbers.get(term)
    if (known !== undefined) return known
    const number = this.#free.pop() ?? this.#terms.length
    this.#terms[number] = term
    this.#numbers.set(term, number)
    return number
  }

  remove(number: number): void {
    this.#numbers.delete(this.#terms[number] as string)
    this.#free.push(number)
  }
}
