/**
 * The newest token of each shard that a client has seen.
 *
 * Positions of two shards say nothing about one another, and neither do those of two lives of one shard: of such the
 * one that was seen later counts.
 */
import type { Token } from '@waggle/protocol'

export class SeenTokens {
  readonly #ofShards = new Map<number, Token>()

  /** A copy that goes its own way. */
  copy(): SeenTokens {
    const copy = new SeenTokens()
    copy.see([...this.#ofShards.values()])
    return copy
  }

  see(tokens: readonly Token[]): void {
    for (const token of tokens) this.#ofShards.set(token.shard, newer(this.#ofShards.get(token.shard), token))
  }

  /** Forgets these, unless others have been seen in their place. */
  forget(tokens: readonly Token[]): void {
    for (const token of tokens) if (isSame(this.#ofShards.get(token.shard), token)) this.#ofShards.delete(token.shard)
  }

  /** What a request must reflect that was handed `given` too. @param shard the only one that it goes to */
  with(given: readonly Token[], shard: number | undefined): readonly Token[] {
    if (given.length === 0 && shard !== undefined) {
      const token = this.#ofShards.get(shard)
      return token === undefined ? [] : [token]
    }
    const all = this.copy()
    all.see(given)
    const tokens = [...all.#ofShards.values()]
    return shard === undefined ? tokens : tokens.filter((token) => token.shard === shard)
  }
}

const isSame = (left: Token | undefined, right: Token): boolean =>
  left?.generation === right.generation && left.sequence === right.sequence

/** The one that asks for more; of two that cannot be compared, the second, which was seen later. */
const newer = (known: Token | undefined, other: Token): Token =>
  known?.generation === other.generation && known.sequence > other.sequence ? known : other
