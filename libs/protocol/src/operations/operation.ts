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

/** An operation that the interface promises and this version refuses with `OPERATION_NOT_BUILT`. */
export interface PlannedOperation {
  readonly class: OperationClass
  readonly planned: true
}

export const operation = <const F extends Fields>(
  operationClass: OperationClass,
  fields: F,
): BuiltOperation<MapOf<F>> => ({
  class: operationClass,
  decode: map(fields),
  fields: Object.keys(fields),
})

/** Names of one noun that are not built yet. */
export const planned = <const Noun extends string, const Verb extends string>(
  operationClass: OperationClass,
  noun: Noun,
  verbs: readonly Verb[],
): Record<`${Noun}.${Verb}`, PlannedOperation> =>
  Object.fromEntries(verbs.map((verb) => [`${noun}.${verb}`, { class: operationClass, planned: true }])) as Record<
    `${Noun}.${Verb}`,
    PlannedOperation
  >
