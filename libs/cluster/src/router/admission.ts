/**
 * What becomes of a message on a request's subject, told from its bytes alone.
 *
 * A1  Every body gets an answer, in its own encoding: an empty one, a foreign one, one that is too large (P10).
 * A2  An answer goes to the inbox of the tenant that the subject names, or nowhere: anything else could pass for an
 *     answer to somebody else, or for a message between the parts of the cluster (K7, P12).
 * A3  The subject carries the right: a tenant has no operation of the operators, and operators none of a tenant's.
 */
import { isFault, utf8Size, type Fault, type Span, type Uuid } from '@waggle/kernel'
import {
  builtOperation,
  collectiveIdOfKey,
  collectiveIdOfName,
  decodeBody,
  decodeRequest,
  decodeSystemRequest,
  decodeTokens,
  encodingOf,
  fault,
  isCommandName,
  isOperationName,
  isPollName,
  isOwnInbox,
  isSystemName,
  isWriteName,
  limits,
  operations,
  parseApiSubject,
  requiredField,
  SYSTEM_TENANT,
  type ApiAddress,
  type BuiltName,
  type CommandName,
  type DecodedRequest,
  type Encoding,
  type PollName,
  type RequestOf,
  type RequestOptions,
  type StateName,
  type TenantId,
} from '@waggle/protocol'
import { WAITING_MS_MIN } from './limits.ts'
import type { FollowerShards, Target } from './routed-request.ts'

/** How a request reaches the shards that it is about. */
export type Plan =
  | { readonly kind: 'forward'; readonly target: Target }
  /** All shards are asked the same, and their answers merged. */
  | { readonly kind: 'gather' }
  /** All shards are asked whether they know that name; the request then goes to the one that does (K6). */
  | { readonly kind: 'lookUp'; readonly name: string }

export interface AdmittedRequest {
  readonly tenant: TenantId
  readonly operation: BuiltName
  readonly requestId: Uuid
  readonly isWrite: boolean
  /** Whether it waits for changes: it stays open for long, and nothing is amiss. */
  readonly isPoll: boolean
  /** Absent: only leaders may answer it. */
  readonly followers?: FollowerShards
  readonly reply: string
  readonly encoding: Encoding
  readonly body: Uint8Array
  readonly timeoutMs: number
  readonly plan: Plan
}

/** One that its router has taken on: whatever happens for its sake belongs to the span. */
export interface TakenRequest extends AdmittedRequest {
  readonly span: Span
}

/** To be passed on as it came. */
export interface AdmittedCommand {
  readonly operation: CommandName
  readonly shard?: number
  readonly node?: string
  readonly reply: string
  readonly encoding: Encoding
  readonly body: Uint8Array
}

export type Admission =
  | { readonly kind: 'dropped'; readonly reason: 'noReply' | 'foreignInbox' }
  | {
      readonly kind: 'refused'
      /** As its subject says: there may be none of that name. */
      readonly operation: string
      readonly reply: string
      readonly encoding: Encoding
      readonly fault: Fault
    }
  /** An operator asks what the router has heard. */
  | { readonly kind: 'state'; readonly reply: string; readonly encoding: Encoding; readonly operation: StateName }
  /** An operator wants something done, of that shard or node. */
  | { readonly kind: 'command'; readonly command: AdmittedCommand }
  | { readonly kind: 'admitted'; readonly request: AdmittedRequest }

export interface ApiMessage {
  readonly subject: string
  readonly reply: string | undefined
  readonly body: Uint8Array
  readonly requestId: Uuid
  /** What the servers and the leaders take. */
  readonly bytesMax: number
}

export const admit = (message: ApiMessage): Admission => {
  const { subject, reply, body } = message
  if (reply === undefined || reply === '') return { kind: 'dropped', reason: 'noReply' }
  const address = addressOf(subject)
  // A2.
  if (address === undefined || !isOwnInbox(address.tenant, reply)) return { kind: 'dropped', reason: 'foreignInbox' }
  const encoding = encodingOf(body)
  try {
    if (address.tenant === SYSTEM_TENANT) return admitOperator(address.operation, message, { reply, encoding })
    return { kind: 'admitted', request: { ...admitTenant(address, message), reply, encoding } }
  } catch (error) {
    // A1.
    const refusal = isFault(error) ? error : fault('INTERNAL', 'the request cannot be judged', {}, { cause: error })
    return { kind: 'refused', operation: address.operation, reply, encoding, fault: refusal }
  }
}

const addressOf = (subject: string): ApiAddress | undefined => {
  try {
    return parseApiSubject(subject)
  } catch (error) {
    if (isFault(error)) return undefined
    throw error
  }
}

const decodedBody = ({ body, bytesMax }: ApiMessage): unknown => {
  if (body.length > bytesMax)
    throw fault('REQUEST_TOO_LARGE', `request is too large bytes=${body.length} limit=${bytesMax}`, {
      size: body.length,
      limit: bytesMax,
    })
  return decodeBody(body).value
}

/** A3. */
const admitOperator = (
  operation: string,
  message: ApiMessage,
  asker: { readonly reply: string; readonly encoding: Encoding },
): Admission => {
  if (!isSystemName(operation))
    throw fault('UNKNOWN_OPERATION', 'operators have no operation of that name', { field: 'operation' })
  const { fields } = decodeSystemRequest(operation, decodedBody(message))
  if (!isCommandName(operation)) return { kind: 'state', ...asker, operation }
  return { kind: 'command', command: { ...asker, ...fields, operation, body: message.body } }
}

const admitTenant = (
  { tenant, operation }: ApiAddress,
  message: ApiMessage,
): Omit<AdmittedRequest, 'reply' | 'encoding'> => {
  // A3.
  if (isOperationName(operation) && operations[operation].class === 'system')
    throw fault('DENIED', `the operation is the operators’ operation=${operation}`, { operation })
  const name = builtOperation(operation)
  const decoded = decodeRequest(name, decodedBody(message))
  const { requestId, body } = message
  const followers = followersOf(name, decoded.options)
  return {
    tenant,
    operation: name,
    requestId,
    isWrite: isWriteName(name),
    isPoll: isPollName(name) && (decoded.fields as RequestOf<PollName>).waitMs > 0,
    body,
    timeoutMs: decoded.options.timeoutMs ?? limits.TIMEOUT_MS_DEFAULT,
    plan: planOf(decoded, tenant, decoded.options.idempotencyKey ?? requestId),
    ...(followers === undefined ? {} : { followers }),
  }
}

/**
 * What a follower can answer: nothing that decides, waits for changes, or must be the newest there is; and where a
 * token may have to be waited for, nothing that leaves no time to ask the leader after it.
 */
const followersOf = (
  name: BuiltName,
  { token, consistency = 'token', timeoutMs = limits.TIMEOUT_MS_DEFAULT }: RequestOptions,
): FollowerShards | undefined => {
  if (isWriteName(name) || isPollName(name) || consistency === 'strong') return undefined
  if (consistency === 'any') return 'every'
  if (token === undefined || timeoutMs < WAITING_MS_MIN) return undefined
  try {
    return new Set(decodeTokens(token).map(({ shard }) => shard))
  } catch (error) {
    // Whoever leads says what is wrong with it.
    if (isFault(error)) return undefined
    throw error
  }
}

const forwardTo = (collective: Uuid): Plan => ({ kind: 'forward', target: { kind: 'collective', collective } })

/** A name that no collective can carry is looked for nowhere: whoever decides refuses it in the published order. */
const isName = (name: string): boolean => name.trim().length > 0 && utf8Size(name) <= limits.COLLECTIVE_NAME_BYTES_MAX

/** @param key the idempotency key, or what stands for it */
const planOf = ({ operation, fields }: DecodedRequest, tenant: TenantId, key: string): Plan => {
  switch (operation) {
    case 'collective.create':
      return forwardTo((fields as RequestOf<'collective.create'>).id ?? collectiveIdOfKey(tenant, key))
    case 'collective.getOrCreate': {
      const { name } = fields as RequestOf<'collective.getOrCreate'>
      return isName(name) ? { kind: 'lookUp', name } : forwardTo(collectiveIdOfName(tenant, name))
    }
    case 'collective.get': {
      const { collective, name } = fields as RequestOf<'collective.get'>
      if (collective !== undefined) return forwardTo(collective)
      if (name === undefined) throw requiredField('collective')
      return { kind: 'gather' }
    }
    case 'collective.list':
    case 'tenant.usage':
      return { kind: 'gather' }
    default:
      return forwardTo((fields as RequestOf<'collective.stats'>).collective)
  }
}
