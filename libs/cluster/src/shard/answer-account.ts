/**
 * What a leader has answered of each router's requests, so that its beats can tell every router what it need not keep
 * any longer (DESIGN §3.1).
 *
 * C1  Told as answered is only what was answered. What came and was not, and what never came while later ones did, is
 *     told as open: the router keeps it, and sends it again should it have been lost on its way.
 * C2  A request that came before, answered or not, is told as known: it is taken once in a term.
 * C3  Routers that have been silent for a while are forgotten, once all that came of them is answered. One that still
 *     keeps a request is never silent for so long: it sends it again.
 */
import { WATCHERS_MAX } from '@waggle/engine'
import type { RouterId } from '@waggle/protocol'

/** C3. */
const FORGET_AFTER_MS = 60_000
/**
 * Numbers that a beat names one by one; further ones hold the watermark down. Enough for all that may wait for changes,
 * which is about 10 KB of a beat, and for reads that wait otherwise.
 */
export const OPEN_MAX = 256 + WATCHERS_MAX

interface Account {
  /** Everything below was answered, or settled by the router itself. */
  low: number
  /** Above the highest number that came. */
  high: number
  /** Requests at or above `low` that came, and whether they were answered. */
  readonly came: Map<number, boolean>
  heardAtMs: number
}

/** What beats tell: see `ShardBeat`. */
export interface AnsweredNumbers {
  readonly answered: Readonly<Record<RouterId, number>>
  readonly open: Readonly<Record<RouterId, readonly number[]>>
}

export class AnswerAccount {
  readonly #accounts = new Map<RouterId, Account>()

  /** A request came; false when it came before (C2). */
  take(router: RouterId, number: number, lowest: number, nowMs: number): boolean {
    const account = this.#accounts.get(router) ?? {
      low: lowest,
      high: lowest,
      came: new Map<number, boolean>(),
      heardAtMs: nowMs,
    }
    this.#accounts.set(router, account)
    account.heardAtMs = nowMs
    if (lowest > account.low) {
      for (const settled of account.came.keys()) if (settled < lowest) account.came.delete(settled)
      account.low = lowest
      rise(account)
    }
    if (number < account.low || account.came.has(number)) return false
    account.came.set(number, false)
    account.high = Math.max(account.high, number + 1)
    return true
  }

  answered(router: RouterId, number: number): void {
    const account = this.#accounts.get(router)
    if (account?.came.has(number) !== true) return
    account.came.set(number, true)
    rise(account)
  }

  /** Nothing counts as answered any longer, and nobody as known. */
  forget(): void {
    this.#accounts.clear()
  }

  /** C1. */
  numbers(nowMs: number): AnsweredNumbers {
    const answered: Record<RouterId, number> = {}
    const open: Record<RouterId, readonly number[]> = {}
    for (const [router, account] of this.#accounts) {
      if (nowMs - account.heardAtMs > FORGET_AFTER_MS && ![...account.came.values()].includes(false)) {
        this.#accounts.delete(router)
        continue
      }
      const { below, numbers } = openOf(account)
      answered[router] = below
      if (numbers.length > 0) open[router] = numbers
    }
    return { answered, open }
  }
}

const rise = (account: Account): void => {
  while (account.came.get(account.low) === true) {
    account.came.delete(account.low)
    account.low += 1
  }
  account.high = Math.max(account.high, account.low)
}

const openOf = ({ low, high, came }: Account): { readonly below: number; readonly numbers: readonly number[] } => {
  const numbers: number[] = []
  for (let number = low; number < high; number += 1) {
    if (came.get(number) === true) continue
    if (numbers.length === OPEN_MAX) return { below: number, numbers }
    numbers.push(number)
  }
  return { below: high, numbers }
}
