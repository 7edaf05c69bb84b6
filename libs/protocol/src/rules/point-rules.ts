/** The rules of a point's vector: unlike an embedding it may be all zero, for not every metric asks for a direction. */
import { fault } from '../errors.ts'
import { invalidField } from '../schema/decoder.ts'

/** @throws Fault `DIMENSION_MISMATCH` */
export const checkDimension = (vector: Float32Array, dimension: number, field: string): void => {
  const got = vector.length
  if (got !== dimension)
    throw fault('DIMENSION_MISMATCH', `vector has another dimension field=${field} expected=${dimension} got=${got}`, {
      ...{ field, expected: dimension, got },
    })
}

/** @throws Fault `INVALID_FIELD` */
export const checkFinite = (vector: Float32Array, field: string): void => {
  for (let index = 0; index < vector.length; index += 1) {
    const component = vector[index] as number
    if (!Number.isFinite(component))
      throw invalidField(`${field}[${index}]`, 'a finite single-precision number', { value: String(component) })
  }
}
