/** Ids of points on the command line: whole numbers of 64 bits, as their digits. */
import { InvalidArgumentError } from 'commander'

/** Its range is the store's to judge. */
export const decodePointId = (text: string): string => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is not a whole number.')
  return text.replace(/^0+(?=\d)/, '')
}

export const decodePointIds = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  decodePointId(text),
]

/** A vector: `0.1,0.2,-1`. */
export const decodeVector = (text: string): readonly number[] =>
  text.split(',').map((word) => {
    const component = Number(word)
    if (word.trim() === '' || Number.isNaN(component))
      throw new InvalidArgumentError('It is not numbers between commas.')
    return component
  })
