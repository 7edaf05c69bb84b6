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
  const id = { id: text }
  const pageOf = (item: Field) => ({ items: list(item), cursor: optional(text) })
  const hit = having({
    ...{ experience: embedded, similarity: optional(number), bm25: optional(number), score: number },
    ...{ energy: optional(number), parts: optional(map) },
  })
  const change = having({ ...id, cursor: text, kind: text, entity: text, time: number, experience: optional(embedded) })
  return {
    'collective.create': collective,
    'collective.getOrCreate': { ...collective, created: boolean },
    'collective.get': { collective: optional(map) },
    'collective.list': { items: list(map) },
    'collective.stats': { stats: map },
    'collective.update': collective,
    'collective.delete': {},
    'collective.restore': { restored: number, existing: number },
    'experience.record': id,
    'experience.recordMany': { ids: list(text) },
    'experience.update': version,
    'experience.archive': version,
    'experience.unarchive': version,
    'experience.delete': {},
    'experience.reinforce': { applications: number, version: number },
    'experience.get': { experience: optional(embedded) },
    'experience.getMany': { items: list(orNull(embedded)) },
    'experience.list': pageOf(embedded),
    'experience.recent': { items: list(embedded) },
    'experience.search': { results: list(hit) },
    'experience.energy': { energy: number },
    'experience.cold': { items: list(having({ ...id, energy: number })) },
    'relation.create': id,
    'relation.delete': {},
    'relation.get': { relation: optional(map) },
    'relation.list': pageOf(map),
    'relation.related': pageOf(having({ experience: embedded, relation: map })),
    'relation.paths': { paths: list(having({ experiences: list(text), relations: list(map) })), truncated: boolean },
    'insight.store': id,
    'insight.delete': {},
    'insight.get': { insight: optional(embedded) },
    'insight.list': pageOf(embedded),
    'insight.search': { results: list(having({ insight: embedded, similarity: number })) },
    'activity.register': {},
    'activity.heartbeat': {},
    'activity.end': {},
    'activity.active': { items: list(map) },
    'context.get': {
      similar: list(hit),
      recent: list(embedded),
      insights: list(embedded),
      relations: list(map),
      activeAgents: list(map),
    },
    'watch.next': {
      ...{ changes: list(change), next: text },
      ...{ partial: optional(boolean), more: optional(boolean), lost: optional(boolean) },
    },
    'batch.commit': { results: list(map), sequence: number },
    'cursor.save': {},
    'cursor.list': { items: list(having({ name: text, cursor: text, savedAt: number })) },
    'cursor.drop': {},
    'tenant.usage': { usage: map },
    'keys.put': { sequence: number },
    'keys.stage': {},
    'keys.delete': { sequence: number },
    'keys.get': { value: optional(bytes), size: optional(number), version: optional(text), sequence: number },
    'keys.getMany': { items: list(keyEntry), next: optional(number), sequence: number },
    'keys.range': { items: list(keyEntry), more: boolean, sequence: number },
    'keys.reduce': {
      results: reduced,
      groups: list(having({ values: reduced, results: reduced })),
      ...{ rows: number, skipped: map, sequence: number },
    },
    'keys.batch': {
      ...{ entries: optional(list(keyEntry)), deleted: optional(list(bytes)), next: optional(number) },
      ...{ missing: optional(text), oldest: optional(number), piece: optional(bytes), sequence: number },
    },
    'keys.position': {
      ...{ current: number, oldest: optional(number), rule: optional(map), keyCount: number, sequence: number },
    },
    'keys.subscribe': {
      frames: list(having({ sequence: number, time: number, entries: list(keyEntry), deleted: list(bytes) })),
      ...{ next: text, sequence: number, partial: optional(boolean), more: optional(boolean) },
      ...{ lost: optional(boolean), oldest: optional(number) },
    },
    'keys.prune': { job: text },
    'keys.setRetention': { job: text },
    'keys.job': { job: optional(map) },
    'vectors.store': { count: number },
    'vectors.delete': {},
    'vectors.flush': {},
    'vectors.configure': {},
    'vectors.get': { items: list(orNull(vector)) },
    'vectors.ids': { ids: list(text), more: boolean },
    'vectors.status': { count: number, bytes: number, dimension: number, durability: text },
    'vectors.search': {
      results: list(having({ ...id, score: number, vector: optional(vector), json: optional(text) })),
    },
    'payloads.store': { count: number },
    'payloads.delete': {},
    'payloads.flush': {},
    'payloads.get': { items: list(orNull(map)) },
    'payloads.ids': { ids: list(text), more: boolean },
    'payloads.status': { count: number, bytes: number },
    'pages.allocate': { page: number },
    'pages.write': {},
    'pages.store': { pages: list(number) },
    'pages.update': {},
    'pages.delete': {},
    'pages.checkpoint': {},
    'pages.read': { kind: text, bytes },
    'pages.load': { memory: optional(memoryNode), page: optional(number) },
    'pages.scan': { items: list(having({ ...id, page: number })), damaged: list(number), next: optional(number) },
    'pages.status': { pageCount: number, freePages: number, memoryCount: number },
  }
})()

/**
 * @param reply is made into the result: it was decoded for this alone
 * @throws Fault `INTERNAL` where the reply is not one of that operation
 */
export const resultOf = (operation: BuiltName, reply: Reply): ReplyBody => {
  const fields = shapes[operation]
  for (const name of Object.keys(fields)) inField(operation, name, reply, fields[name] as Field)
  inField(operation, 'token', reply, optionalText)
  return reply
}

const optionalText = optional(text)

/** The fields as they are meant, beside whatever else stands there. */
function readFields(map: Reply, fields: Readonly<Record<string, Field>>): Reply {
  for (const name of Object.keys(fields)) readField(map, name, fields[name] as Field)
  return map
}

/** In its place; one that is absent is no property afterwards. */
function readField(map: Reply, name: string, field: Field): void {
  const result = map as Record<string, unknown>
  const value = field(map[name])
  if (value !== undefined) result[name] = value
  else if (name in result) Reflect.deleteProperty(result, name)
}

class NotOfThisShape extends Error {}

const inField = (operation: string, name: string, reply: Reply, field: Field): void => {
  try {
    readField(reply, name, field)
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

/** In MessagePack as they are, in JSON as base64. A copy: what was received is a `Buffer`, and in one piece. */
function bytes(value: unknown): Uint8Array {
  if (isMap(value) && typeof value.base64 === 'string') return new Uint8Array(Buffer.from(value.base64, 'base64'))
  return new Uint8Array(expected(value, (it) => it instanceof Uint8Array))
}

/** A key with its value, `null`, or, where the value is too large for a reply, its size. */
function keyEntry(value: unknown): readonly unknown[] {
  const [key, stored] = expected(value, Array.isArray) as readonly unknown[]
  const isLarge = isMap(stored) && typeof stored.size === 'number'
  return [bytes(key), stored === null || isLarge ? stored : bytes(stored)]
}

/** Values under the names of their kinds; `scalarOf` of the protocol makes a program's own of each. */
function reduced(value: unknown): readonly unknown[] {
  return expected(value, Array.isArray).map(orNull(ofKind))
}

function ofKind(value: unknown): Reply {
  return readFields(map(value), {
    ...{ int64: optional(digits), uint64: optional(digits), date64: optional(digits), timestamp: optional(digits) },
    ...{ decimal128: optional(bytes), decimal256: optional(bytes), fixedSizeBinary: optional(bytes) },
  })
}

function digits(value: unknown): string {
  return expected(value, (it): it is string => typeof it === 'string' && /^-?\d{1,20}$/.test(it))
}

/** A map with these fields among others. */
function having(fields: Readonly<Record<string, Field>>): Field {
  return (value) => readFields(map(value), fields)
}

/** An experience or an insight. */
function embedded(value: unknown): Reply {
  return readFields(map(value), { embedding: optional(vector) })
}

/** A memory of the page store; its attributes may be bytes. */
function memoryNode(value: unknown): Reply {
  return readFields(embedded(value), { attributes: optional(attributes) })
}

function attributes(value: unknown): Reply {
  const entries = Object.entries(map(value)).map(([name, it]) => [name, typeof it === 'object' ? bytes(it) : it])
  return Object.fromEntries(entries) as Reply
}

/** In MessagePack its bytes, in JSON a list of numbers. */
function vector(value: unknown): Float32Array {
  return Array.isArray(value) ? Float32Array.from(value.map(number)) : float32FromBytes(expected(value, isVectorBytes))
}

const isVectorBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array && value.length % 4 === 0
