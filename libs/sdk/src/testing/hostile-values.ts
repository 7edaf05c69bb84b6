/** Values that a caller who errs, or means harm, may pass where something else is expected. */

const throwing = (): never => {
  throw new Error('hostile')
}

const cyclic = (): object => {
  const value: Record<string, unknown> = { a: 1 }
  value.self = value
  value.list = [value]
  return value
}

/** Holds itself twice on each of many levels: small in memory, without end when it is walked. */
export const bushyMap = (): object => {
  let value: object = {}
  for (let level = 0; level < 30; level += 1) value = { left: value, right: value }
  return value
}

const revoked = (target: object): object => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const throwsOnRead = { get: throwing, has: throwing, ownKeys: throwing, getOwnPropertyDescriptor: throwing }

/** By name, made anew for each use. */
export const hostileValues: Readonly<Record<string, () => unknown>> = {
  null: () => null,
  undefined: () => undefined,
  true: () => true,
  zero: () => 0,
  'minus one': () => -1,
  fraction: () => 0.5,
  NaN: () => NaN,
  infinity: () => Infinity,
  'beyond safe integers': () => 2 ** 60,
  bigint: () => 10n,
  symbol: () => Symbol('hostile'),
  'empty text': () => '',
  text: () => 'text',
  'lone surrogate': () => 'a\udc00b',
  'huge text': () => 'x'.repeat(9_000_000),
  function: () => () => 'called',
  class: () => Date,
  'empty list': () => [],
  'list of null': () => [null],
  'list of lists': () => [[[]]],
  'sparse list': () => Array<unknown>(3),
  'endless list': () => Array<unknown>(2 ** 32 - 1),
  'list of many': () => Array.from({ length: 5_000 }, () => 0),
  'list that throws': () => Object.defineProperty([1], 0, { get: throwing }),
  'list proxy that throws': () => new Proxy([1, 2], throwsOnRead),
  'revoked list': () => revoked([]),
  'empty map': () => ({}),
  'map of unknown fields': () => ({ unknown: 1, other: [] }),
  'map that throws': () => ({
    get content() {
      return throwing()
    },
    get id() {
      return throwing()
    },
  }),
  'map proxy that throws': () => new Proxy({}, throwsOnRead),
  'revoked map': () => revoked({}),
  'map without prototype': () => Object.assign(Object.create(null) as object, { a: 1 }),
  'own __proto__': () => JSON.parse('{"__proto__":{"content":"x"},"constructor":1}') as unknown,
  'nested __proto__': () => ({ filter: JSON.parse('{"__proto__":{"domains":["x"]}}') as unknown }),
  'deep map': () => JSON.parse('{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000)) as unknown,
  'cyclic map': cyclic,
  'tag that throws': () => ({
    get [Symbol.toStringTag]() {
      return throwing()
    },
  }),
  'false tag': () => ({ [Symbol.toStringTag]: 'Array', length: 1 }),
  'toJSON, toString and valueOf that throw': () => ({ toJSON: throwing, toString: throwing, valueOf: throwing }),
  date: () => new Date(1_700_000_000_000),
  'invalid date': () => new Date(NaN),
  'false date': () => Object.create(Date.prototype) as unknown,
  'false vector': () => Object.create(Float32Array.prototype) as unknown,
  'empty vector': () => new Float32Array(0),
  'vector of many': () => new Float32Array(100_000),
  bytes: () => Uint8Array.of(1, 2, 3),
  doubles: () => new Float64Array(4),
  Map: () => new Map([['content', 'x']]),
  Set: () => new Set(['x']),
  error: () => new Error('hostile'),
  'regular expression': () => /x/g,
  'boxed text': () => Object('text') as unknown,
  'unawaited promise': () => Promise.resolve({ content: 'x' }),
}
