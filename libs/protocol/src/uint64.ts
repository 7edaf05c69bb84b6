import type { Brand } from '@waggle/kernel'

/** A whole number of 64 bits without sign, in decimal digits: JSON and many languages have no exact number for it. */
export type Uint64Text = Brand<string, 'Uint64Text'>
