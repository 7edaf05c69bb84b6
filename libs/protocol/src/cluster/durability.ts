/**
 * What an acknowledgement of a cluster means (DESIGN section 3), by what was chosen when it was created, and by what
 * its servers say that they do: they are asked, never believed to be configured as wished.
 */

export const durabilities = ['replicated', 'synced'] as const

/**
 * `replicated`: a quorum of the servers that keep a log have the record. `synced`: and have it on their disks.
 */
export type Durability = (typeof durabilities)[number]

export const isDurability = (value: unknown): value is Durability =>
  durabilities.some((durability) => durability === value)

/** How a server keeps its logs, read back from it. */
export interface ServerFacts {
  readonly name: string
  readonly version: string
  /**
   * Whether each write is on the disk before it is acknowledged. Absent where the server does not say, as before 2.10.
   */
  readonly syncAlways?: boolean
  /** Nanoseconds between two syncs of a server that does not sync always. Absent likewise. */
  readonly syncInterval?: number
  readonly storeBytes: number
  readonly storeBytesMax: number
}

/** What a cluster was created with. */
export interface DurabilityChoice {
  readonly durability: Durability
  /** Copies of each log. */
  readonly replicas: number
}

export interface DurabilityJudgement {
  /** Whether the servers do what was chosen; absent as long as none has said so. */
  readonly isKept?: boolean
  /** One sentence: what survives, once a write is acknowledged. */
  readonly meaning: string
  /** What stands against it, a sentence each. */
  readonly problems: readonly string[]
}

/** @param servers those that have answered */
export const judgeDurability = (choice: DurabilityChoice, servers: readonly ServerFacts[]): DurabilityJudgement => {
  const problems = servers.flatMap((server) => problemOf(choice, server))
  if (servers.length > 0 && servers.length < choice.replicas)
    problems.push(`${servers.length} of at least ${choice.replicas} servers have said what they do`)
  const isKept = servers.length === 0 ? undefined : problems.length === 0
  return { ...(isKept === undefined ? {} : { isKept }), meaning: meaningOf(choice, servers), problems }
}

const NANOSECONDS_A_SECOND = 1e9

const problemOf = ({ durability }: DurabilityChoice, { name, syncAlways, syncInterval }: ServerFacts): string[] => {
  if (durability !== 'synced' || syncAlways === true) return []
  if (syncAlways === undefined) return [`${name} cannot sync before it acknowledges`]
  const seconds = (syncInterval ?? 0) / NANOSECONDS_A_SECOND
  return [`${name} syncs every ${seconds} s, not before it acknowledges (sync_interval: always)`]
}

const meaningOf = ({ replicas }: DurabilityChoice, servers: readonly ServerFacts[]): string => {
  const quorum = Math.floor(replicas / 2) + 1
  const holders = replicas === 1 ? 'the one server' : `${quorum} of ${replicas} servers`
  const isSynced = servers.length > 0 && servers.every(({ syncAlways }) => syncAlways === true)
  if (isSynced)
    return `${holders} had the write on disk: it survives kill -9 of anything and a power cut of all machines`
  const lost = replicas === 1 ? 'of the machine' : 'of all machines at once'
  const unless =
    servers.length === 0 ? `, unless the servers sync before they acknowledge, which none has said yet` : ''
  const survives = `it survives kill -9 of anything, not a power cut ${lost}`
  return `${holders} had the write in memory of the system: ${survives}${unless}`
}
