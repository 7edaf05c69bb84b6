/**
 * The dot product of `query` with the vector that begins at `offset` of `block`: in double precision over four lanes,
 * as the scan's `dot` adds them (K2), so that both give the same number.
 */
export const dotAt = (block: Float32Array, offset: number, query: Float32Array): number => {
  const lanes = query.length - (query.length % 4)
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let index = 0
  for (; index < lanes; index += 4) {
    a += (block[offset + index] as number) * (query[index] as number)
    b += (block[offset + index + 1] as number) * (query[index + 1] as number)
    c += (block[offset + index + 2] as number) * (query[index + 2] as number)
    d += (block[offset + index + 3] as number) * (query[index + 3] as number)
  }
  if (index < query.length) a += (block[offset + index] as number) * (query[index] as number)
  if (index + 1 < query.length) b += (block[offset + index + 1] as number) * (query[index + 1] as number)
  if (index + 2 < query.length) c += (block[offset + index + 2] as number) * (query[index + 2] as number)
  return a + b + (c + d)
}
