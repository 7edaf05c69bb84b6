import { fault } from '../errors.ts'
import { IDEMPOTENCY_KEY_BYTES_MAX, TIMEOUT_MS_MAX, TOKEN_BYTES_MAX } from '../limits.ts'
import { invalidField, optional } from '../schema/decoder.ts'
import { isMap, map, type MapOf } from '../schema/map.ts'
import { excerpt } from '../schema/unicode.ts'
import { integer, oneOf, text, time } from '../schema/values.ts'
import {
  isOperationName,
  isSystemName,
  operations,
  type BuiltName,
  type RequestOf,
  type SystemName,
  type SystemRequestOf,
} from './table.ts'

const optionFields = {
  token: optional(text({ bytesMin: 1, bytesMax: TOKEN_BYTES_MAX })),
  consistency: optional(oneOf(['any', 'token', 'strong'])),
  timeoutMs: optional(integer({ min: 0, max: TIMEOUT_MS_MAX })),
  idempotencyKey: optional(text({ bytesMin: 1, bytesMax: IDEMPOTENCY_KEY_BYTES_MAX })),
  issuedAt: optional(time),
} as const

/**
 * What may stand beside the fields of every request. `token`: a read reflects it, a write is decided after it.
 * `consistency`: `any` does without the token, `strong` is linearizable; absent: `token`. `timeoutMs`: how long the
 * request may wait. `idempotencyKey`: the write takes effect once however often it is sent. `issuedAt`: when the caller
 * made the key, kept over retries; a request older than what is remembered is refused.
 */
export type RequestOptions = MapOf<typeof optionFields>

const decodeOptions = map(optionFields)
const optionNames: ReadonlySet<string> = new Set(Object.keys(optionFields))

/** A request that has the shape its operation asks for. */
export interface DecodedRequest<Name extends BuiltName = BuiltName> {
  readonly operation: Name
  readonly fields: RequestOf<Name>
  readonly options: RequestOptions
}

/** An operation that an engine executes. @throws Fault `UNKNOWN_OPERATION` or `OPERATION_NOT_BUILT`. */
export const builtOperation = (name: string): BuiltName => {
  if (!isOperationName(name))
    throw fault('UNKNOWN_OPERATION', `unknown operation operation=${excerpt(name)}`, { field: 'operation' })
  if (isSystemName(name))
    throw fault('OPERATION_NOT_BUILT', `no store does that, a cluster does operation=${name}`, { operation: name })
  return name
}

/**
 * Decodes the one map of a request, in which fields and options stand side by side.
 * @throws Fault of kind `invalid` that names the field.
 */
export const decodeRequest = (name: string, body: unknown): DecodedRequest => {
  const operation = builtOperation(name)
  const { fields, options } = decodeFields(operation, body)
  return { operation, fields, options }
}

/**
 * The same for an operation of the operators.
 * @throws Fault of kind `invalid` that names the field
 */
export const decodeSystemRequest = <Name extends SystemName>(
  operation: Name,
  body: unknown,
): { readonly fields: SystemRequestOf<Name>; readonly options: RequestOptions } => {
  const { fields, options } = decodeFields(operation, body)
  return { fields: fields as SystemRequestOf<Name>, options }
}

const decodeFields = (operation: BuiltName | SystemName, body: unknown) => {
  if (!isMap(body)) throw invalidField('request', 'map')
  const fields: Record<string, unknown> = {}
  const options: Record<string, unknown> = {}
  for (const field of Object.keys(body)) {
    // `Object.keys` yields `__proto__` of a parsed body as an ordinary name; assigning it would set the prototype.
    if (field === '__proto__') throw fault('UNKNOWN_FIELD', `unknown field field=${field}`, { field })
    if (optionNames.has(field)) options[field] = body[field]
    else fields[field] = body[field]
  }
  const { decode } = operations[operation]
  return { fields: decode(fields, ''), options: decodeOptions(options, '') }
}
