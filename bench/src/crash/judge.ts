/** The verdict on one record after a crash. */

export type Verdict = 'fine' | 'lost' | 'doubled' | 'half'

/** What was seen of a record in the ways there are to see it. */
export interface Sighting {
  /** Whether the writer was told that it is durable; else it may be there or not, but whole. */
  readonly acknowledged: boolean
  /** How often it stands in the list of all records. */
  readonly listed: number
  /** What its id gives. */
  readonly byId: 'whole' | 'damaged' | 'absent'
  /** How often it is among the nearest of its own vector; absent when it was not searched for. */
  readonly found?: number
}

/**
 * `half`: it is there in one way and not in another, or not as it was written. An acknowledged record that one way does
 * not show is `lost`, whatever the others say.
 */
export const judge = ({ acknowledged, listed, byId, found }: Sighting): Verdict => {
  if (listed > 1 || (found !== undefined && found > 1)) return 'doubled'
  if (byId === 'damaged') return 'half'
  const ways = [listed === 1, byId === 'whole', ...(found === undefined ? [] : [found === 1])]
  if (ways.every((seen) => seen)) return 'fine'
  if (acknowledged) return 'lost'
  return ways.some((seen) => seen) ? 'half' : 'fine'
}

export interface Tally {
  readonly lost: number
  readonly doubled: number
  readonly half: number
}

/** Faults by record: one that stays, or is seen in several ways, is one fault. */
export class Findings {
  readonly #verdicts = new Map<number, Verdict>()

  note(record: number, verdict: Verdict): void {
    if (verdict !== 'fine' && !this.#verdicts.has(record)) this.#verdicts.set(record, verdict)
  }

  get tally(): Tally {
    const verdicts = [...this.#verdicts.values()]
    const count = (wanted: Verdict): number => verdicts.filter((verdict) => verdict === wanted).length
    return { lost: count('lost'), doubled: count('doubled'), half: count('half') }
  }

  /** The first of them, to look into. */
  get examples(): readonly string[] {
    return [...this.#verdicts].slice(0, 10).map(([record, verdict]) => `record ${record}: ${verdict}`)
  }
}
