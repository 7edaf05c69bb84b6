import type { Brand } from '@waggle/kernel'

/** A whole number of 64 bits with sign, in decimal digits. */
export type Int64Text = Brand<string, 'Int64Text'>
