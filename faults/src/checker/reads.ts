/**
 * Rule C: what a read saw is what the model has at the sequence that the read was served at.
 *
 * One pass over the log of each collective: reads are taken in the order of their sequences, and the model goes along.
 */
import type { Invoked, Result } from '../history/entry.ts'
import { add, type Log } from './log.ts'
import { isSameExperience, Model } from './model.ts'
import type { Answered, Operations } from './operations.ts'
import type { Violation } from './verdict.ts'

export const checkReads = ({ reads, writes, all }: Operations, log: Log): readonly Violation[] => {
  const contents = contentsOf(writes, all)
  const ofCollectives = new Map<string, Answered[]>()
  for (const read of reads) add(ofCollectives, read.invoked.collective, read)
  return [...ofCollectives].flatMap(([collective, its]) => {
    const model = new Model(log.changes.get(collective) ?? [], log.frames.get(collective) ?? [], contents)
    return its
      .sort((left, right) => left.sequence - right.sequence)
      .flatMap(({ invoked, sequence, result }) => {
        model.advance(sequence)
        return differences(invoked, result, model).map((what) => ({
          ...{ rule: 'C' as const, harm: 'stale' as const },
          what: `operation ${invoked.op} (${invoked.name} in ${collective} at ${sequence}): ${what}`,
        }))
      })
  })
}

/** By id, as far as writers were told theirs. */
const contentsOf = (writes: readonly Answered[], all: readonly Invoked[]): ReadonlyMap<string, string> => {
  const contents = new Map<string, string>()
  for (const { invoked, result } of writes)
    if (invoked.name === 'record') contents.set(result.id ?? '', invoked.args.mark ?? '')
  for (const { name, args } of all)
    if (name === 'record' && args.id !== undefined) contents.set(args.id, args.mark ?? '')
  return contents
}

const differences = (read: Invoked, result: Result, model: Model): readonly string[] => {
  const { id = '', keys = [] } = read.args
  switch (read.name) {
    case 'get':
      return ofExperience(id, result.experience, model)
    case 'search':
      // The nearest to its own embedding is the experience itself, unless it is not there.
      return model.experience(id) === null || result.nearest === id
        ? []
        : [`the nearest to ${id} is ${result.nearest ?? 'nothing'}`]
    case 'count':
      return result.count === model.count ? [] : [`${result.count} experiences, the model has ${model.count}`]
    case 'values':
      return keys.flatMap((key) => ofValue(key, result.values?.[key] ?? null, model))
    case 'allKeys': {
      const { values = {} } = result
      const names = new Set([...Object.keys(values), ...Object.keys(model.keys())])
      return [...names].flatMap((key) => ofValue(key, values[key] ?? null, model))
    }
    case 'everything': {
      const { experiences = {} } = result
      const ids = new Set([...Object.keys(experiences), ...model.experiences()])
      return [...ids].flatMap((one) => ofExperience(one, experiences[one], model))
    }
    default:
      return []
  }
}

const ofValue = (key: string, found: string | null, model: Model): readonly string[] =>
  found === model.value(key) ? [] : [`${key} is ${found}, the model has ${model.value(key)}`]

const ofExperience = (id: string, found: Result['experience'], model: Model): readonly string[] =>
  isSameExperience(found, model.experience(id))
    ? []
    : [`${id} is ${JSON.stringify(found ?? null)}, the model has ${JSON.stringify(model.experience(id))}`]
