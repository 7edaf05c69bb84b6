import { limits } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { countRows, readLines } from './line-reader.ts'

async function* chunksOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

const never = new AbortController().signal

const linesOf = async (...texts: readonly string[]) => {
  const lines: (readonly [number, number, string | undefined, number])[] = []
  for await (const { number, row, bytes, endOffset } of readLines(chunksOf(...texts), never))
    lines.push([number, row, bytes === undefined ? undefined : Buffer.from(bytes).toString(), endOffset])
  return lines
}

describe('readLines', () => {
  it('gives lines whatever the chunks are', async () => {
    const expected = [
      [1, 0, 'one', 4],
      [2, 1, 'two', 8],
      [3, 2, 'three', 14],
    ]
    expect(await linesOf('one\ntwo\nthree\n')).toEqual(expected)
    expect(await linesOf('o', 'ne\nt', 'wo', '\nthree', '\n')).toEqual(expected)
  })

  it('R1: the end of the stream ends a line, and a carriage return belongs to none', async () => {
    expect(await linesOf('one\r\ntwo')).toEqual([
      [1, 0, 'one', 5],
      [2, 1, 'two', 8],
    ])
  })

  it('R2: blank lines have a number and no row', async () => {
    expect(await linesOf('\none\n \t\r\n\ntwo\n\n')).toEqual([
      [2, 0, 'one', 5],
      [5, 1, 'two', 14],
    ])
  })

  it('R3: a line that is too long is told, and the next one is whole', async () => {
    const half = 'x'.repeat(limits.REQUEST_BYTES_MAX / 2)
    const lines = await linesOf(half, half, 'x\nnext\n')
    expect(lines.map(([number, row, text]) => [number, row, text])).toEqual([
      [1, 0, undefined],
      [2, 1, 'next'],
    ])
  })

  it('an empty stream has no line', async () => {
    expect(await linesOf()).toEqual([])
    expect(await linesOf('')).toEqual([])
  })

  it('counts rows, not lines', async () => {
    expect(await countRows(chunksOf('one\n\ntwo\n', '\n'), never)).toBe(2)
    expect(await countRows(chunksOf('\n\n'), never)).toBe(0)
  })

  it('R4, P2: what an interrupt leaves of a line is none: it would be recorded under another key', async () => {
    const interrupt = new AbortController()
    const cut = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"content":"one"}\n{"content":"two"}')
      interrupt.abort()
    }
    const numbers: number[] = []
    for await (const { number } of readLines(cut(), interrupt.signal)) numbers.push(number)
    expect(numbers).toEqual([1])
  })
})
