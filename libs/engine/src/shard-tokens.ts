/**
 * The tokens of one shard: those that its answers carry, and what the one that a request carries asks of it.
 *
 * Most answers in a row speak of one sequence, and who asks sends back what he was told last; so the last token of each
 * kind is remembered as text. Making one costs 1-2 µs, reading one as much, and a point read not much more.
 */
import { decodeTokens, encodeToken, type Generation, type Sequence, type Token } from '@waggle/protocol'

export class ShardTokens {
  readonly #shard: number
  readonly #generation: Generation
  #told: { readonly text: string; readonly token: Token } | undefined
  #asked: { readonly text: string; readonly token: Token | undefined } | undefined

  constructor(shard: number, generation: Generation) {
    this.#shard = shard
    this.#generation = generation
  }

  /** The text that names a sequence of this life of the shard. */
  of(sequence: Sequence): string {
    if (this.#told?.token.sequence !== sequence) {
      const token = { shard: this.#shard, generation: this.#generation, sequence }
      this.#told = { text: encodeToken(token), token }
    }
    return this.#told.text
  }

  /** The token of this shard in the text of a request, if there is one. @throws Fault `INVALID_TOKEN` */
  find(text: string): Token | undefined {
    if (text === this.#told?.text) return this.#told.token
    if (text !== this.#asked?.text)
      this.#asked = { text, token: decodeTokens(text).find(({ shard }) => shard === this.#shard) }
    return this.#asked.token
  }
}
