import type { Random } from '@waggle/kernel'

/** A number from 0 up to but not including 1. */
export const fraction = (random: Random): number => {
  const [high = 0, low = 0] = random.bytes(2)
  return (high * 256 + low) / 65_536
}
