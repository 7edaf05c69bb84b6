/**
 * Verifies one table of LevelDB (`NNNNNN.ldb`). LevelDB itself reads blocks without their checksums, and believes a
 * damaged filter, which makes rows vanish.
 *
 * A table is: data blocks · filter · metaindex · index · footer. Each block is followed by a type byte and the masked
 * CRC-32C of both; the metaindex names the filter, the index the data blocks, and the footer the two indexes.
 *
 * T1  Every byte of the file belongs to a block with a right checksum, to such a checksum, or to the footer: the blocks
 *     follow one another without a gap, from the first byte to the footer, in which the padding is zero.
 */
import { withFile, type ReadableFile } from './file-chunks.ts'
import { extendCrc32c, LevelDecoder, maskCrc32c, uint32At } from './level-coding.ts'
import { damagedFile } from './level-faults.ts'
import { engineFault } from '../errors.ts'

/** Where a block lies: `size` bytes of contents from `offset` on, and the trailer behind them. */
interface Block {
  readonly offset: number
  readonly size: number
}

const TYPE_SIZE_BYTES = 1
const TRAILER_SIZE_BYTES = TYPE_SIZE_BYTES + 4
const FOOTER_SIZE_BYTES = 48
const HANDLES_SIZE_BYTES = 40
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]

const endOf = ({ offset, size }: Block): number => offset + size + TRAILER_SIZE_BYTES

const decodeBlockHandle = (decoder: LevelDecoder): Block => ({ offset: decoder.varint(), size: decoder.varint() })

const readFooter = async (file: ReadableFile): Promise<{ metaindex: Block; index: Block }> => {
  const start = file.size - FOOTER_SIZE_BYTES
  const damaged = (reason: string) => damagedFile(file.path, Math.max(start, 0), reason)
  if (start < 0) throw damaged('shorter than a footer')
  const footer = await file.read(start, FOOTER_SIZE_BYTES)
  if (MAGIC.some((byte, index) => footer[HANDLES_SIZE_BYTES + index] !== byte)) throw damaged('wrong magic number')
  const decoder = new LevelDecoder(footer.subarray(0, HANDLES_SIZE_BYTES), damaged)
  const metaindex = decodeBlockHandle(decoder)
  const index = decodeBlockHandle(decoder)
  while (!decoder.done) if (decoder.take(1)[0] !== 0) throw damaged('the padding is not zero')
  // T1
  if (endOf(metaindex) !== index.offset || endOf(index) !== start) throw damaged('the footer names no adjacent blocks')
  return { metaindex, index }
}

/** The blocks named by an index block. @throws Fault `FORMAT_UNSUPPORTED` when it is compressed, as none of ours is. */
const readIndex = async (file: ReadableFile, block: Block): Promise<readonly Block[]> => {
  const damaged = (reason: string) => damagedFile(file.path, block.offset, reason)
  const { offset, size } = block
  const bytes = await file.read(offset, size + TRAILER_SIZE_BYTES)
  if (bytes.length < size + TRAILER_SIZE_BYTES || size < 4) throw damaged('an index is cut short')
  const sum = maskCrc32c(extendCrc32c(0, bytes.subarray(0, size + TYPE_SIZE_BYTES)))
  if (sum !== uint32At(bytes, size + TYPE_SIZE_BYTES)) throw damaged('wrong checksum of an index')
  if (bytes[size] !== 0) {
    throw engineFault('FORMAT_UNSUPPORTED', `a database file is compressed path=${file.path}`, { path: file.path })
  }
  const restarts = uint32At(bytes, size - 4)
  const entriesSize = size - 4 * (restarts + 1)
  if (entriesSize < 0) throw damaged('an index has no room for its entries')
  const entries = new LevelDecoder(bytes.subarray(0, entriesSize), damaged)
  const blocks: Block[] = []
  while (!entries.done) {
    entries.varint() // How much of the key is that of the entry before: keys do not matter here.
    const keySize = entries.varint()
    const handleSize = entries.varint()
    entries.take(keySize)
    blocks.push(decodeBlockHandle(new LevelDecoder(entries.take(handleSize), damaged)))
  }
  return blocks
}

/** Checks blocks that follow one another from the start of the file, however the chunks fall. */
const verifyBlocks = async (file: ReadableFile, blocks: readonly Block[], end: number): Promise<void> => {
  let number = 0
  let crc = 0
  let stored = 0
  for await (const { offset, bytes } of file.chunks(0, end)) {
    const chunkEnd = offset + bytes.length
    for (let block = blocks[number]; block !== undefined; block = blocks[number]) {
      const sumAt = block.offset + block.size + TYPE_SIZE_BYTES
      const from = Math.max(block.offset, offset)
      const to = Math.min(sumAt, chunkEnd)
      if (from < to) crc = extendCrc32c(crc, bytes.subarray(from - offset, to - offset))
      for (let at = Math.max(sumAt, offset); at < Math.min(endOf(block), chunkEnd); at += 1) {
        stored |= (bytes[at - offset] as number) << (8 * (at - sumAt))
      }
      if (endOf(block) > chunkEnd) break
      if (maskCrc32c(crc) !== stored >>> 0) throw damagedFile(file.path, block.offset, 'wrong checksum of a block')
      number += 1
      crc = 0
      stored = 0
    }
  }
  const unread = blocks[number]
  if (unread !== undefined) throw damagedFile(file.path, unread.offset, 'a block is cut short')
}

/**
 * @param size what the manifest says, in bytes
 * @throws Fault `CORRUPT` with `path`, `offset` and `reason`
 */
export const verifyTable = async (path: string, size: number): Promise<void> =>
  withFile(path, async (file) => {
    if (file.size !== size) throw damagedFile(path, Math.min(size, file.size), `not of its size of ${size} bytes`)
    const { metaindex, index } = await readFooter(file)
    const blocks = [...(await readIndex(file, index)), ...(await readIndex(file, metaindex))]
    // T1
    let end = 0
    for (const block of blocks) {
      if (block.offset !== end) throw damagedFile(path, end, 'bytes that belong to no block')
      end = endOf(block)
    }
    if (end !== metaindex.offset) throw damagedFile(path, end, 'bytes that belong to no block')
    await verifyBlocks(file, blocks, end)
  })
