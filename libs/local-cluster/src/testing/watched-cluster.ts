/** A cluster with tenants, thieves and an auditor who hears everything: where attacks are tried and judged. */
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { temporaryFolder } from '@waggle/engine/testing'
import {
  BEAT_SUBJECTS,
  decodeClusterMessage,
  decodeEntries,
  decodeRecord,
  DEFAULT_TENANT,
  inboxPrefix,
  internalPermissions,
  internalRoles,
  operatorPermissions,
  SYSTEM_TENANT,
  systemInboxPrefix,
  tenantPermissions,
  tenantRoles,
  wholeTenantPermissions,
  type Permissions,
  type ShardBeat,
  type TenantId,
} from '@waggle/protocol'
import { startLocalCluster, type LocalCluster } from '../local-cluster.ts'
import { Attacker, type Heard } from './attacker.ts'
import { eventually } from './cluster-state.ts'

export const SHARDS = 2
/** In everything that an attacker publishes where it should not. */
export const MARK = 'forged-by-an-attacker'

/** Whose credentials an attacker has. */
export interface Stolen {
  readonly name: string
  readonly tenant: TenantId
  readonly inbox: string
  readonly user?: string
  readonly password?: string
}

const acme = 'acme' as TenantId
export const other = 'other' as TenantId

const everything: Permissions = { publish: { allow: ['>'] }, subscribe: { allow: ['>'] } }
/** Whoever configured the server let one user speak for every tenant. */
const careless: Permissions = { publish: { allow: ['waggle.v1.>'] }, subscribe: { allow: ['waggle.inbox.>'] } }

const given: Readonly<Record<string, Permissions>> = {
  ...Object.fromEntries(tenantRoles.map((role) => [role, tenantPermissions(acme, role)])),
  ...Object.fromEntries(internalRoles.map((role) => [`thief-${role}`, internalPermissions[role]])),
  other: wholeTenantPermissions(other),
  'the-operator': operatorPermissions(),
  careless,
  auditor: everything,
}

export const accessOf = (user: string) => ({ user, password: `${user} password` })
const client = (name: string, tenant: TenantId, inbox: string): Stolen => ({ name, tenant, inbox, ...accessOf(name) })

/** Everyone outside of the cluster itself. */
export const clients: readonly Stolen[] = [
  { name: 'nobody', tenant: DEFAULT_TENANT, inbox: inboxPrefix(DEFAULT_TENANT) },
  ...tenantRoles.map((role) => client(role, acme, inboxPrefix(acme))),
  client('other', other, inboxPrefix(other)),
  client('the-operator', SYSTEM_TENANT, systemInboxPrefix()),
]

/**
 * What attackers send; what is answered to JSON; what a service tells; what a server tells of a message that it traced.
 */
const FOREIGN = [MARK, '"ok":', 'io.nats.micro', '"events":[']

export class WatchedCluster {
  readonly running: LocalCluster
  readonly #auditor: Attacker
  readonly #remove: () => Promise<void>

  private constructor(running: LocalCluster, auditor: Attacker, remove: () => Promise<void>) {
    this.running = running
    this.#auditor = auditor
    this.#remove = remove
  }

  static async start(): Promise<WatchedCluster> {
    const folder = await temporaryFolder()
    const running = await startLocalCluster({
      ...{ folder: folder.path, shards: SHARDS, nodes: 2, environment: process.env },
      users: Object.entries(given).map(([user, permissions]) => ({ ...accessOf(user), permissions })),
    })
    const auditor = await Attacker.connect(running.url, accessOf('auditor'))
    auditor.subscribe('>')
    await auditor.flush()
    return new WatchedCluster(running, auditor, () => folder.remove())
  }

  async stop(): Promise<void> {
    await this.#auditor.close()
    await this.running.stop()
    await this.#remove()
  }

  connect(access: { readonly user?: string; readonly password?: string } = {}): Promise<Attacker> {
    return Attacker.connect(this.running.url, access)
  }

  /** All messages of the account from now on. */
  async listen(): Promise<() => Promise<readonly Heard[]>> {
    await this.#auditor.flush()
    const from = this.#auditor.heard.length
    return async () => {
      await this.#auditor.flush()
      return this.#auditor.heard.slice(from)
    }
  }

  /** The last sequence of each log, from the server itself. */
  async lasts(): Promise<readonly number[]> {
    return Promise.all((await this.streams()).map(async (stream) => this.#lastOf(stream)))
  }

  /** Names of the streams of the logs. */
  async streams(): Promise<readonly string[]> {
    const { data } = await this.#auditor.request('_AUDIT', '$JS.API.STREAM.NAMES', '{}')
    const { streams } = JSON.parse(data.toString()) as { readonly streams: readonly string[] }
    return streams.filter((name) => name.startsWith('WAGGLE_')).sort()
  }

  async #lastOf(stream: string): Promise<number> {
    const { data } = await this.#auditor.request('_AUDIT', `$JS.API.STREAM.INFO.${stream}`, '')
    return (JSON.parse(data.toString()) as { readonly state: { readonly last_seq: number } }).state.last_seq
  }

  /** Sequence of the barrier under which a shard is led. */
  async epoch(shard: number): Promise<number> {
    const beats = (): ShardBeat | undefined =>
      this.#auditor.heard
        .filter(({ subject }) => subject === BEAT_SUBJECTS.replace('*', String(shard)))
        .map(({ data }) => decodeClusterMessage('shard', data))
        .findLast((beat) => beat?.leading === true)
    await eventually(
      () => beats() !== undefined,
      () => 'no beat',
    )
    return (beats() as ShardBeat).epoch.sequence
  }

  /**
   * What reached a log while `act` ran, but for what leaders write of their own: holds, empty records, barriers. Read
   * from what the server repeats of all that it stores.
   */
  async stored(act: () => Promise<void>): Promise<readonly string[]> {
    const before = await this.lasts()
    const heard = await this.listen()
    await act()
    const count = sum(await this.lasts()) - sum(before)
    const repeated = async () => (await heard()).filter(({ subject }) => subject.startsWith('live.'))
    await eventually(
      async () => (await repeated()).length >= count,
      () => count,
    )
    return (await repeated())
      .filter(({ data }) => !isUpkeep(data))
      .map(({ subject, data }) => `${subject} ${data.toString('latin1')}`)
  }

  /** All that the services wrote into their logs. */
  async logs(): Promise<string> {
    const folder = path.join(this.running.folder, 'logs')
    const names = (await readdir(folder)).filter((name) => !name.startsWith('nats'))
    return (await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')))).join('')
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

const isUpkeep = (bytes: Uint8Array): boolean => {
  const decoded = decodeRecord(bytes)
  if ('defect' in decoded) return false
  const { payload, part } = decoded.record
  return part.count === 1 && decodeEntries(payload).every(({ command }) => command.startsWith('maintenance.'))
}

/** Those messages that no part of the cluster would send there, with the ordinary answers to clients left out. */
export const foreign = (messages: readonly Heard[]): readonly string[] =>
  messages.filter(isForeign).map(({ subject, headers, data }) => `${subject} ${headers} ${data.toString('latin1')}`)

/** Where leaders answer a router that asks all shards, under a name that it tells nobody else. */
const FAN_OUT = /^waggle\.internal\.router\.[0-9a-f-]{36}\.\d+\.\d+$/

const isForeign = ({ subject, headers, data }: Heard): boolean => {
  if (subject.includes('.good.') || FAN_OUT.test(subject)) return false
  if (subject.startsWith('wal.')) return 'defect' in decodeRecord(data)
  const text = headers + data.toString('latin1')
  return FOREIGN.some((words) => text.includes(words))
}
