/**
 * Whether a record that is in the way is the very line that was sent: so it is when the store has forgotten the key of
 * an import that was long ago.
 */
import { equalBytes, isFault } from '@waggle/kernel'
import { float32Bytes, type Experience, type NewExperience } from '@waggle/protocol'
import type { CollectiveHandle } from '@waggle/sdk'

/** Of a line without an id, the id is a hash of its key, so whatever has it is that line. */
export const isStored = async (hive: CollectiveHandle, line: NewExperience): Promise<boolean> => {
  if (line.id === undefined) return true
  try {
    const stored = await hive.get(line.id)
    return stored !== undefined && isSame(stored, line)
  } catch (error) {
    if (isFault(error)) return false
    throw error
  }
}

const isSame = (stored: Experience, { embedding, ttlMs: _, ...line }: NewExperience): boolean => {
  const names = Object.keys(line) as (keyof typeof line)[]
  return (
    stored.sourceTask === line.sourceTask &&
    names.every((name) => JSON.stringify(stored[name]) === JSON.stringify(line[name])) &&
    (embedding === undefined ||
      (stored.embedding !== undefined && equalBytes(float32Bytes(stored.embedding), float32Bytes(embedding))))
  )
}
