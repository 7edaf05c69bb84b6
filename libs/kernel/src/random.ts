/** Randomness, as the only way to ask for it. */
export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Uint8Array
}

/** A number from 0 up to but not including 1, in steps of 1/65,536. */
export const fraction = (random: Random): number => {
  const [high = 0, low = 0] = random.bytes(2)
  return (high * 256 + low) / 65_536
}
