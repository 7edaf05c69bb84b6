/** Every place of the keys, vectors, payloads and pages where a caller puts a value. */
import type { Slot } from './slot.ts'
import { givenId } from './samples.ts'

const memory = {
  id: givenId(1),
  agentId: givenId(2),
  memoryType: 'semantic',
  content: 'x',
  createdAt: 1,
  accessedAt: 1,
}
const policy = { keys: { selector: { prefix: 'a' } }, retain: { dropAll: {} } }
const vector = [1, 0, 0, 0]

const drained = async (rows: AsyncIterable<unknown>): Promise<void> => {
  for await (const _row of rows);
}

const keySlots: Readonly<Record<string, Slot>> = {
  'keys.put(…)': ({ hive }, value) => hive.keys.put(value),
  'keys.put([…])': ({ hive }, value) => hive.keys.put([['k', 'v'], value]),
  'keys.put([[…, value]])': ({ hive }, value) => hive.keys.put([[value, 'v']]),
  'keys.put([[key, …]])': ({ hive }, value) => hive.keys.put([['k', value]]),
  'keys.put(…, options)': ({ hive }, value) => hive.keys.put([['k', 'v']], value),
  'keys.delete(…)': ({ hive }, value) => hive.keys.delete(value),
  'keys.delete([…])': ({ hive }, value) => hive.keys.delete([value]),
  'keys.get(…)': ({ hive }, value) => hive.keys.get(value),
  'keys.get(…, options)': ({ hive }, value) => hive.keys.get('k', value),
  'minSequence of keys.get': ({ hive }, value) => hive.keys.get('k', { minSequence: value, timeoutMs: 1 }),
  'keys.getMany(…)': ({ hive }, value) => hive.keys.getMany(value),
  'keys.getMany([…])': ({ hive }, value) => hive.keys.getMany(['k', value]),
  'batchSize of keys.getMany': ({ hive }, value) => hive.keys.getMany(['k'], { batchSize: value }),
  'keys.range(…)': async ({ hive }, value) => drained(hive.keys.range(value)),
  'keys.range(…, options)': async ({ hive }, value) => drained(hive.keys.range({}, value)),
  'keys.reduce(…)': ({ hive }, value) => hive.keys.reduce(value),
  'keys.batch(…)': ({ hive }, value) => hive.keys.batch(value),
  'keys.batch(sequence, …)': ({ hive }, value) => hive.keys.batch(1, value),
  'keys.status(…)': ({ hive }, value) => hive.keys.status(value),
  'keys.subscribe(…)': async ({ hive }, value) => hive.keys.subscribe(value).ready,
  'keys.prune(…)': ({ hive }, value) => hive.keys.prune(value),
  'keys.prune([…])': ({ hive }, value) => hive.keys.prune([value]),
  'keys.prune(…, options)': ({ hive }, value) => hive.keys.prune([policy], value),
  'keys.pruneBatchLog(…)': ({ hive }, value) => hive.keys.pruneBatchLog(value),
  'keys.setRetention(…)': ({ hive }, value) => hive.keys.setRetention(value),
  'keys.session(…)': async ({ hive }, value) => hive.keys.session(value).get('k', { timeoutMs: 1 }),
  'keys.prefixed(…)': async ({ hive }, value) => hive.keys.prefixed(value).get('k'),
  'keys.entries(…)': async ({ hive }, value) => hive.keys.put(hive.keys.prefixed('p').entries(value)),
  'keys.put(…) under a prefix': ({ hive }, value) => hive.keys.prefixed('p').put(value),
  'keys.delete(…) under a prefix': ({ hive }, value) => hive.keys.prefixed('p').delete(value),
  'keys.reduce(…) under a prefix': ({ hive }, value) => hive.keys.prefixed('p').reduce(value),
  'keys.range(…) under a prefix': async ({ hive }, value) => drained(hive.keys.prefixed('p').range(value)),
  'keys.subscribe(…) under a prefix': async ({ hive }, value) => hive.keys.prefixed('p').subscribe(value).ready,
  'keys.prune(…) under a prefix': ({ hive }, value) => hive.keys.prefixed('p').prune(value),
  'writeBatch().put(…)': async ({ hive }, value) => hive.keys.writeBatch().put(value).commit(),
  'writeBatch().put(…, under)': async ({ hive }, value) =>
    hive.keys
      .writeBatch()
      .put([['k', 'v']], value)
      .commit(),
  'writeBatch().delete(…)': async ({ hive }, value) => hive.keys.writeBatch().delete(value).commit(),
  'writeBatch().commit(…)': async ({ hive }, value) =>
    hive.keys
      .writeBatch()
      .put([['k', 'v']])
      .commit(value),
}

const pointSlots: Readonly<Record<string, Slot>> = {
  'vectors.store(…)': ({ hive }, value) => hive.vectors.store(value, vector),
  'vectors.store(id, …)': ({ hive }, value) => hive.vectors.store(1, value),
  'vectors.store(…, options)': ({ hive }, value) => hive.vectors.store(1, vector, value),
  'vectors.storeMany(…)': ({ hive }, value) => hive.vectors.storeMany(value),
  'vectors.storeMany([…])': ({ hive }, value) => hive.vectors.storeMany([[1, vector], value]),
  'vectors.get(…)': ({ hive }, value) => hive.vectors.get(value),
  'vectors.getMany(…)': ({ hive }, value) => hive.vectors.getMany(value),
  'vectors.delete(…)': ({ hive }, value) => hive.vectors.delete(value),
  'vectors.deleteMany(…)': ({ hive }, value) => hive.vectors.deleteMany(value),
  'vectors.ids(…)': ({ hive }, value) => hive.vectors.ids(value),
  'vectors.flush(…)': ({ hive }, value) => hive.vectors.flush(value),
  'vectors.search(…)': ({ hive }, value) => hive.vectors.search(value),
  'vectors.setDurability(…)': ({ hive }, value) => hive.vectors.setDurability(value),
  'payloads.store(…)': ({ hive }, value) => hive.payloads.store(value, {}),
  'payloads.store(id, …)': ({ hive }, value) => hive.payloads.store(1, value),
  'payloads.storeJson(id, …)': ({ hive }, value) => hive.payloads.storeJson(1, value),
  'payloads.storeMany(…)': ({ hive }, value) => hive.payloads.storeMany(value),
  'payloads.storeMany([…])': ({ hive }, value) => hive.payloads.storeMany([[1, {}], value]),
  'payloads.get(…)': ({ hive }, value) => hive.payloads.get(value),
  'payloads.getMany(…)': ({ hive }, value) => hive.payloads.getMany(value),
  'payloads.delete(…)': ({ hive }, value) => hive.payloads.delete(value),
  'payloads.status(…)': ({ hive }, value) => hive.payloads.status(value),
}

const pageSlots: Readonly<Record<string, Slot>> = {
  'pages.allocate(…)': ({ hive }, value) => hive.pages.allocate(value),
  'pages.read(…)': ({ hive }, value) => hive.pages.read(value),
  'pages.write(…)': ({ hive }, value) => hive.pages.write(value, 'x'),
  'pages.write(page, …)': async ({ hive }, value) => hive.pages.write((await hive.pages.allocate()).page, value),
  'pages.storeMemory(…)': ({ hive }, value) => hive.pages.storeMemory(value),
  'pages.storeMemories(…)': ({ hive }, value) => hive.pages.storeMemories(value),
  'pages.updateMemory(page, …)': ({ hive }, value) => hive.pages.updateMemory(1, value),
  'pages.loadMemory(…)': ({ hive }, value) => hive.pages.loadMemory(value),
  'pages.deleteMemory(…)': ({ hive }, value) => hive.pages.deleteMemory(value),
  'pages.scan(…)': ({ hive }, value) => hive.pages.scan(value),
  'pages.status(…)': ({ hive }, value) => hive.pages.status(value),
}

const named = (names: readonly string[], method: string, slot: (name: string) => Slot): [string, Slot][] =>
  names.map((name) => [`${name} of ${method}`, slot(name)])

const fieldSlots: Readonly<Record<string, Slot>> = Object.fromEntries([
  ...named(
    ['start', 'end', 'limit', 'reverse', 'batchSize', 'unknown'],
    'keys.range',
    (name) =>
      async ({ hive }, value) =>
        drained(hive.keys.range({ [name]: value })),
  ),
  ...named(
    ['selectors', 'valueFilters', 'since', 'from', 'max', 'signal', 'unknown'],
    'keys.subscribe',
    (name) =>
      async ({ hive }, value) =>
        hive.keys.subscribe({ ...(name === 'from' ? {} : { since: 1 }), [name]: value }).ready,
  ),
  ...named(
    ['prefix', 'regex', 'unknown'],
    'a selector',
    (name) =>
      async ({ hive }, value) =>
        hive.keys.subscribe({ since: 1, selectors: [{ prefix: 'a', [name]: value }] }).ready,
  ),
  ...named(
    ['exact', 'prefix', 'regex', 'unknown'],
    'a value filter',
    (name) =>
      async ({ hive }, value) =>
        hive.keys.subscribe({ since: 1, valueFilters: [{ [name]: value } as never] }).ready,
  ),
  ...named(
    ['keys', 'sequence', 'retain', 'unknown'],
    'a policy',
    (name) =>
      ({ hive }, value) =>
        hive.keys.prune([{ ...policy, [name]: value }]),
  ),
  ...named(
    ['reducers', 'groupBy', 'filter', 'start', 'unknown'],
    'keys.reduce',
    (name) =>
      ({ hive }, value) =>
        hive.keys.reduce({ reducers: [{ op: 'countAll' }], [name]: value }),
  ),
  ...named(
    ['keepLatest', 'greaterThan', 'greaterThanOrEqual', 'dropAll'],
    'a rule',
    (name) =>
      ({ hive }, value) =>
        hive.keys.setRetention({ [name]: value } as never),
  ),
  ...named(
    ['vector', 'k', 'metric', 'filter', 'include', 'unknown'],
    'vectors.search',
    (name) =>
      ({ hive }, value) =>
        hive.vectors.search({ vector, [name]: value }),
  ),
  ...named(
    ['id', 'agentId', 'memoryType', 'content', 'embedding', 'createdAt', 'salience', 'tags', 'attributes', 'unknown'],
    'a memory',
    (name) =>
      ({ hive }, value) =>
        hive.pages.storeMemory({ ...memory, [name]: value } as never),
  ),
])

export const storeSlots: Readonly<Record<string, Slot>> = { ...keySlots, ...pointSlots, ...pageSlots, ...fieldSlots }
