/**
 * A query as the scan wants it: 16-bit codes of its direction, coarse enough that no sum of products overflows.
 *
 * Q1  The codes of a row are 127 at most, so their length is 127 * sqrt(stride) at most; the query's codes are as long
 *     as that leaves below 2^31 (K1). Below 512 dimensions they are never coarser for it than 16 bits allow.
 */
import { dotAt } from '../dot.ts'

export const CODE_MAX = 127
const QUERY_CODE_MAX = 32_767
const SUM_MAX = 2 ** 31 - 1

export class ScanQuery {
  /** As a row of floats, of codes. */
  readonly floats: Float32Array
  readonly codes: Int16Array
  readonly norm: number
  /** What one step of the codes is worth, in the direction's components. */
  readonly unit: number
  /** How far the product of a row's codes and the direction may be from that of both codes. */
  readonly blur: number

  /**
   * @param embedding finite, not all zero
   * @param stride bytes of a row of codes
   * @param length floats of a row of floats
   */
  constructor(embedding: Float32Array, stride: number, length: number) {
    this.floats = new Float32Array(length)
    this.floats.set(embedding)
    this.codes = new Int16Array(stride)
    this.norm = Math.sqrt(dotAt(embedding, 0, embedding))
    let peak = 0
    for (const value of embedding) peak = Math.max(peak, Math.abs(value))
    const lengthMax = SUM_MAX / (CODE_MAX * Math.sqrt(stride)) - Math.sqrt(stride)
    this.unit = Math.max(peak / this.norm / QUERY_CODE_MAX, 1 / lengthMax)
    const factor = 1 / (this.norm * this.unit)
    let errors = 0
    for (let index = 0; index < embedding.length; index += 1) {
      const exact = (embedding[index] as number) * factor
      const code = Math.round(exact)
      this.codes[index] = code
      errors += (exact - code) * (exact - code)
    }
    // The codes of a row with what a step is worth are a vector of length 1 and a rounding error: below 2 in all.
    this.blur = 2 * this.unit * Math.sqrt(errors)
  }
}
