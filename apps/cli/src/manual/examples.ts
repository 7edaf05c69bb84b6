/**
 * An example of every command, and what it prints with `--json`. The help shows both, and so does the page of the
 * manual; a test compares them with the tree of commands, both ways.
 */

export interface CommandExample {
  /** What stands behind the name of the command; `$ID` and its like are values of the user. */
  readonly words: string
  /** One JSON value, or one on each line. */
  readonly json: 'value' | 'lines'
  /** Its fields, those that may be absent with a question mark. */
  readonly fields: string
}

/** By the words of the command. */
export const commandExamples: Readonly<Record<string, CommandExample>> = {
  demo: { words: '--once', json: 'value', fields: 'a part each: record, ask, …; checks, broken, ms' },
  'collective create': {
    words: 'team --dimension 384 --embedder hashing',
    json: 'value',
    fields: 'id, name, dimension, createdAt, updatedAt, owner?, embedder?, language?, decay?',
  },
  'collective list': { words: '--owner ann', json: 'lines', fields: 'as collective create' },
  'collective get': { words: 'team', json: 'value', fields: 'as collective create' },
  'collective stats': {
    words: 'team',
    json: 'value',
    fields: 'experienceCount, relationCount, insightCount, storageBytes, …',
  },
  'collective update': { words: 'team --name payments', json: 'value', fields: 'as collective create' },
  'collective delete': { words: 'team --yes', json: 'value', fields: 'id, name, token' },
  'experience record': {
    words: 'team --content "Staging has no IPv6." --agent scout',
    json: 'value',
    fields: 'id, token',
  },
  'experience get': {
    words: 'team $ID',
    json: 'value',
    fields: 'id, collective, content, type, importance, …, version, embedding',
  },
  'experience list': {
    words: 'team --filter \'{"types":["fact"]}\' --all',
    json: 'lines',
    fields: 'as experience get, without embedding; `{ cursor }` on stderr where there is more',
  },
  'experience update': {
    words: 'team $ID --importance 0.9 --if-version 3',
    json: 'value',
    fields: 'id, version, token',
  },
  'experience energy': { words: 'team $ID', json: 'value', fields: 'id, energy' },
  'experience cold': { words: 'team --below 0.2', json: 'lines', fields: 'id, energy' },
  'experience archive': { words: 'team $ID', json: 'value', fields: 'id, version, token' },
  'experience unarchive': { words: 'team $ID', json: 'value', fields: 'id, version, token' },
  'experience delete': { words: 'team $ID', json: 'value', fields: 'id, token' },
  'experience reinforce': { words: 'team $ID', json: 'value', fields: 'id, applications, token' },
  search: {
    words: 'team --text "does staging speak ipv6?" --k 5',
    json: 'lines',
    fields: 'experience, similarity?, score, parts?, …',
  },
  recent: { words: 'team --limit 20', json: 'lines', fields: 'as experience get' },
  context: {
    words: 'team --text "deploy to staging"',
    json: 'value',
    fields: 'similar, recent, insights, relations, activeAgents, token',
  },
  'relation create': { words: 'team $ID $OTHER --type supports', json: 'value', fields: 'id, token' },
  'relation delete': { words: 'team $ID', json: 'value', fields: 'id, token' },
  'relation get': {
    words: 'team $ID',
    json: 'value',
    fields: 'id, collective, source, target, type, strength, metadata?, createdAt',
  },
  'relation list': {
    words: 'team --all',
    json: 'lines',
    fields: 'as relation get; `{ cursor }` on stderr where there is more',
  },
  'relation related': { words: 'team $ID --direction outgoing', json: 'lines', fields: 'experience, relation' },
  'relation paths': { words: 'team $ID $OTHER --depth 4', json: 'lines', fields: 'experiences, relations' },
  'insight store': {
    words: 'team --content "Drain before a switch." --source $ID --type pattern',
    json: 'value',
    fields: 'id, token',
  },
  'insight get': {
    words: 'team $ID',
    json: 'value',
    fields: 'id, collective, content, type, confidence, sources, …, embedding',
  },
  'insight list': {
    words: 'team --all',
    json: 'lines',
    fields: 'as insight get, without embedding; `{ cursor }` on stderr where there is more',
  },
  'insight search': { words: 'team --text "draining"', json: 'lines', fields: 'insight, similarity' },
  'insight delete': { words: 'team $ID', json: 'value', fields: 'id, token' },
  'activity register': { words: 'team scout --task migration', json: 'value', fields: 'agent, token' },
  'activity heartbeat': { words: 'team scout', json: 'value', fields: 'agent, token' },
  'activity end': { words: 'team scout', json: 'value', fields: 'agent, token' },
  'activity active': { words: 'team', json: 'lines', fields: 'agent, task?, summary?, lastHeartbeat, …' },
  watch: {
    words: 'team --from start --once',
    json: 'lines',
    fields: 'cursor, kind, entity, id, time, experience?; `{ cursor }` on stderr at the end',
  },
  'cursor save': { words: 'team reporter $CURSOR', json: 'value', fields: 'name, token, droppedAt?' },
  'cursor list': { words: 'team', json: 'lines', fields: 'name, cursor, savedAt, unseen, dropsAt?, …' },
  'cursor drop': { words: 'team reporter', json: 'value', fields: 'name, token' },
  batch: { words: 'team commands.json', json: 'value', fields: 'results, token' },
  'keys put': { words: 'team orders/0007 open', json: 'value', fields: 'sequence, token' },
  'keys get': { words: 'team orders/0007', json: 'lines', fields: 'key, value' },
  'keys range': { words: 'team --prefix orders/ --limit 10', json: 'lines', fields: 'key, value' },
  'keys delete': { words: 'team orders/0007', json: 'value', fields: 'sequence, token' },
  'keys batch': { words: 'team 42', json: 'lines', fields: 'key, value; or deleted' },
  'keys position': { words: 'team', json: 'value', fields: 'current, oldest?, keyCount, rule?' },
  'keys subscribe': {
    words: 'team --prefix orders/',
    json: 'lines',
    fields: 'a batch: sequence, time, entries, deleted; `{ cursor }` on stderr at the end',
  },
  'keys reduce': {
    words: 'team \'{"reducers":[{"op":"countAll"}]}\'',
    json: 'value',
    fields: 'results, groups, rows, skipped',
  },
  'keys prune': {
    words: 'team --prefix orders/ --drop-all',
    json: 'value',
    fields: 'keys, batches, isDone, job?, token',
  },
  'keys retention': { words: 'team --keep-latest 1000', json: 'value', fields: 'rule, oldest' },
  'vectors store': { words: 'team 7 --vector 0.1,0.2', json: 'value', fields: 'count, token' },
  'vectors get': { words: 'team 7', json: 'lines', fields: 'id, vector' },
  'vectors ids': { words: 'team', json: 'lines', fields: 'the id, as text' },
  'vectors delete': { words: 'team 7', json: 'value', fields: 'token' },
  'vectors flush': { words: 'team', json: 'value', fields: 'token' },
  'vectors status': { words: 'team', json: 'value', fields: 'count, bytes, dimension, durability' },
  'vectors search': {
    words: 'team --vector 0.1,0.2 --metric euclidean',
    json: 'lines',
    fields: 'id, score, vector?, payload?',
  },
  'vectors durability': { words: 'team', json: 'value', fields: 'durability' },
  'payloads store': { words: 'team 7 \'{"kind":"note"}\'', json: 'value', fields: 'count, token' },
  'payloads get': { words: 'team 7', json: 'lines', fields: 'id, payload' },
  'payloads ids': { words: 'team', json: 'lines', fields: 'the id, as text' },
  'payloads delete': { words: 'team 7', json: 'value', fields: 'token' },
  'payloads flush': { words: 'team', json: 'value', fields: 'token' },
  'payloads status': { words: 'team', json: 'value', fields: 'count, bytes' },
  'pages allocate': { words: 'team', json: 'value', fields: 'page, token' },
  'pages write': { words: 'team 1 "some text"', json: 'value', fields: 'token' },
  'pages read': { words: 'team 1', json: 'value', fields: 'kind, bytes, or what else the page holds' },
  'pages store': { words: 'team memories.json', json: 'value', fields: 'pages, token' },
  'pages update': { words: 'team 1 memory.json', json: 'value', fields: 'token, …' },
  'pages load': { words: 'team 1', json: 'value', fields: 'the memory, as pages store takes it' },
  'pages delete': { words: 'team 1', json: 'value', fields: 'token, …' },
  'pages checkpoint': { words: 'team', json: 'value', fields: 'token' },
  'pages scan': { words: 'team', json: 'lines', fields: 'page, id, …' },
  'pages status': { words: 'team', json: 'value', fields: 'pageCount, freePages, memoryCount' },
  usage: { words: '', json: 'value', fields: 'collectiveCount, experienceCount, storageBytes, …' },
  import: {
    words: 'team notes.jsonl --dimension 384 --embedder hashing',
    json: 'value',
    fields: 'lines, recorded, existing, failed, seconds, recordsPerSecond, interrupted?',
  },
  export: {
    words: 'team --out backup.jsonl',
    json: 'value',
    fields: 'path, records; without --out the lines themselves',
  },
  up: { words: '--nodes 3 --servers 3', json: 'lines', fields: 'url; then ready, shards, folder, upMs' },
  'shard list': {
    words: '',
    json: 'lines',
    fields: 'shard, leader, pid, epoch, applied, last, horizon, checkpoint, reads, followers',
  },
  'log status': { words: '', json: 'value', fields: 'items, compactors, servers, durability' },
  'log prune': { words: '--shard 3', json: 'lines', fields: 'shard, horizon, first, reason; or shard, fault' },
  'node list': { words: '', json: 'lines', fields: 'node, pid, version, leads, hosts, draining, halted' },
  'node drain': { words: 'node-2', json: 'value', fields: 'node, leads, hosts, …' },
  'checkpoint create': {
    words: '--shard 3',
    json: 'lines',
    fields: 'shard, sequence, digest, verified, replicas; or shard, fault',
  },
  'checkpoint list': {
    words: '',
    json: 'lines',
    fields: 'shard, sequence, digest, bytes, atMs, node; or shard, fault',
  },
  verify: {
    words: '',
    json: 'lines',
    fields: 'as checkpoint create; of a folder one: path, verified, sequence, digest, tookMs',
  },
  'backup create': {
    words: '/backups/monday',
    json: 'value',
    fields: 'path, createdAtMs, source, shards, states: shard, sequence, digest, content, …',
  },
  'backup verify': { words: '/backups/monday', json: 'value', fields: 'as backup create, with verified' },
  'backup show': { words: '/backups/monday', json: 'value', fields: 'as backup create' },
  'backup restore': { words: '/backups/monday', json: 'value', fields: 'as backup create' },
  'backup abort': { words: '', json: 'value', fields: 'aborted' },
  'backup salvage': {
    words: '/backups/rest --shards 16 --from /data/node-1 /data/node-2',
    json: 'value',
    fields: 'as backup create',
  },
  'security init': {
    words: './secrets --hosts nats-0,nats-1,nats-2 --tenants acme',
    json: 'lines',
    fields: 'folder, files, purpose',
  },
  'security config': {
    words: '--hosts nats-0 --tenants acme --tls none',
    json: 'value',
    fields: 'the rights of each user, by its name',
  },
  permissions: { words: '--role writer --tenant acme', json: 'value', fields: 'publish, subscribe' },
  doctor: { words: '', json: 'lines', fields: 'check, state, text, hint?' },
  config: { words: '', json: 'value', fields: 'by setting: value, from' },
  completion: { words: 'bash', json: 'value', fields: 'shell, script' },
}
