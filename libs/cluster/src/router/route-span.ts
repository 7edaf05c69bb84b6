/** A router's part in a trace: from a request's arrival until it is on its way to a shard, or refused. */
import type { Span, TraceContext, Tracer } from '@waggle/kernel'
import type { AdmittedRequest } from './admission.ts'

/** @param parent as its sender says */
export const routeSpan = (
  tracer: Tracer,
  { operation, tenant, plan }: AdmittedRequest,
  parent: TraceContext | undefined,
): Span => {
  const span = tracer.start(`waggle.route ${operation}`, parent, { kind: 'server' })
  if (!span.isRecording) return span
  const target = plan.kind === 'forward' ? plan.target : undefined
  span.set({
    'waggle.operation': operation,
    'waggle.tenant': tenant,
    ...(target?.kind === 'collective' ? { 'waggle.collective': target.collective } : {}),
  })
  return span
}
