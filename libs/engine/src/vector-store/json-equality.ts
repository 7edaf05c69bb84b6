/** Whether JSON values are equal: of one type, numbers as doubles, lists and maps as a whole, names in any order. */
import type { Json } from '@waggle/protocol'

/** Values to find others among. */
export class JsonSet {
  readonly #scalars = new Set<Json>()
  /** Lists and maps, by what equal ones have in common. */
  readonly #structures = new Set<string>()

  constructor(values: readonly Json[]) {
    for (const value of values)
      if (isStructure(value)) this.#structures.add(canonical(value))
      else this.#scalars.add(value)
  }

  has(value: Json): boolean {
    if (!isStructure(value)) return this.#scalars.has(value)
    return this.#structures.size > 0 && this.#structures.has(canonical(value))
  }

  /** How many of its values are among these. */
  countIn(values: readonly Json[]): number {
    const scalars = new Set<Json>()
    // Apart from the scalars, of which a text may be what a structure is written as.
    const structures = new Set<string>()
    for (const value of values) {
      if (!this.has(value)) continue
      if (isStructure(value)) structures.add(canonical(value))
      else scalars.add(value)
    }
    return scalars.size + structures.size
  }

  get size(): number {
    return this.#scalars.size + this.#structures.size
  }
}

const isStructure = (value: Json): value is readonly Json[] | { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null

/** One text for all values that are equal. */
const canonical = (value: Json): string => {
  if (!isStructure(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonical).join(',')}]`
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`
}
