/**
 * Who may speak to whom. The flows that the policies allow are worked out pod by pod, as a network would, and compared
 * with those that are needed: one that is missing is a finding, and so is one that nobody needs.
 */
import { podLabels, selects, type Labels, type NetworkPolicy, type Peer, type PolicyPort } from '../manifest.ts'
import { portsOf } from './references.ts'
import type { Rendered } from './rendered.ts'

/** `waggle-shard -> waggle-nats:4222`, with a word for what is outside of the overlay. */
export type Flow = string

/** A pod that speaks or listens: one of the overlay's, or one that stands for those outside. */
interface Party {
  readonly name: string
  readonly labels: Labels
  readonly namespace: Labels
  /** Absent: it is outside, and has whatever port. */
  readonly ports?: readonly number[]
}

const OWN_NAMESPACE = { 'kubernetes.io/metadata.name': 'own' }

/** Who is outside, by the labels that policies know them by. */
const outside: readonly Party[] = [
  { name: 'client', labels: { 'waggle-client': 'true' }, namespace: { 'kubernetes.io/metadata.name': 'agents' } },
  { name: 'dns', labels: { 'k8s-app': 'kube-dns' }, namespace: { 'kubernetes.io/metadata.name': 'kube-system' } },
  { name: 'monitoring', labels: { app: 'any' }, namespace: { 'kubernetes.io/metadata.name': 'monitoring' } },
  {
    name: 'existing-nats',
    labels: { 'app.kubernetes.io/name': 'nats' },
    namespace: { 'kubernetes.io/metadata.name': 'nats' },
  },
  { name: 'stranger', labels: {}, namespace: { 'kubernetes.io/metadata.name': 'elsewhere' } },
  { name: 'neighbour', labels: {}, namespace: OWN_NAMESPACE },
]

export const allowedFlows = (rendered: Rendered): ReadonlySet<Flow> => {
  const inside = rendered.workloads.map((workload): Party => ({
    name: workload.metadata.name,
    labels: podLabels(workload),
    namespace: OWN_NAMESPACE,
    ports: portsOf(workload).map(({ containerPort }) => containerPort),
  }))
  const parties = [...inside, ...outside]
  const flows = parties.flatMap((from) =>
    parties
      .filter((to) => from.ports !== undefined || to.ports !== undefined)
      .flatMap((to) => flowsBetween(rendered.policies, from, to)),
  )
  return new Set(flows)
}

const flowsBetween = (policies: readonly NetworkPolicy[], from: Party, to: Party): readonly Flow[] => {
  const leaving = sideOf(policies, 'Egress', from, to)
  const arriving = sideOf(policies, 'Ingress', to, from)
  const known = to.ports ?? [...leaving].filter((port) => port !== ANY)
  const passes = (side: ReadonlySet<number>, port: number): boolean => side.has(ANY) || side.has(port)
  // A side that knows no ports, and lets everything pass, is told as such.
  const ports = to.ports === undefined && leaving.has(ANY) ? [ANY] : known
  return ports
    .filter((port) => passes(leaving, port) && passes(arriving, port))
    .map((port) => `${from.name} -> ${to.name}:${port === ANY ? 'any' : port}`)
}

/** Stands for all ports. */
const ANY = -1

/** The ports at which the policies let a pod speak with another one, in one direction. */
const sideOf = (
  policies: readonly NetworkPolicy[],
  direction: 'Ingress' | 'Egress',
  own: Party,
  other: Party,
): ReadonlySet<number> => {
  const binding = policies.filter(
    ({ spec }) =>
      own.ports !== undefined && spec.policyTypes.includes(direction) && selects(spec.podSelector, own.labels),
  )
  if (binding.length === 0) return new Set([ANY])
  const rules = binding.flatMap(({ spec }) =>
    direction === 'Ingress'
      ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
      : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports })),
  )
  return new Set(rules.filter(({ peers }) => isAmong(peers, other)).flatMap(({ ports }) => numbers(ports)))
}

const numbers = (ports: readonly PolicyPort[] | undefined): readonly number[] =>
  ports === undefined ? [ANY] : ports.map(({ port }) => port)

/** No list of peers is everybody. */
const isAmong = (peers: readonly Peer[] | undefined, { labels, namespace }: Party): boolean =>
  peers === undefined ||
  peers.some(({ podSelector, namespaceSelector = { matchLabels: OWN_NAMESPACE } }) => {
    return selects(podSelector ?? {}, labels) && selects(namespaceSelector, namespace)
  })
