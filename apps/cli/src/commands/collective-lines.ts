/** A collective as people read it. */
import type { Collective } from '@waggle/protocol'
import { fields, moment } from '../terminal/layout.ts'
import { left, oneLine } from '../terminal/text.ts'

export const collectiveLine = ({ id, name, dimension, createdAt, owner }: Collective): string =>
  [id, moment(createdAt), left(String(dimension), 4), oneLine(name), owner === undefined ? '' : `(${oneLine(owner)})`]
    .join('  ')
    .trimEnd()

export const collectiveLines = (collective: Collective): readonly string[] => {
  const { id, name, owner, dimension, embedder, language, decay, createdAt } = collective
  const fades = decay === undefined ? undefined : JSON.stringify(decay)
  return fields({ id, name, owner, dimension, embedder, language, decay: fades, created: moment(createdAt) })
}
