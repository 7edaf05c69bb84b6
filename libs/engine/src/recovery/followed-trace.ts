/** What a follower does with a record, as part of the traces of those whose commands are in it. */
import { parseTraceContext, silentSpan, type Span, type Tracer } from '@waggle/kernel'
import type { LogEntry, Sequence } from '@waggle/protocol'

/** A part of the first trace that is kept, linked with the others; the silent one where there is none. */
export const followedSpan = (tracer: Tracer | undefined, entries: readonly LogEntry[], sequence: Sequence): Span => {
  if (tracer === undefined) return silentSpan
  const causes = entries.flatMap(({ trace }) => parseTraceContext(trace) ?? [])
  const [first, ...links] = causes.filter(({ isSampled }) => isSampled)
  if (first === undefined) return silentSpan
  const attributes = { 'waggle.sequence': sequence, 'waggle.commands': entries.length }
  return tracer.start('waggle.follow', first, { kind: 'consumer', links, attributes })
}
