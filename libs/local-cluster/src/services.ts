/** Which services a cluster has, and what each is told by its environment. */
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

export interface PlanParts extends ServiceCounts {
  readonly url: string
  readonly shards: number
  readonly users: ClusterUsers
  readonly nodeFolder: (name: string) => string
  /** What the services inherit. */
  readonly environment: Variables
}

/** In the order in which they start: who serves comes after those it asks. */
export const planServices = (parts: PlanParts): readonly ServicePlan[] => {
  const { users, url, environment, shards, nodeFolder } = parts
  const { internal, system } = users
  // What this process was told of some other cluster is none of theirs.
  const inherited = Object.entries(environment).filter(([name]) => !/^(WAGGLE|NATS)_/.test(name))
  const plan = (role: ServiceRole, name: string, own: Variables): ServicePlan => ({
    role,
    name,
    variables: {
      ...Object.fromEntries(inherited),
      WAGGLE_NATS_URL: url,
      WAGGLE_NATS_USER: internal[role].user,
      WAGGLE_NATS_PASSWORD: internal[role].password,
      WAGGLE_NODE: name,
      ...own,
    },
  })
  return [
    ...named('compactor', parts.compactors).map((name) =>
      plan('compactor', name, { WAGGLE_SYS_USER: system.user, WAGGLE_SYS_PASSWORD: system.password }),
    ),
    ...named('node', parts.nodes).map((name) =>
      plan('shard', name, {
        WAGGLE_LOG_USER: internal.log.user,
        WAGGLE_LOG_PASSWORD: internal.log.password,
        WAGGLE_DIR: nodeFolder(name),
        WAGGLE_SHARDS: String(shards),
        WAGGLE_REPLICAS: '1',
      }),
    ),
    ...named('router', parts.routers).map((name) => plan('router', name, {})),
  ]
}

const named = (noun: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${noun}-${index + 1}`)
