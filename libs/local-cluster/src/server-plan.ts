/**
 * Which nats-servers a cluster has, and how they know one another.
 *
 * O1  A single server stands where it always stood; each of several has a folder of its own.
 * O2  Servers reach one another by the addresses that they are given and by no others, so that a link between two of
 *     them can be disturbed.
 */
import path from 'node:path'
import type { ServerCluster } from '@waggle/nats-server'
import { freePorts } from './port.ts'

export interface PlannedServer {
  /** `nats`, or `nats-1`, `nats-2`, … */
  readonly name: string
  readonly folder: string
  readonly serverName: string
  /** For clients; 0 takes a free one. */
  readonly port: number
  readonly cluster?: ServerCluster
}

export interface ServerPlanParts {
  readonly servers: number
  /** Of the first. */
  readonly port: number
  readonly natsFolder: string
  /** The port by which one server reaches another that listens for it on `clusterPort`. */
  readonly routePort: (from: string, to: string, clusterPort: number) => Promise<number>
}

const CLUSTER_NAME = 'waggle'
/**
 * Nobody listens there. Servers tell each other where the others are, and one that hears of another goes there
 * straight: around a link that is cut, so that it may even be elected to lead.
 */
const NOWHERE = '127.0.0.1:1'

export const planServers = async (parts: ServerPlanParts): Promise<readonly PlannedServer[]> => {
  const { servers, port, natsFolder, routePort } = parts
  // O1
  if (servers === 1) return [{ name: 'nats', folder: natsFolder, serverName: 'waggle-local', port }]
  const ports = await freePorts(servers)
  const named = ports.map((clusterPort, index) => ({ name: `nats-${index + 1}`, clusterPort }))
  const plan = async ({ name, clusterPort }: (typeof named)[number], index: number): Promise<PlannedServer> => {
    // O2
    const others = named.filter((other) => other.name !== name)
    const routes = await Promise.all(others.map((other) => routePort(name, other.name, other.clusterPort)))
    return {
      ...{ name, serverName: name, port: index === 0 ? port : 0 },
      folder: path.join(path.dirname(natsFolder), name),
      cluster: {
        name: CLUSTER_NAME,
        port: clusterPort,
        advertised: NOWHERE,
        routes: routes.map((routed) => `nats://127.0.0.1:${routed}`),
      },
    }
  }
  return Promise.all(named.map(plan))
}

/** By which a server is known among the processes. */
export const configFileOf = ({ folder }: PlannedServer): string => path.join(folder, 'nats-server.conf')
