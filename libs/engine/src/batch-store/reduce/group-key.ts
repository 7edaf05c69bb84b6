/**
 * The values of a group as one text, a character a byte, that sorts as they do: null before every value, −0 and 0 as
 * one, and what is no number as one behind all numbers.
 */
import { latin1Of, utf8 } from '@waggle/kernel'
import { encodeKeyField, type FieldKind, type Scalar } from '@waggle/protocol'

const NULL = Uint8Array.of(0)
const VALUE = Uint8Array.of(1)
/** Behind what may be of any length, in which a 0 stands as `00 ff`: the shorter one sorts first. */
const END = '\x00\x00'

export const canonical = (value: Scalar | null): Scalar | null => {
  if (typeof value !== 'number') return value
  if (Number.isNaN(value)) return NaN
  return value === 0 ? 0 : value
}

/** A text that equal values alone have: cheaper than one that sorts. @param values canonical ones of fixed kinds */
export const groupName = (values: readonly (Scalar | null)[]): string => {
  let name = ''
  for (const value of values) {
    if (typeof value === 'string') name += `${value.length}"${value}`
    else if (value instanceof Uint8Array) name += `${value.length}"${latin1Of(value)}`
    else name += `${String(value)};`
  }
  return name
}

/** @param values canonical ones */
export const groupKey = (values: readonly (Scalar | null)[], kinds: readonly FieldKind[]): string => {
  let key = ''
  for (const [index, value] of values.entries()) {
    if (value === null) key += latin1Of(NULL)
    else key += latin1Of(VALUE) + encoded(value, kinds[index] as FieldKind)
  }
  return key
}

const encoded = (value: Scalar, kind: FieldKind): string => {
  if (typeof value === 'string') return escaped(utf8(value))
  return value instanceof Uint8Array ? escaped(value) : latin1Of(encodeKeyField(kind, value))
}

const escaped = (bytes: Uint8Array): string => latin1Of(bytes).replaceAll('\x00', '\x00\xff') + END
