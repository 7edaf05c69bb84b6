/** Rule A: every acknowledged write stands in the log once, where its token says, as it was written. */
import type { Invoked } from '../history/entry.ts'
import { add, type Log } from './log.ts'
import type { Answered, Operations } from './operations.ts'
import type { Violation } from './verdict.ts'

export const checkAcknowledged = ({ writes, all, reads }: Operations, log: Log): readonly Violation[] => [
  ...writes.flatMap((write) => stands(write, log)),
  ...checkReinforced(writes, all, log),
  ...checkValues(all, log),
  ...checkContents(reads),
]

const lost = (write: Answered, found: string): Violation => ({
  ...{ rule: 'A', harm: 'lost' },
  what: `${named(write.invoked)} was acknowledged at ${write.sequence}: ${found}`,
})

const named = ({ op, name, args, collective }: Invoked): string =>
  `operation ${op} (${name} ${args.mark ?? args.id ?? args.keys?.join() ?? ''} in ${collective})`

/** Where in the log the write has to be: the sequences where it is. */
const placesOf = ({ invoked: { name, args }, result }: Answered, log: Log): readonly number[] => {
  const happened = (what: string, id = ''): readonly number[] =>
    (log.happened.get(`${what} ${id}`) ?? []).map(({ sequence }) => sequence)
  switch (name) {
    case 'record':
    case 'relate':
      return happened('created', result.id)
    case 'delete':
      return happened('deleted', args.id)
    case 'put':
      return (log.put.get(args.mark ?? '') ?? []).map(({ frame }) => frame.sequence)
    default:
      return []
  }
}

const stands = (write: Answered, log: Log): readonly Violation[] => {
  const { invoked, sequence } = write
  if (invoked.name === 'reinforce') return []
  if (invoked.name === 'remove') return removed(write, log)
  const places = placesOf(write, log)
  // A put of several keys stands in the log once for each.
  const expected = invoked.name === 'put' ? (invoked.args.keys?.length ?? 1) : 1
  if (places.length < expected) return [lost(write, `it stands ${places.length} times in the log, not ${expected}`)]
  if (places.length > expected)
    return [{ rule: 'A', harm: 'doubled', what: `${named(invoked)} stands ${places.length} times in the log` }]
  return places.every((place) => place === sequence) ? [] : [lost(write, `it stands at ${places.join()}`)]
}

const removed = (write: Answered, log: Log): readonly Violation[] => {
  const { args, collective } = write.invoked
  const frames = (log.frames.get(collective) ?? []).filter(({ sequence }) => sequence === write.sequence)
  const deleted = new Set(frames.flatMap((frame) => frame.deleted))
  return (args.keys ?? []).every((key) => deleted.has(key)) ? [] : [lost(write, 'its batch does not delete its keys')]
}

/** No two of them may have counted once, and none twice: the n-th one of an experience says n. */
const checkReinforced = (writes: readonly Answered[], all: readonly Invoked[], log: Log): readonly Violation[] => {
  const violations: Violation[] = []
  const asked = new Map<string, number>()
  for (const { name, again, args } of all)
    if (name === 'reinforce' && again === undefined) asked.set(args.id ?? '', (asked.get(args.id ?? '') ?? 0) + 1)
  const seen = new Map<string, Answered[]>()
  for (const write of writes) {
    if (write.invoked.name !== 'reinforce') continue
    const { applications = 0 } = write.result
    const id = write.invoked.args.id ?? ''
    const change = log.happened.get(`updated ${id}`)?.[applications - 1]
    if (change?.sequence !== write.sequence)
      violations.push(lost(write, `number ${applications} stands at ${change?.sequence ?? 'no place'}`))
    add(seen, `${id} ${applications}`, write)
  }
  for (const [place, twins] of seen)
    if (twins.length > 1)
      violations.push({ rule: 'A', harm: 'lost', what: `${twins.length} uses were counted once: ${place}` })
  for (const [id, count] of asked) {
    const counted = log.happened.get(`updated ${id}`)?.length ?? 0
    if (counted > count)
      violations.push({ rule: 'A', harm: 'doubled', what: `${count} uses of ${id} were counted ${counted} times` })
  }
  return violations
}

/** What was never acknowledged may be there, but not twice either. */
const checkValues = (all: readonly Invoked[], log: Log): readonly Violation[] => {
  const asked = new Map(all.filter(({ name }) => name === 'put').map((put) => [put.args.mark ?? '', put]))
  const violations: Violation[] = []
  for (const [value, places] of log.put) {
    const put = asked.get(value)
    const keys = places.map(({ key }) => key)
    if (put === undefined) violations.push({ rule: 'A', harm: 'stale', what: `nobody ever wrote ${value}` })
    else if (new Set(keys).size < keys.length)
      violations.push({ rule: 'A', harm: 'doubled', what: `${named(put)} stands twice in the log: ${keys.join()}` })
    else if (!keys.every((key) => put.args.keys?.includes(key) === true))
      violations.push({ rule: 'A', harm: 'lost', what: `${named(put)} stands under ${keys.join()}` })
  }
  return violations
}

/** Records that nobody was told of have no id to look for, but each has a content of its own. */
const checkContents = (reads: readonly Answered[]): readonly Violation[] =>
  reads.flatMap(({ invoked, result: { experiences = {} } }) => {
    const ids = new Map<string, string[]>()
    for (const [id, experience] of Object.entries(experiences)) add(ids, experience?.content ?? '', id)
    return [...ids].flatMap(([content, twins]): readonly Violation[] =>
      twins.length < 2
        ? []
        : [{ rule: 'A', harm: 'doubled', what: `${content} is there as ${twins.join()} in ${invoked.collective}` }],
    )
  })
