/** Bodies that no client means to send: each with the fault that it meets, wherever it is sent. */
import { encodeBody } from '@waggle/protocol'

export interface HostileBody {
  readonly title: string
  readonly bytes: Uint8Array
  /** In which the fault comes back: JSON for what begins like it, else MessagePack. */
  readonly encoding: 'json' | 'messagePack'
  readonly code: string
}

const nested = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels)
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
/** MessagePack: `levels` lists of one item each around a zero. */
const nestedLists = (levels: number): Uint8Array => bytes(...new Array<number>(levels).fill(0x91), 0)
const text = (value: string): Uint8Array => bytes(0xa0 + value.length, ...Buffer.from(value))
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)

const names = (count: number): string => `{${Array.from({ length: count }, (_, at) => `"${at}":0`).join(',')}}`

type Row = readonly [title: string, body: Uint8Array | string, code?: string]

const inJson: readonly Row[] = [
  ['white space alone', ' \r\n\t'],
  ['a map that ends too early', '{"collective":'],
  ['a string that never ends', '{"collective":"'],
  ['bytes behind the map', '{}{}'],
  ['a comma too many', '{"collective":"x",}'],
  ['NaN', '{"embedding":[NaN]}'],
  ['Infinity', '{"embedding":[-Infinity]}'],
  ['bytes that are not UTF-8', joined(Buffer.from('{"collective":"'), bytes(0xff, 0xfe), Buffer.from('"}'))],
  ['a NUL behind white space', joined(Buffer.from(' '), bytes(0))],
  ['33 levels', nested(33)],
  ['four million lists that never end', ` ${'['.repeat(4_000_000)}`],
  ['more names than any request has', names(100_001)],
  ['more lists than any request has', `{"ids":[${'[],'.repeat(100_001)}0]}`],
  ['a list behind white space', ' [1]', 'INVALID_FIELD'],
  ['a text behind white space', '\n"x"', 'INVALID_FIELD'],
  ['null behind white space', '\tnull', 'INVALID_FIELD'],
  ['a number behind white space', ' 1', 'INVALID_FIELD'],
  ['the name __proto__', '{"__proto__":{"collective":"x"}}', 'UNKNOWN_FIELD'],
  ['the name constructor', '{"constructor":{"prototype":{}}}', 'UNKNOWN_FIELD'],
  ['a name with line ends', '{"a\\r\\nNats-Service-Error-Code: 1\\r\\n\\r\\n":1}', 'UNKNOWN_FIELD'],
  ['a name with NUL', '{"\\u0000":1}', 'UNKNOWN_FIELD'],
  ['a lone surrogate', '{"\\ud800":1}', 'UNKNOWN_FIELD'],
  ['an endless name', `{"${'x'.repeat(1_000_000)}":1}`, 'UNKNOWN_FIELD'],
]

const inMessagePack: readonly Row[] = [
  ['an empty body', ''],
  ['a list of JSON', '[1,2]'],
  ['null of JSON', 'null'],
  ['a map of JSON behind a byte order mark', '\ufeff{}'],
  ['a byte that is no type', bytes(0xc1)],
  ['a map with 4,294,967,295 entries', bytes(0xdf, 0xff, 0xff, 0xff, 0xff)],
  ['a list with 4,294,967,295 items', bytes(0xdd, 0xff, 0xff, 0xff, 0xff)],
  ['a text of 4 GiB', bytes(0xdb, 0xff, 0xff, 0xff, 0xff)],
  ['binary of 4 GiB', bytes(0xc6, 0xff, 0xff, 0xff, 0xff)],
  ['a length that is cut off', bytes(0xdf, 0xff)],
  ['a map without its second value', joined(bytes(0x82), text('a'), bytes(1), text('b'))],
  ['an extension', joined(bytes(0x81), text('a'), bytes(0xd4, 1, 0))],
  ['a time stamp', joined(bytes(0x81), text('a'), bytes(0xd6, 0xff, 0, 0, 0, 0))],
  ['33 levels of lists', nestedLists(33)],
  ['a million levels', new Uint8Array(1_000_000).fill(0x91)],
  ['more lists than any request has', joined(bytes(0xdd, 0, 2, 0, 0), new Uint8Array(131_072).fill(0x90))],
  ['a map as a name', bytes(0x81, 0x80, 1)],
  ['nil as a name', bytes(0x81, 0xc0, 1)],
  ['text that is not UTF-8', joined(bytes(0x81), text('a'), bytes(0xa2, 0xff, 0xfe))],
  ['a name that is not UTF-8', bytes(0x81, 0xa1, 0xff, 1)],
  ['the name __proto__', joined(bytes(0x81), text('__proto__'), bytes(0x80))],
  ['bytes behind the map', bytes(0x80, 0x80)],
  ['a number', bytes(7), 'INVALID_FIELD'],
  ['a list', bytes(0x90), 'INVALID_FIELD'],
  ['nil', bytes(0xc0), 'INVALID_FIELD'],
  ['binary', bytes(0xc4, 1, 0), 'INVALID_FIELD'],
  ['a number as a name', bytes(0x81, 1, 1), 'MALFORMED_BODY'],
]

const rowsIn =
  (encoding: HostileBody['encoding']) =>
  ([title, body, code = 'MALFORMED_BODY']: Row): HostileBody => ({
    ...{ title: `${title} (${encoding})`, bytes: Buffer.from(body as string), encoding, code },
  })

/** Sent to an operation that takes `collective` and `id`. */
export const hostileBodies: readonly HostileBody[] = [
  ...inJson.map(rowsIn('json')),
  ...inMessagePack.map(rowsIn('messagePack')),
]

/** Every beginning of a body, each of which ends too early. */
export const cutShort = (value: unknown, encoding: HostileBody['encoding']): readonly Uint8Array[] => {
  const whole = encodeBody(value, encoding)
  return Array.from({ length: whole.length }, (_, size) => whole.subarray(0, size))
}
