/** The rules of a relation's fields, in PulseDB's published order of checks; they come before any look at the state. */
import { RELATION_METADATA_BYTES_MAX } from '../limits.ts'
import type { NewRelation } from '../relation.ts'
import { invalidField } from '../schema/decoder.ts'
import { checkSize, checkUnitRange } from './field-rules.ts'

/** @param prefix path of the relation inside the request: empty, or `relations[3].` */
export const checkNewRelation = (relation: NewRelation, prefix: string): void => {
  if (relation.source === relation.target) throw invalidField(`${prefix}target`, 'another experience than the source')
  checkUnitRange(relation.strength, `${prefix}strength`)
  checkSize(relation.metadata, `${prefix}metadata`, RELATION_METADATA_BYTES_MAX)
}
