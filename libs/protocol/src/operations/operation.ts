import { requiredField, type Decoder } from '../schema/decoder.ts'
import { map, type Fields, type MapOf } from '../schema/map.ts'

/** The right that an operation takes: the request's subject carries it. `system` ones are the operators' own. */
export type OperationClass = 'read' | 'write' | 'admin' | 'system'

/** An operation of the interface that this version executes. */
export interface BuiltOperation<Request> {
  readonly class: OperationClass
  /** The request's fields; options are decoded beside it. @throws Fault of kind `invalid` naming the field. */
  readonly decode: Decoder<Request>
  readonly fields: readonly string[]
}

export const operation = <const F extends Fields>(
  operationClass: OperationClass,
  fields: F,
): BuiltOperation<MapOf<F>> => ({
  class: operationClass,
  decode: map(fields),
  fields: Object.keys(fields),
})

/** The same operation, of whose optional fields one of two must be there. @throws Fault `REQUIRED_FIELD` */
export const withEither = <Request extends object>(
  built: BuiltOperation<Request>,
  [field, alternative]: readonly [keyof Request & string, keyof Request & string],
): BuiltOperation<Request> => ({
  ...built,
  decode: (value, path) => {
    const request = built.decode(value, path)
    if (request[field] === undefined && request[alternative] === undefined) throw requiredField(field, alternative)
    return request
  },
})
