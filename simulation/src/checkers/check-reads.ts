/**
 * Reads: each is what the model says at the sequence that it names; none is older than its token, and a strong one is
 * not older than anything that was answered before it was asked (P5, DESIGN L6).
 */
import type { History, ReadCommand } from '../workload/history.ts'
import type { CollectiveModel, Model } from './model.ts'

export const checkReads = ({ reads, writes }: History, { collectives, placed }: Model): readonly string[] => {
  const findings: string[] = []
  /** What answers had proved by then, by shard: `[completedMs, sequence]`, rising in both. */
  const proved = new Map<number, [number, number][]>()
  const answers = [
    ...writes.map(({ shard, completedMs, id }) => ({ shard, completedMs, sequence: placed.get(id)?.[0]?.sequence })),
    ...reads.map(({ shard, completedMs, sequence }) => ({ shard, completedMs, sequence })),
  ].sort((one, other) => (one.completedMs ?? Infinity) - (other.completedMs ?? Infinity))
  for (const { shard, completedMs, sequence } of answers) {
    if (completedMs === undefined || sequence === undefined) continue
    const list = proved.get(shard) ?? []
    proved.set(shard, list)
    const highest = list.at(-1)?.[1] ?? 0
    if (sequence > highest) list.push([completedMs, sequence])
  }
  const provedBefore = (shard: number, atMs: number): number =>
    proved.get(shard)?.findLast(([completedMs]) => completedMs < atMs)?.[1] ?? 0
  for (const read of reads) {
    const { sequence, consistency, shard, tokenSequence, invokedMs } = read
    if (read.fault !== undefined) findings.push(`a read was refused: ${describe(read)} fault=${read.fault}`)
    if (sequence === undefined) continue
    const model = collectives.get(read.collective)
    if (model !== undefined) findings.push(...checkValue(read, sequence, model))
    if (consistency !== 'any' && sequence < tokenSequence)
      findings.push(`P5 older than its token: ${describe(read)} token=${tokenSequence}`)
    const known = consistency === 'strong' ? provedBefore(shard, invokedMs) : 0
    if (sequence < known) findings.push(`P5 stale strong read: ${describe(read)} known=${known}`)
  }
  return findings
}

const describe = ({ kind, consistency, agent, shard, sequence, invokedMs }: ReadCommand): string =>
  `${consistency} ${kind} of ${agent} shard=${shard} sequence=${sequence ?? '?'} at=${invokedMs.toFixed(1)}`

const checkValue = (read: ReadCommand, sequence: number, model: CollectiveModel): readonly string[] => {
  if (read.kind === 'version') {
    const expected = model.versionAt(sequence)
    return read.version === expected ? [] : [`P5 version: ${describe(read)} is ${read.version ?? 0} not ${expected}`]
  }
  const { key = '' } = read
  const value = model.valueAt(key, sequence)
  const expected = read.kind === 'range' ? model.rangeAt(sequence) : value === undefined ? [] : [{ key, value }]
  const [found, wanted] = [read.found ?? [], expected].map((list) => JSON.stringify(list)) as [string, string]
  return found === wanted ? [] : [`P5 value: ${describe(read)} is ${found} not ${wanted}`]
}
