/** Objects of Kubernetes as they are written, as far as the rules of this folder look at them. */
import { parseAllDocuments } from 'yaml'

export type Labels = Readonly<Record<string, string>>

export interface LabelSelector {
  readonly matchLabels?: Labels
}

interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Labels
}

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
}

interface Named {
  readonly name: string
}

export interface Variable extends Named {
  readonly value?: string
  readonly valueFrom?: {
    readonly secretKeyRef?: Named & { readonly key: string }
    readonly configMapKeyRef?: Named & { readonly key: string }
    readonly fieldRef?: { readonly fieldPath: string }
  }
}

export interface ContainerPort extends Named {
  readonly containerPort: number
}

interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string | number }
}

export interface Container extends Named {
  readonly image: string
  readonly env?: readonly Variable[]
  readonly envFrom?: readonly { readonly configMapRef?: Named; readonly secretRef?: Named }[]
  readonly ports?: readonly ContainerPort[]
  readonly startupProbe?: Probe
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } }
  readonly resources?: { readonly requests?: Labels; readonly limits?: Labels }
  readonly securityContext?: Readonly<Record<string, unknown>>
  readonly volumeMounts?: readonly (Named & { readonly mountPath: string })[]
}

export interface PodSpec {
  readonly containers: readonly Container[]
  readonly serviceAccountName?: string
  readonly automountServiceAccountToken?: boolean
  readonly terminationGracePeriodSeconds?: number
  readonly securityContext?: Readonly<Record<string, unknown>>
  readonly topologySpreadConstraints?: readonly {
    readonly topologyKey: string
    readonly labelSelector?: LabelSelector
  }[]
  readonly volumes?: readonly (Named & {
    readonly secret?: { readonly secretName: string }
    readonly projected?: { readonly sources: readonly { readonly configMap?: Named; readonly secret?: Named }[] }
    readonly emptyDir?: { readonly sizeLimit?: string }
  })[]
}

/** A Deployment or a StatefulSet. */
export interface Workload extends Manifest {
  readonly spec: {
    readonly serviceName?: string
    readonly persistentVolumeClaimRetentionPolicy?: Readonly<Record<string, string>>
    readonly selector: LabelSelector
    readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec }
    readonly volumeClaimTemplates?: readonly {
      readonly metadata: Metadata
      readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } }
    }[]
  }
}

export interface Service extends Manifest {
  readonly spec: {
    readonly clusterIP?: string
    readonly selector: Labels
    readonly ports: readonly (Named & { readonly port: number; readonly targetPort: string | number })[]
  }
}

export interface DisruptionBudget extends Manifest {
  readonly spec: { readonly maxUnavailable?: number; readonly selector: LabelSelector }
}

export interface Peer {
  readonly podSelector?: LabelSelector
  readonly namespaceSelector?: LabelSelector
}

export interface PolicyPort {
  readonly protocol?: string
  readonly port: number
}

export interface NetworkPolicy extends Manifest {
  readonly spec: {
    readonly podSelector: LabelSelector
    readonly policyTypes: readonly string[]
    readonly ingress?: readonly { readonly from?: readonly Peer[]; readonly ports?: readonly PolicyPort[] }[]
    readonly egress?: readonly { readonly to?: readonly Peer[]; readonly ports?: readonly PolicyPort[] }[]
  }
}

/** A ConfigMap or a Secret. */
export interface Keyed extends Manifest {
  readonly data?: Labels
}

/** All objects of a stream of YAML documents. @throws what the parser finds, warnings too */
export const parseManifests = (text: string): readonly Manifest[] =>
  parseAllDocuments(text, { strict: true, uniqueKeys: true }).map((document) => {
    const [complaint] = [...document.errors, ...document.warnings]
    if (complaint !== undefined) throw complaint
    return document.toJS() as Manifest
  })

export const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`

export const isWorkload = (manifest: Manifest): manifest is Workload =>
  manifest.kind === 'Deployment' || manifest.kind === 'StatefulSet'

export const isService = (manifest: Manifest): manifest is Service => manifest.kind === 'Service'

export const isDisruptionBudget = (manifest: Manifest): manifest is DisruptionBudget =>
  manifest.kind === 'PodDisruptionBudget'

export const isNetworkPolicy = (manifest: Manifest): manifest is NetworkPolicy => manifest.kind === 'NetworkPolicy'

export const isKeyed = (manifest: Manifest): manifest is Keyed =>
  manifest.kind === 'ConfigMap' || manifest.kind === 'Secret'

/** Whether every label that is asked for is there. An empty selector takes all. */
export const selects = ({ matchLabels = {} }: LabelSelector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value)

export const podLabels = ({ spec }: Workload): Labels => spec.template.metadata.labels

export const podSpec = ({ spec }: Workload): PodSpec => spec.template.spec
