/** Rule E: a watcher saw every change of its collective once and in the order of the log. */
import type { Entry, LoggedChange, LoggedFrame } from '../history/entry.ts'
import { add, type Log } from './log.ts'
import type { Harm, Violation } from './verdict.ts'

/** Something that was told, and where it stands. */
interface Told {
  readonly place: string
  readonly text: string
  readonly order: readonly [sequence: number, index: number]
}

export const checkWatchers = (history: readonly Entry[], log: Log): readonly Violation[] => {
  const told = new Map<string, Told[]>()
  for (const entry of history)
    if (entry.kind === 'seenChange') add(told, entry.watcher, ofChange(entry))
    else if (entry.kind === 'seenFrame') add(told, entry.watcher, ofFrame(entry))
  return history.flatMap((entry): readonly Violation[] => {
    if (entry.kind === 'cutOff')
      return [{ rule: 'E', harm: 'lost', what: `watcher ${entry.watcher} was cut off: ${entry.reason}` }]
    if (entry.kind !== 'watched') return []
    const { watcher, collective, store } = entry
    const logged =
      store === 'memory'
        ? (log.changes.get(collective) ?? []).map(ofChange)
        : (log.frames.get(collective) ?? []).map(ofFrame)
    return compare(watcher, told.get(watcher) ?? [], logged)
  })
}

const ofChange = ({ sequence, index, change, entity, id }: LoggedChange): Told => ({
  ...{ place: `${sequence}:${index}`, text: `${change} ${entity} ${id}`, order: [sequence, index] },
})

const ofFrame = ({ sequence, entries, deleted }: LoggedFrame): Told => ({
  ...{ place: String(sequence), text: JSON.stringify([entries, deleted]), order: [sequence, 0] },
})

const compare = (watcher: string, told: readonly Told[], logged: readonly Told[]): readonly Violation[] => {
  const violation = (harm: Harm, what: string): Violation => ({ rule: 'E', harm, what: `watcher ${watcher} ${what}` })
  const violations: Violation[] = []
  const seen = new Map<string, Told>()
  let last: Told | undefined
  for (const one of told) {
    if (seen.has(one.place)) violations.push(violation('doubled', `was told ${one.place} twice`))
    else if (last !== undefined && isBefore(one, last))
      violations.push(violation('stale', `was told ${one.place} after ${last.place}`))
    seen.set(one.place, one)
    last = one
  }
  for (const { place, text } of logged) {
    const one = seen.get(place)
    seen.delete(place)
    if (one === undefined) violations.push(violation('lost', `was not told ${place}: ${text}`))
    else if (one.text !== text) violations.push(violation('stale', `was told at ${place} ${one.text}, not ${text}`))
  }
  for (const { place, text } of seen.values())
    violations.push(violation('stale', `was told at ${place} ${text}, which is not in the log`))
  return violations
}

const isBefore = (left: Told, right: Told): boolean =>
  left.order[0] < right.order[0] || (left.order[0] === right.order[0] && left.order[1] < right.order[1])
