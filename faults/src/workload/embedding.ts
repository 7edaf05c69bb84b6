export const DIMENSION = 4

/** An embedding that no other mark has, up to chance: so that a search for it finds its own experience first. */
export const embeddingOf = (mark: string): readonly number[] => {
  let hash = 0x811c9dc5
  return Array.from({ length: DIMENSION }, (_, index) => {
    for (const character of `${index}${mark}`)
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
    return hash / 2 ** 31 - 1
  })
}
