/**
 * What a line says, under the names of the interface.
 *
 * F1  A field that this import does not know is left out and its name kept, for one warning at the end.
 * F2  `id` names a record of ours only as a UUID; any other is the file's own business, like an unknown field.
 * F3  `null` is the same as absent.
 * F4  A line that says `"entity": "relation"` or `"insight"` is one of an export; every other one is an experience. Its
 *     names are ours: no map renames them, and only a restore takes it.
 */
import { isUuid } from '@waggle/kernel'
import { experienceKinds, float32FromBytes, invalidField } from '@waggle/protocol'
import { InvalidArgumentError } from 'commander'
import { commandFault } from '../faults.ts'
import { typeOfKind } from '../option-values.ts'

const recordFields = [
  'id',
  'content',
  'embedding',
  'type',
  'importance',
  'confidence',
  'domain',
  'relatedFiles',
  'sourceAgent',
  'sourceTask',
] as const

/** What the store decides by itself, unless an export is restored. */
const serverFields = ['applications', 'createdAt', 'lastReinforced', 'archived', 'version', 'expiresAt'] as const

const fieldsOfEntities = {
  relation: ['id', 'source', 'target', 'type', 'strength', 'metadata', 'createdAt', 'expiresAt'],
  insight: [
    ...['id', 'content', 'embedding', 'type', 'confidence', 'domain', 'sources', 'lostSources'],
    ...['createdAt', 'updatedAt', 'expiresAt'],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>

type LinkEntity = keyof typeof fieldsOfEntities

/** What a line speaks of, and what it says of it. */
export interface DecodedLine {
  readonly entity: 'experience' | LinkEntity
  readonly fields: Readonly<Record<string, unknown>>
}

/** Names in one warning; files with more have names of some other sort. */
const IGNORED_NAMES_MAX = 50

/** Which field of a line holds what: target → source. */
export type FieldMap = ReadonlyMap<string, string>

/** `content=text,sourceAgent=speaker`. @throws InvalidArgumentError */
export const decodeFieldMap = (text: string): FieldMap => {
  const map = new Map<string, string>()
  for (const pair of text.split(',')) {
    const [target = '', source = ''] = pair.split(/=(.*)/s).map((side) => side.trim())
    if (target === '' || source === '') throw new InvalidArgumentError(`"${pair}" is not of the form field=name.`)
    if (![...recordFields, ...serverFields].some((name) => name === target))
      throw new InvalidArgumentError(`"${target}" is none of ${recordFields.join(', ')}.`)
    if (map.has(target)) throw new InvalidArgumentError(`"${target}" is named twice.`)
    map.set(target, source)
  }
  return map
}

export interface LineFieldsOptions {
  readonly map?: FieldMap
  /** Vectors come from a matrix, so one on the line is not used. */
  readonly withMatrix: boolean
  /** Fields of the server are taken, too. */
  readonly restore: boolean
}

export class LineFields {
  readonly #sources: FieldMap
  readonly #restore: boolean
  readonly #ignored = new Set<string>()

  constructor({ map = new Map<string, string>(), withMatrix, restore }: LineFieldsOptions) {
    const names: readonly string[] = restore ? [...recordFields, ...serverFields] : recordFields
    const taken = names.filter((name) => !(withMatrix && name === 'embedding'))
    this.#sources = new Map(taken.map((name) => [name, map.get(name) ?? name]))
    this.#restore = restore
  }

  /** F1 */
  get ignored(): readonly string[] {
    return [...this.#ignored]
  }

  /** @throws Fault `MALFORMED_LINE`, or `INVALID_FIELD` for an embedding that is neither numbers nor base64, and F4 */
  decode(bytes: Uint8Array): DecodedLine {
    const line = decodeObject(bytes)
    const entity = entityOf(line)
    if (entity === undefined) return { entity: 'experience', fields: this.#taken(line, this.#sources) }
    if (!this.#restore) throw invalidField('entity', `experience: a line with entity ${entity} is taken with --restore`)
    const names = ['entity', ...fieldsOfEntities[entity]].map((name): [string, string] => [name, name])
    const { entity: _, ...fields } = this.#taken(line, new Map(names))
    return { entity, fields }
  }

  #taken(line: Readonly<Record<string, unknown>>, sources: FieldMap): Readonly<Record<string, unknown>> {
    const known = new Set(sources.values())
    for (const name of Object.keys(line)) if (!known.has(name)) this.#ignore(name)
    const fields: Record<string, unknown> = {}
    for (const [target, source] of sources) {
      const value = Object.hasOwn(line, source) ? line[source] : undefined
      if (value === undefined || value === null) continue
      if (target === 'id' && !isUuid(lowered(value))) this.#ignore(source)
      else fields[target] = converted(target, value)
    }
    return fields
  }

  #ignore(name: string): void {
    if (this.#ignored.size < IGNORED_NAMES_MAX) this.#ignored.add(name)
  }
}

/** F4 */
const entityOf = ({ entity }: Readonly<Record<string, unknown>>): LinkEntity | undefined =>
  entity === 'relation' || entity === 'insight' ? entity : undefined

const lowered = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value)

const decodeObject = (bytes: Uint8Array): Readonly<Record<string, unknown>> => {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw commandFault('MALFORMED_LINE', `line is not JSON reason=${(error as Error).message}`, {}, { cause: error })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw commandFault('MALFORMED_LINE', 'line is not a JSON object')
  return value as Record<string, unknown>
}

/** Forms that only files have: a vector as base64, a type as its kind alone. */
const converted = (field: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value
  if (field === 'embedding') return decodeVector(value)
  const kind = field === 'type' ? experienceKinds.find((known) => known === value) : undefined
  return kind === undefined ? value : typeOfKind(kind)
}

const decodeVector = (text: string): Float32Array => {
  const bytes = Buffer.from(text, 'base64')
  // Node skips what is not base64; only what comes back as it was is what the file says.
  if (bytes.length % 4 !== 0 || bytes.toString('base64') !== text)
    throw invalidField('embedding', 'list of numbers, or base64 of little-endian float32')
  return float32FromBytes(bytes)
}
