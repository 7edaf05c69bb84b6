/** What the lanes of a collective tell one another: which memories there are, with the tokens of their making. */

export interface Posted {
  readonly id: string
  readonly mark: string
  readonly token: string
}

/** The newest are the interesting ones, and the board stays small. */
const LASTING_MAX = 200
const UNRELATED_MAX = 100

export class Board {
  /** Never deleted. */
  readonly lasting: Posted[] = []
  /** Of these, experiences that are the source of no relation yet. */
  readonly unrelated: string[] = []
  readonly #doomed: string[] = []
  readonly #keys: string[] = []

  recorded(id: string, mark: string, token: string, isDoomed: boolean): void {
    if (isDoomed) {
      this.#doomed.push(id)
      return
    }
    this.lasting.push({ id, mark, token })
    if (this.lasting.length > LASTING_MAX) this.lasting.shift()
    this.unrelated.push(id)
    if (this.unrelated.length > UNRELATED_MAX) this.unrelated.shift()
  }

  related(id: string): void {
    this.unrelated.splice(this.unrelated.indexOf(id), 1)
  }

  takeDoomed(): string | undefined {
    return this.#doomed.shift()
  }

  keyMade(key: string): void {
    this.#keys.push(key)
  }

  takeKey(): string | undefined {
    return this.#keys.shift()
  }
}
