/** A write on its way from the wire's form to the mailbox. */
import { sha256, type IdSource, type Span } from '@waggle/kernel'
import { fault, limits, useMessagePack, type DecodedRequest, type TenantId, type WriteName } from '@waggle/protocol'
import { traceOf } from './command-trace.ts'
import type { Command } from './submission.ts'

/** Idempotency keys of requests are remembered by this much of the hash of their fields. */
const REQUEST_HASH_BYTES = 16

/** @throws Fault `REQUEST_TOO_LARGE` */
export const submissionOf = (
  tenant: TenantId,
  { operation, fields, options }: DecodedRequest<WriteName>,
  ids: IdSource,
  span: Span,
): Command => {
  const { size, hash } = useMessagePack([operation, fields], (encoded) => ({
    size: encoded.length,
    hash: sha256(encoded),
  }))
  const limit = limits.REQUEST_BYTES_MAX
  if (size > limit)
    throw fault('REQUEST_TOO_LARGE', `request is too large bytes=${size} limit=${limit}`, { size, limit })
  const { idempotencyKey, issuedAt } = options
  return {
    name: operation,
    tenant,
    collective: 'collective' in fields ? fields.collective : undefined,
    fields,
    key: idempotencyKey ?? ids.uuid(),
    requestHash: hash.subarray(0, REQUEST_HASH_BYTES),
    issuedAt,
    bytes: size,
    trace: traceOf(span),
  }
}
