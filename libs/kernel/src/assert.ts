/**
 * Assertions state what can only be false through a bug of ours. They stay on in production: a store that goes on with
 * a broken invariant writes the damage down. They are never used on input; input gets a `Fault`.
 */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** @throws AssertionError when `condition` is false. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** The value, which cannot be absent here. @throws AssertionError when it is. */
export const present = <T>(value: T | undefined | null, what: string): T => {
  if (value === undefined || value === null) throw new AssertionError(`absent: ${what}`)
  return value
}

/** Ends a `switch` over a union: a new variant does not compile until it has its case. */
export const unreachable = (value: never): never => {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`)
}
