/**
 * The idempotency key of an imported line: what makes it safe to import a file again.
 *
 * K1  The key is a hash of the line's bytes and of its row, its place among the lines that hold something. Neither the
 *     name of the file nor the time counts, and nothing behind the line. So importing the same file again, or the rest
 *     of one whose import was interrupted, or one to which lines were appended, sends the same keys for the lines that
 *     were there, and the store answers each with its first result.
 * K2  Which occurrence of its bytes a line is follows from the row: two equal lines stand in two rows, have two keys
 *     and become two records. A count of occurrences beside it would tell nothing more, and would need a table of all
 *     lines seen, which a file of any size does not allow.
 * K3  The row is in the key because it chooses the embedding: the same bytes with another row of the matrix are another
 *     record. Its price: a line inserted or removed makes other records of all lines behind it.
 * K4  Options are not in the key. The same line under another `--map`, or beside another vector, is refused with
 *     `IDEMPOTENCY_KEY_REUSED` instead of being recorded twice.
 */
import { concatBytes, hexOf, sha256, utf8 } from '@waggle/kernel'
import type { Line } from './line-reader.ts'

/** What a line that can be imported consists of. */
export type KeyedLine = Pick<Line, 'row'> & { readonly bytes: Uint8Array }

/** K1 */
export const lineKey = ({ row, bytes }: KeyedLine): string => `import-${hexOf(digestOf(row, bytes))}`

/** The key of lines that are restored in one request; their order counts. */
export const linesKey = (lines: readonly KeyedLine[]): string =>
  `restore-${hexOf(sha256(concatBytes(...lines.map(({ row, bytes }) => digestOf(row, bytes)))))}`

/** The row is text that ends in a line feed, which the bytes of a line never hold: no two pairs are the same input. */
const digestOf = (row: number, bytes: Uint8Array): Uint8Array => sha256(concatBytes(utf8(`${row}\n`), bytes))
