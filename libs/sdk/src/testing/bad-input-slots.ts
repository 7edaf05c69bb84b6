/** Every place of the interface where a caller puts a value. */
import { experience, exported, givenId, insight, relation } from './samples.ts'
import type { Slot } from './slot.ts'
import { storeSlots } from './store-slots.ts'

/** An experience that is there. */
export const there = givenId(1)
export const query = { embedding: [1, 0, 0, 0] }

const argumentSlots: Readonly<Record<string, Slot>> = {
  'createCollective(…)': ({ waggle }, value) => waggle.createCollective(value),
  'createCollective(…, options)': ({ waggle }, value) => waggle.createCollective({ name: 'x', dimension: 1 }, value),
  'getOrCreateCollective(…)': ({ waggle }, value) => waggle.getOrCreateCollective(value),
  'collective(…)': ({ waggle }, value) => waggle.collective(value),
  'collective(…, options)': ({ waggle, hive }, value) => waggle.collective(hive.id, value),
  'collectives(…)': ({ waggle }, value) => waggle.collectives(value),
  'collectives(…, options)': ({ waggle }, value) => waggle.collectives({}, value),
  'record(…)': ({ hive }, value) => hive.record(value),
  'record(…, options)': ({ hive }, value) => hive.record(experience(), value),
  'recordMany(…)': ({ hive }, value) => hive.recordMany(value),
  'recordMany([…])': ({ hive }, value) => hive.recordMany([experience(), value]),
  'recordMany(…, options)': ({ hive }, value) => hive.recordMany([], value),
  'get(…)': ({ hive }, value) => hive.get(value),
  'get(…, options)': ({ hive }, value) => hive.get(there, value),
  'getMany(…)': ({ hive }, value) => hive.getMany(value),
  'getMany([…])': ({ hive }, value) => hive.getMany([there, value]),
  'getMany(…, options)': ({ hive }, value) => hive.getMany([], value),
  'update(…)': ({ hive }, value) => hive.update(value, {}),
  'update(id, …)': ({ hive }, value) => hive.update(there, value),
  'update(id, patch, options)': ({ hive }, value) => hive.update(there, {}, value),
  'archive(…)': ({ hive }, value) => hive.archive(value),
  'archive(…, options)': ({ hive }, value) => hive.archive(there, value),
  'unarchive(…)': ({ hive }, value) => hive.unarchive(value),
  'delete(…)': ({ hive }, value) => hive.delete(value),
  'reinforce(…)': ({ hive }, value) => hive.reinforce(value),
  'search(…)': ({ hive }, value) => hive.search(value),
  'search(…, options)': ({ hive }, value) => hive.search(query, value),
  'recent(…)': ({ hive }, value) => hive.recent(value),
  'recent(…, options)': ({ hive }, value) => hive.recent({}, value),
  'list(…)': ({ hive }, value) => hive.list(value),
  'list(…, options)': ({ hive }, value) => hive.list({}, value),
  'energy(…)': ({ hive }, value) => hive.energy(value),
  'energy(…, options)': ({ hive }, value) => hive.energy(there, value),
  'cold(…)': ({ hive }, value) => hive.cold(value),
  'cold(…, options)': ({ hive }, value) => hive.cold({}, value),
  'context(…)': ({ hive }, value) => hive.context(value),
  'context(…, options)': ({ hive }, value) => hive.context(query, value),
  'relate(…)': ({ hive }, value) => hive.relate(value),
  'relate(…, options)': ({ hive }, value) => hive.relate(relation(there, there), value),
  'unrelate(…)': ({ hive }, value) => hive.unrelate(value),
  'getRelation(…)': ({ hive }, value) => hive.getRelation(value),
  'relations(…)': ({ hive }, value) => hive.relations(value),
  'related(…)': ({ hive }, value) => hive.related(value),
  'related(id, …)': ({ hive }, value) => hive.related(there, value),
  'related(id, query, options)': ({ hive }, value) => hive.related(there, {}, value),
  'paths(…)': ({ hive }, value) => hive.paths(value),
  'storeInsight(…)': ({ hive }, value) => hive.storeInsight(value),
  'storeInsight(…, options)': ({ hive }, value) => hive.storeInsight(insight([there]), value),
  'getInsight(…)': ({ hive }, value) => hive.getInsight(value),
  'insights(…)': ({ hive }, value) => hive.insights(value),
  'insights(…, options)': ({ hive }, value) => hive.insights(query, value),
  'listInsights(…)': ({ hive }, value) => hive.listInsights(value),
  'deleteInsight(…)': ({ hive }, value) => hive.deleteInsight(value),
  'activity.register(…)': ({ hive }, value) => hive.activity.register(value),
  'activity.heartbeat(…)': ({ hive }, value) => hive.activity.heartbeat(value),
  'activity.end(…)': ({ hive }, value) => hive.activity.end(value),
  'activity.active(…)': ({ hive }, value) => hive.activity.active(value),
  'cursors.save(…)': ({ hive }, value) => hive.cursors.save(value, 'x'),
  'cursors.save(name, …)': ({ hive }, value) => hive.cursors.save('mirror', value),
  'cursors.list(…)': ({ hive }, value) => hive.cursors.list(value),
  'cursors.drop(…)': ({ hive }, value) => hive.cursors.drop(value),
  'poll(…)': ({ hive }, value) => hive.poll(value),
  'poll(…, options)': ({ hive }, value) => hive.poll({}, value),
  'watch(…)': async ({ hive }, value) => hive.watch(value).ready,
  'commit(…)': ({ hive }, value) => hive.commit(value),
  'commit([…])': ({ hive }, value) => hive.commit([{ operation: 'experience.archive', id: there }, value]),
  'commit(…, options)': ({ hive }, value) => hive.commit([], value),
  'updateCollective(…)': ({ hive }, value) => hive.updateCollective(value),
  'updateCollective(…, options)': ({ hive }, value) => hive.updateCollective({}, value),
  'usage(…)': ({ waggle }, value) => waggle.usage(value),
  'stats(…)': ({ hive }, value) => hive.stats(value),
  'restore(…)': ({ hive }, value) => hive.restore(value),
  'restore([…])': ({ hive }, value) => hive.restore([value]),
  'restore(…, options)': ({ hive }, value) => hive.restore([], value),
  'deleteCollective(…)': ({ hive }, value) => hive.deleteCollective(value),
}

const fieldsOfRecord = [
  ...['id', 'content', 'embedding', 'type', 'importance', 'confidence', 'domain', 'relatedFiles', 'sourceAgent'],
  ...['sourceTask', 'collective', 'token', 'unknown'],
]
const filterNames = [
  ...['domains', 'types', 'minImportance', 'minConfidence', 'since', 'until', 'agents', 'tasks', 'files'],
  ...['includeArchived', 'unknown'],
]
const serverNames = ['applications', 'createdAt', 'lastReinforced', 'archived', 'version']
const relationNames = ['id', 'source', 'target', 'type', 'strength', 'metadata', 'unknown']
const insightNames = ['id', 'content', 'embedding', 'sources', 'type', 'confidence', 'domain', 'unknown']
const optionNames = ['token', 'consistency', 'timeoutMs', 'idempotencyKey', 'ifVersion', 'unknown']

const named = (names: readonly string[], method: string, slot: (name: string) => Slot): [string, Slot][] =>
  names.map((name) => [`${name} of ${method}`, slot(name)])

const fieldSlots: Readonly<Record<string, Slot>> = Object.fromEntries([
  ...named(
    ['id', 'name', 'dimension', 'owner', 'embedder', 'language', 'unknown'],
    'createCollective',
    (name) => (target, value) => target.waggle.createCollective({ name: 'x', dimension: 1, [name]: value }),
  ),
  ...named(
    ['owner', 'unknown'],
    'collectives',
    (name) =>
      ({ waggle }, value) =>
        waggle.collectives({ [name]: value }),
  ),
  ...named(
    fieldsOfRecord,
    'record',
    (name) =>
      ({ hive }, value) =>
        hive.record({ ...experience(), [name]: value }),
  ),
  ...named(
    fieldsOfRecord,
    'recordMany',
    (name) =>
      ({ hive }, value) =>
        hive.recordMany([{ ...experience(), [name]: value }]),
  ),
  ...named(
    ['importance', 'confidence', 'domain', 'relatedFiles', 'archived', 'content'],
    'update',
    (name) =>
      ({ hive }, value) =>
        hive.update(there, { [name]: value }),
  ),
  ...named(
    filterNames,
    'the filter of list',
    (name) =>
      ({ hive }, value) =>
        hive.list({ filter: { [name]: value } }),
  ),
  ...named(
    ['limit', 'cursor', 'offset', 'filter', 'include'],
    'list',
    (name) =>
      ({ hive }, value) =>
        hive.list({ [name]: value }),
  ),
  ...named(
    [...filterNames, 'entities', 'kinds'],
    'the filter of poll',
    (name) =>
      ({ hive }, value) =>
        hive.poll({ filter: { [name]: value } }),
  ),
  ...named(
    ['from', 'filter', 'max', 'include', 'unknown'],
    'poll',
    (name) =>
      ({ hive }, value) =>
        hive.poll({ [name]: value }),
  ),
  ...named(
    ['filter', 'max', 'include', 'signal', 'unknown'],
    'watch',
    (name) =>
      async ({ hive }, value) =>
        hive.watch({ from: 'start', [name]: value }).next(),
  ),
  ...named(
    ['limit', 'filter', 'include'],
    'recent',
    (name) =>
      ({ hive }, value) =>
        hive.recent({ [name]: value }),
  ),
  ...named(
    ['embedding', 'text', 'k', 'filter', 'weights', 'neighbours', 'diversity', 'minScore', 'now', 'include'],
    'search',
    (name) =>
      ({ hive }, value) =>
        hive.search({ ...query, [name]: value }),
  ),
  ...named(
    serverNames,
    'restore',
    (name) =>
      ({ hive }, value) =>
        hive.restore([{ ...exported(givenId(2)), [name]: value }]),
  ),
  ...named(
    optionNames,
    'the options of update',
    (name) =>
      ({ hive }, value) =>
        hive.update(there, {}, { [name]: value }),
  ),
  ...named(
    relationNames,
    'relate',
    (name) =>
      ({ hive }, value) =>
        hive.relate({ ...relation(there, there), [name]: value }),
  ),
  ...named(
    insightNames,
    'storeInsight',
    (name) =>
      ({ hive }, value) =>
        hive.storeInsight({ ...insight([there]), [name]: value }),
  ),
  ...named(
    ['direction', 'type', 'minStrength', 'include', 'limit', 'unknown'],
    'related',
    (name) =>
      ({ hive }, value) =>
        hive.related(there, { [name]: value }),
  ),
  ...named(
    ['from', 'to', 'direction', 'types', 'minStrength', 'maxDepth', 'limit', 'budget', 'unknown'],
    'paths',
    (name) =>
      ({ hive }, value) =>
        hive.paths({ from: there, [name]: value }),
  ),
  ...named(
    [
      ...['maxSimilar', 'maxRecent', 'includeInsights', 'includeRelations', 'includeActiveAgents', 'filter', 'weights'],
      ...['neighbours', 'diversity', 'minScore', 'now', 'include', 'embedding', 'text', 'unknown'],
    ],
    'context',
    (name) =>
      ({ hive }, value) =>
        hive.context({ ...query, [name]: value }),
  ),
  ...named(
    ['similarity', 'text', 'energy', 'unknown'],
    'the weights of search',
    (name) =>
      ({ hive }, value) =>
        hive.search({ ...query, weights: { similarity: 0, energy: 1, [name]: value } }),
  ),
  ...named(
    ['before', 'after', 'sameAgent', 'unknown'],
    'the neighbours of search',
    (name) =>
      ({ hive }, value) =>
        hive.search({ ...query, neighbours: { [name]: value } }),
  ),
  ...named(
    ['below', 'limit', 'now'],
    'cold',
    (name) =>
      ({ hive }, value) =>
        hive.cold({ [name]: value }),
  ),
  ...named(
    ['agent', 'task', 'summary', 'unknown'],
    'activity.register',
    (name) =>
      ({ hive }, value) =>
        hive.activity.register({ agent: 'scout', [name]: value }),
  ),
  ...named(
    ['name', 'owner', 'decay', 'dimension'],
    'updateCollective',
    (name) =>
      ({ hive }, value) =>
        hive.updateCollective({ [name]: value }),
  ),
  ...named(
    ['halfLifeMs', 'freqWeight', 'floor', 'weights', 'unknown'],
    'the decay of updateCollective',
    (name) =>
      ({ hive }, value) =>
        hive.updateCollective({ decay: { [name]: value } }),
  ),
  ...named(
    ['operation', 'id', 'patch', 'ifVersion', 'unknown'],
    'a command of commit',
    (name) =>
      ({ hive }, value) =>
        hive.commit([{ operation: 'experience.update', id: there, patch: {}, [name]: value }]),
  ),
  ...named(
    ['experiences', 'relations', 'insights', 'unknown'],
    'restore',
    (name) =>
      ({ hive }, value) =>
        hive.restore({ [name]: value }),
  ),
  ...named(['offset', 'limit', 'cursor'], 'relations and listInsights', (name) => async ({ hive }, value) => {
    await hive.relations({ [name]: value })
    await hive.listInsights({ [name]: value })
  }),
  ...named(
    ['kind', 'category', 'unknown'],
    'the type of record',
    (name) =>
      ({ hive }, value) =>
        hive.record(experience({ type: { kind: 'generic', [name]: value } })),
  ),
])

export const slots = { ...argumentSlots, ...fieldSlots, ...storeSlots }
