/** Values that are larger than one reply, put together again. */
import { fault, limits } from '@waggle/protocol'

/**
 * A value of `size` bytes, of which `first` is the beginning.
 * @param fetch gives what stands at an offset, as much as fits into a reply
 */
export const joinPieces = async (
  first: Uint8Array | undefined,
  size: number,
  fetch: (offset: number) => Promise<Uint8Array | undefined>,
): Promise<Uint8Array> => {
  if (size > limits.VALUE_BYTES_MAX) throw misfit(0, size)
  const whole = new Uint8Array(size)
  let offset = 0
  for (let piece = first ?? (await fetch(0)); ; piece = await fetch(offset)) {
    if (piece === undefined || piece.length > size - offset || (piece.length === 0 && offset < size))
      throw misfit(offset, size)
    whole.set(piece, offset)
    offset += piece.length
    if (offset === size) return whole
  }
}

const misfit = (offset: number, size: number) =>
  fault('INTERNAL', `a piece of a value does not fit offset=${offset} size=${size}`)
