/**
 * The rules of a new experience, asked before the line is sent. The store has the last word and says the same; but it
 * says so when the lines behind are already on their way, and a bad line must stop those.
 */
import { checkNewExperience, decodeRequest, type Collective, type NewExperience } from '@waggle/protocol'

/**
 * The experience that a line asks for, in the form in which the store keeps it: numbers in single precision, what is
 * absent filled in.
 * @throws Fault of kind `invalid` that names the field
 */
export const checkedExperience = (
  { id: collective, dimension, embedder }: Collective,
  fields: Readonly<Record<string, unknown>>,
): NewExperience => {
  const request = decodeRequest('experience.record', { ...fields, collective })
  const { collective: _, ...experience } = request.fields as NewExperience & { readonly collective: string }
  // An embedding that the collective's embedder will make has the right form.
  const willBeMade = embedder !== undefined && experience.embedding === undefined
  const checked = willBeMade ? { ...experience, embedding: new Float32Array(dimension).fill(1) } : experience
  checkNewExperience(checked, dimension, '')
  return experience
}
