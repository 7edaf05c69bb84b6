/** What a search weighs, after all who may say so were asked. */
import type { Collective, SearchWeights } from '@waggle/protocol'
import type { EngineSettings } from '../settings.ts'

export type PartWeights = Required<SearchWeights>

/** Which parts of a question there are. */
export interface Sought {
  readonly embedding?: Float32Array
  readonly text?: string
}

/**
 * The weights of the request, else of the collective, else of the store, else of relevance alone. Weights that do not
 * name the words weigh relevance: it is that of the part that was asked for, and half of it of each where both were.
 */
export const partWeights = (
  asked: SearchWeights | undefined,
  { embedding, text: words }: Sought,
  collective: Collective,
  settings: EngineSettings,
): PartWeights => {
  const weights = asked ?? collective.decay?.weights ?? settings.decay.weights ?? { similarity: 1, energy: 0 }
  const { similarity, text, energy }: SearchWeights = weights
  if (text !== undefined) return { similarity, text, energy }
  if (words === undefined) return { similarity, text: 0, energy }
  if (embedding === undefined) return { similarity: 0, text: similarity, energy }
  return { similarity: similarity / 2, text: similarity / 2, energy }
}
