/**
 * Results as the wire carries them, made into what the interface gives. An embedding comes as its bytes and becomes a
 * vector; what is not of the shape that its operation has is refused here, so that no method stumbles over it later.
 */
import { fault, float32FromBytes, type BuiltName } from '@waggle/protocol'
import type { ReplyBody } from '@waggle/sdk'

type Reply = Readonly<Record<string, unknown>>
type Field = (value: unknown) => unknown

/** The fields of each result beside the token. */
const shapes: Readonly<Record<BuiltName, Readonly<Record<string, Field>>>> = (() => {
  const collective = { collective: map }
  const version = { version: number }
  return {
    'collective.create': collective,
    'collective.getOrCreate': { ...collective, created: boolean },
    'collective.get': { collective: optional(map) },
    'collective.list': { items: list(map) },
    'collective.stats': { stats: map },
    'collective.delete': {},
    'collective.restore': { restored: number, existing: number },
    'experience.record': { id: text },
    'experience.recordMany': { ids: list(text) },
    'experience.update': version,
    'experience.archive': version,
    'experience.unarchive': version,
    'experience.delete': {},
    'experience.reinforce': { applications: number, version: number },
    'experience.get': { experience: optional(experience) },
    'experience.getMany': { items: list(orNull(experience)) },
    'experience.list': { items: list(experience), cursor: optional(text) },
    'experience.recent': { items: list(experience) },
    'experience.search': { results: list(hit) },
  }
})()

/** @throws Fault `INTERNAL` where the reply is not one of that operation */
export const resultOf = (operation: BuiltName, reply: Reply): ReplyBody => {
  const fields = { ...shapes[operation], token: optional(text) }
  const result: Record<string, unknown> = { ...reply }
  for (const [name, field] of Object.entries(fields)) {
    const value = inField(operation, name, () => field(reply[name]))
    if (value === undefined) Reflect.deleteProperty(result, name)
    else result[name] = value
  }
  return result
}

class NotOfThisShape extends Error {}

const inField = (operation: string, name: string, read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof NotOfThisShape)) throw error
    throw fault('INTERNAL', `the reply is none of its operation operation=${operation} field=${name}`, {
      operation,
      field: name,
    })
  }
}

const isMap = (value: unknown): value is Reply =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

function expected<Value>(value: unknown, is: (value: unknown) => value is Value): Value {
  if (!is(value)) throw new NotOfThisShape()
  return value
}

function optional(field: Field): Field {
  return (value) => (value === undefined || value === null ? undefined : field(value))
}

function orNull(field: Field): Field {
  return (value) => (value === null ? null : field(value))
}

function list(item: Field): Field {
  return (value) => expected(value, Array.isArray).map(item)
}

function map(value: unknown): Reply {
  return expected(value, isMap)
}

function text(value: unknown): string {
  return expected(value, (it) => typeof it === 'string')
}

function number(value: unknown): number {
  return expected(value, (it) => typeof it === 'number')
}

function boolean(value: unknown): boolean {
  return expected(value, (it) => typeof it === 'boolean')
}

function experience(value: unknown): Reply {
  const { embedding, ...fields } = map(value)
  return embedding === undefined || embedding === null ? fields : { ...fields, embedding: vector(embedding) }
}

function hit(value: unknown): Reply {
  const fields = map(value)
  number(fields.similarity)
  number(fields.score)
  return { ...fields, experience: experience(fields.experience) }
}

/** In MessagePack its bytes, in JSON a list of numbers. */
function vector(value: unknown): Float32Array {
  return Array.isArray(value) ? Float32Array.from(value.map(number)) : float32FromBytes(expected(value, isVectorBytes))
}

const isVectorBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array && value.length % 4 === 0
