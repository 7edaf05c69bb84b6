/**
 * What `keys.reduce` computes over the rows of a range.
 *
 * An expression holds others. What a request may cost is bounded here: how deep they stand in one another, and how many
 * there are. Whether kinds go together is for the engine to say, before it reads a row.
 */
import type { Int64Text } from '../int64.ts'
import {
  EXPRESSION_DEPTH_MAX,
  EXPRESSION_NODES_MAX,
  GROUP_EXPRESSIONS_MAX,
  KEY_BYTES_MAX,
  REDUCE_CHECKS_MAX,
  REDUCE_TEXT_BYTES_MAX,
  REDUCE_VALUES_MAX,
  REDUCERS_MAX,
  STORED_ROW_COLUMNS_MAX,
} from '../limits.ts'
import { fieldKinds, floatTexts, type Expression, type FieldRef, type FloatText, type FloatValue } from '../reduce.ts'
import { DATE32_MAX, DATE32_MIN, DECIMAL_BYTES, isInRange, wholeRanges } from '../rows/scalar.ts'
import { bytes } from '../schema/bytes.ts'
import { invalidField, optional, tooManyItems, withDefault, type Decoder } from '../schema/decoder.ts'
import { choice, map, taggedUnion } from '../schema/map.ts'
import { boolean, integer, list, oneOf, text, uint64 } from '../schema/values.ts'

const { min: INT64_MIN, max: INT64_MAX } = wholeRanges.int64
const DECIMAL = /^(?:0|-?[1-9]\d{0,18})$/

/** As `uint64`, with a sign. */
const int64: Decoder<Int64Text> = (value, field) => {
  const isWritten =
    typeof value === 'string'
      ? DECIMAL.test(value)
      : typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
  const number = isWritten ? BigInt(value as bigint | number | string) : undefined
  if (number === undefined || !isInRange('int64', number))
    throw invalidField(field, `integer ${INT64_MIN}..${INT64_MAX} as bigint, safe integer or digits`)
  return number.toString() as Int64Text
}

const texts: ReadonlySet<unknown> = new Set(floatTexts)

const floatValue: Decoder<FloatValue> = (value, field) => {
  if (typeof value !== 'number' && !texts.has(value)) throw invalidField(field, `number or ${floatTexts.join('|')}`)
  return value as number | FloatText
}

/** Exactly so many bytes. */
const decimal =
  (width: number): Decoder<Uint8Array> =>
  (value, field) => {
    const decoded = bytes({ bytesMax: width })(value, field)
    if (decoded.length !== width) throw invalidField(field, `${width} bytes`, { size: decoded.length, limit: width })
    return decoded
  }

const plainText = text({ bytesMax: REDUCE_TEXT_BYTES_MAX })
const binary = bytes({ bytesMax: REDUCE_TEXT_BYTES_MAX })
const decimal128 = decimal(DECIMAL_BYTES.decimal128)
const decimal256 = decimal(DECIMAL_BYTES.decimal256)

const literal = choice({
  int64,
  uint64,
  float64: floatValue,
  boolean,
  utf8: plainText,
  date32: integer({ min: DATE32_MIN, max: DATE32_MAX }),
  date64: int64,
  timestamp: int64,
  decimal128,
  fixedSizeBinary: binary,
  decimal256,
})

const ofKind = {
  kind: oneOf(fieldKinds),
  length: optional(integer({ min: 0, max: REDUCE_TEXT_BYTES_MAX })),
} as const
const KEY_BITS = 8 * KEY_BYTES_MAX
const bitOffset = integer({ min: 0, max: KEY_BITS })
const width = integer({ min: 1, max: KEY_BYTES_MAX })

const field: Decoder<FieldRef> = choice({
  key: map({
    byteOffset: optional(integer({ min: 0, max: KEY_BYTES_MAX })),
    bitOffset: optional(bitOffset),
    ...ofKind,
  }),
  zOrderKey: map({
    bitOffset,
    position: integer({ min: 0, max: KEY_BYTES_MAX }),
    widths: list(width, { itemsMax: KEY_BYTES_MAX }),
    ...ofKind,
  }),
  value: map({
    index: integer({ min: 0, max: STORED_ROW_COLUMNS_MAX - 1 }),
    nullable: optional(boolean),
    ...ofKind,
  }),
})

/** How many expressions may still stand in the one that is being decoded. */
interface Budget {
  left: number
}

const expression: Decoder<Expression> = (value, path) =>
  expressionWithin(EXPRESSION_DEPTH_MAX, { left: EXPRESSION_NODES_MAX })(value, path)

/** @param depth how many may stand in one another, this one included */
const expressionWithin = (depth: number, budget: Budget): Decoder<Expression> => {
  let next: Decoder<Expression> | undefined
  const inner: Decoder<Expression> = (value, path) => {
    if (depth === 1)
      throw invalidField(path, `expressions at most ${EXPRESSION_DEPTH_MAX} deep`, { limit: EXPRESSION_DEPTH_MAX })
    // One a depth, made where it is needed.
    next ??= expressionWithin(depth - 1, budget)
    return next(value, path)
  }
  const operands = map({ left: inner, right: inner })
  const decode = choice({
    ...{ field, literal },
    ...{ add: operands, sub: operands, mul: operands, div: operands },
    ...{ lower: inner, dateTruncDay: inner },
  })
  return (value, path) => {
    budget.left -= 1
    if (budget.left < 0) throw tooManyItems(path, EXPRESSION_NODES_MAX + 1, EXPRESSION_NODES_MAX)
    return decode(value, path)
  }
}

const bounds = <Bound>(bound: Decoder<Bound>) => map({ min: optional(bound), max: optional(bound) })
const values = <Value>(value: Decoder<Value>) => list(value, { itemsMax: REDUCE_VALUES_MAX })

const yes: Decoder<true> = (value, path) => {
  if (value !== true) throw invalidField(path, 'true')
  return value
}

const constraint = choice({
  stringEq: plainText,
  boolEq: boolean,
  fixedSizeBinaryEq: binary,
  intRange: bounds(int64),
  uint64Range: bounds(uint64),
  floatRange: bounds(map({ value: floatValue, inclusive: boolean })),
  decimal128Range: bounds(decimal128),
  decimal256Range: bounds(decimal256),
  isNull: yes,
  isNotNull: yes,
  stringIn: values(plainText),
  intIn: values(int64),
  uint64In: values(uint64),
  fixedSizeBinaryIn: values(binary),
})

const reducer = taggedUnion('op', {
  countAll: {},
  countField: { expr: expression },
  sumField: { expr: expression },
  minField: { expr: expression },
  maxField: { expr: expression },
})

export const reduceFields = {
  reducers: withDefault(list(reducer, { itemsMax: REDUCERS_MAX }), []),
  groupBy: withDefault(list(expression, { itemsMax: GROUP_EXPRESSIONS_MAX }), []),
  filter: optional(
    map({
      checks: withDefault(list(map({ field, constraint }), { itemsMax: REDUCE_CHECKS_MAX }), []),
      contradiction: withDefault(boolean, false),
    }),
  ),
} as const
