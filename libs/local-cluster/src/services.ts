/** Which services a cluster has, and what each is told by its environment. */
import type { Durability } from '@waggle/protocol'
import type { ClusterUsers } from './cluster-users.ts'
import type { ServiceRole, Variables } from './service-process.ts'

export interface ServiceCounts {
  readonly nodes: number
  readonly routers: number
  readonly compactors: number
}

export interface ServicePlan {
  readonly role: ServiceRole
  /** `node-1`, `router-1`, `compactor-1`. */
  readonly name: string
  readonly variables: Variables
}

export interface ServiceParts {
  /** Where a process finds the servers. */
  readonly urlOf: (name: string) => string
  readonly shards: number
  /** Copies of each log. */
  readonly replicas: number
  /** What an acknowledgement means, of a cluster that is created. */
  readonly durability: Durability
  readonly users: ClusterUsers
  readonly nodeFolder: (name: string) => string
  /** What the services inherit. */
  readonly environment: Variables
}

/** In the order in which they start: who serves comes after those it asks. */
export const planServices = (
  parts: ServiceParts,
  { nodes, routers, compactors }: ServiceCounts,
): readonly ServicePlan[] => [
  ...planSome(parts, 'compactor', compactors),
  ...planSome(parts, 'shard', nodes),
  ...planSome(parts, 'router', routers),
]

export const planService = (parts: ServiceParts, role: ServiceRole, name: string): ServicePlan => {
  const { internal } = parts.users
  // What this process was told of some other cluster is none of theirs.
  const inherited = Object.entries(parts.environment).filter(([variable]) => !/^(WAGGLE|NATS)_/.test(variable))
  return {
    role,
    name,
    variables: {
      ...Object.fromEntries(inherited),
      WAGGLE_NATS__URL: parts.urlOf(name),
      WAGGLE_NATS__USER: internal[role].user,
      WAGGLE_NATS__PASSWORD: internal[role].password,
      WAGGLE_NODE: name,
      // Several on one machine: each takes a port that is free.
      WAGGLE_HTTP__PORT: '0',
      ...ownVariables[role](parts, name),
    },
  }
}

const ownVariables: Readonly<Record<ServiceRole, (parts: ServiceParts, name: string) => Variables>> = {
  compactor: ({ users: { system } }) => ({
    WAGGLE_NATS__SYS_USER: system.user,
    WAGGLE_NATS__SYS_PASSWORD: system.password,
  }),
  shard: ({ users, nodeFolder, shards, replicas, durability }, name) => ({
    WAGGLE_NATS__LOG_USER: users.internal.log.user,
    WAGGLE_NATS__LOG_PASSWORD: users.internal.log.password,
    WAGGLE_DIR: nodeFolder(name),
    WAGGLE_CLUSTER__SHARDS: String(shards),
    WAGGLE_CLUSTER__REPLICAS: String(replicas),
    WAGGLE_CLUSTER__DURABILITY: durability,
  }),
  router: () => ({}),
}

/** `node-1`: the name of a process for life. @param count from 1 */
export const serviceName = (role: ServiceRole, count: number): string => `${role === 'shard' ? 'node' : role}-${count}`

export const ordinalOf = (name: string): number => Number(/\d+$/.exec(name)?.[0] ?? 0)

const planSome = (parts: ServiceParts, role: ServiceRole, count: number): readonly ServicePlan[] =>
  Array.from({ length: count }, (_, index) => planService(parts, role, serviceName(role, index + 1)))
