/** Search for vectors. */
export const searchPoints = (): never => {
  throw new Error('not built')
}
