import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'
import { decodeAcknowledgement, encodeAcknowledgement, openAcknowledgedFile } from './acknowledged-file.ts'

const generation = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const other = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1)

describe('file of acknowledgements', () => {
  let folder: TemporaryFolder
  let file: string

  beforeEach(async () => {
    folder = await temporaryFolder()
    file = path.join(folder.path, 'acknowledged')
  })
  afterEach(async () => folder.remove())

  /** What the next opening finds. */
  const found = () => {
    const opened = openAcknowledgedFile(file)
    opened.close()
    return { sequence: opened.sequence, generation: opened.generation }
  }
  const nothing = { sequence: undefined, generation: undefined }

  it('K2 is empty at first, and remembers the last number', () => {
    const first = openAcknowledgedFile(file)
    expect(first).toMatchObject(nothing)
    first.write(1, generation)
    first.write(2)
    expect(found()).toEqual({ sequence: 2, generation })
    first.write(Number.MAX_SAFE_INTEGER)
    first.close()
    first.close()
    expect(found()).toEqual({ sequence: Number.MAX_SAFE_INTEGER, generation })
  })

  it('K2 keeps the generation until another is given', () => {
    const first = openAcknowledgedFile(file)
    first.write(7, generation)
    first.close()
    const second = openAcknowledgedFile(file)
    second.write(8)
    expect(found()).toEqual({ sequence: 8, generation })
    second.write(1, other)
    second.write(2)
    second.close()
    expect(found()).toEqual({ sequence: 2, generation: other })
  })

  it('has one layout for ever', async () => {
    const opened = openAcknowledgedFile(file)
    opened.write(0x0102030405, generation)
    opened.close()
    expect((await readFile(file)).toString('hex')).toBe(
      '0000000102030405' + '0102030405060708' + '5d60d8d7' + '00000000',
    )
  })

  it('decodes what it encodes, and nothing of which any bit has changed', () => {
    const sequences = fc.nat({ max: Number.MAX_SAFE_INTEGER })
    const generations = fc.uint8Array({ minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(sequences, generations, fc.nat({ max: 191 }), (sequence, name, bit) => {
        const bytes = encodeAcknowledgement({ sequence, generation: name })
        expect(decodeAcknowledgement(bytes)).toEqual({ sequence, generation: name })
        bytes[bit >> 3]! ^= 1 << (bit & 7)
        expect(decodeAcknowledgement(bytes)).toBeUndefined()
      }),
    )
  })

  it('torn, short, long or foreign content is the same as none, and is replaced by the first write', async () => {
    const [before, after] = [1, 2].map((sequence) => encodeAcknowledgement({ sequence, generation }))
    const torn = Buffer.concat([after!.subarray(0, 12), before!.subarray(12)])
    const contents = [
      torn,
      before!.subarray(0, 23),
      Buffer.concat([before!, before!]),
      Buffer.alloc(24),
      Buffer.from('{}'),
    ]
    for (const content of contents) {
      await writeFile(file, content)
      const opened = openAcknowledgedFile(file)
      expect(opened).toMatchObject(nothing)
      // Nothing is changed before the caller has decided to go on.
      expect(await readFile(file)).toEqual(Buffer.from(content))
      opened.write(3, generation)
      opened.close()
      expect(found()).toEqual({ sequence: 3, generation })
      expect((await stat(file)).size).toBe(24)
    }
  })

  it('a place where no file can be is STORAGE_FAILED', () => {
    const fault: unknown = expect.objectContaining({ code: 'STORAGE_FAILED' })
    expect(() => openAcknowledgedFile(folder.path)).toThrow(fault)
    expect(() => openAcknowledgedFile(path.join(file, 'below'))).toThrow(fault)
  })

  it('asserts a generation, a sequence number, and that it is open', () => {
    const opened = openAcknowledgedFile(file)
    expect(() => opened.write(1)).toThrow('generation')
    expect(() => opened.write(1, Uint8Array.of(1))).toThrow('8 bytes')
    expect(() => opened.write(-1, generation)).toThrow('whole number')
    opened.close()
    expect(() => opened.write(1, generation)).toThrow('closed')
  })
})
