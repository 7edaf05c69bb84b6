/** Randomness, as the only way to ask for it. */
export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Uint8Array
}
