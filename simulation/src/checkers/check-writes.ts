/**
 * Writes: each that was acknowledged took effect exactly once, where its answer says; none took effect twice; and the
 * order of sequences agrees with real time (P1, P2, P4).
 */
import type { WriteCommand } from '../workload/history.ts'
import type { Model } from './model.ts'

export const checkWrites = (writes: readonly WriteCommand[], { placed }: Model): readonly string[] => {
  const findings: string[] = []
  for (const command of writes) {
    const places = placed.get(command.id) ?? []
    const what = `${command.kind} ${command.id} of ${command.agent} shard=${command.shard}`
    if (places.length > 1)
      findings.push(`P2 doubled: ${what} sequences=${places.map(({ sequence }) => sequence).join(',')}`)
    if (command.completedMs === undefined) continue
    const [place] = places
    if (place === undefined) {
      findings.push(`P1 lost: ${what} was answered sequence=${command.sequence ?? command.fault ?? '?'}`)
      continue
    }
    if (place.fault !== command.fault)
      findings.push(`P2 answered otherwise: ${what} answer=${command.fault ?? 'ok'} log=${place.fault ?? 'ok'}`)
    if (command.sequence !== undefined && command.sequence !== place.sequence)
      findings.push(`P1 elsewhere: ${what} answer=${command.sequence} log=${place.sequence}`)
  }
  return [...findings, ...checkRealTime(writes, { placed })]
}

/** P4: what was answered before another was asked for has a lower sequence. */
const checkRealTime = (writes: readonly WriteCommand[], { placed }: Pick<Model, 'placed'>): readonly string[] => {
  const findings: string[] = []
  for (const shard of new Set(writes.map((command) => command.shard))) {
    const ofShard = writes.filter((command) => command.shard === shard && placed.has(command.id))
    const sequenceOf = ({ id }: WriteCommand): number => placed.get(id)?.[0]?.sequence ?? 0
    const completed = ofShard
      .filter(({ completedMs }) => completedMs !== undefined)
      .sort((one, other) => (one.completedMs ?? 0) - (other.completedMs ?? 0))
    let highest = 0
    let next = 0
    for (const command of [...ofShard].sort((one, other) => one.invokedMs - other.invokedMs)) {
      for (; (completed[next]?.completedMs ?? Infinity) < command.invokedMs; next += 1)
        highest = Math.max(highest, sequenceOf(completed[next] as WriteCommand))
      if (sequenceOf(command) <= highest)
        findings.push(`P4 order: ${command.id} shard=${shard} sequence=${sequenceOf(command)} after ${highest}`)
    }
  }
  return findings
}
