import type { Decoder } from '../schema/decoder.ts'
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
