/** A rendered kustomization as the rules look at it. */
import {
  isDisruptionBudget,
  isKeyed,
  isNetworkPolicy,
  isService,
  isWorkload,
  type Container,
  type DisruptionBudget,
  type Keyed,
  type Manifest,
  type NetworkPolicy,
  type Service,
  type Workload,
} from '../manifest.ts'

/** The processes of Waggle. */
export const components = ['router', 'shard', 'compactor'] as const
export type Component = (typeof components)[number]

export class Rendered {
  readonly manifests: readonly Manifest[]

  constructor(manifests: readonly Manifest[]) {
    this.manifests = manifests
  }

  get workloads(): readonly Workload[] {
    return this.manifests.filter(isWorkload)
  }

  get services(): readonly Service[] {
    return this.manifests.filter(isService)
  }

  get budgets(): readonly DisruptionBudget[] {
    return this.manifests.filter(isDisruptionBudget)
  }

  get policies(): readonly NetworkPolicy[] {
    return this.manifests.filter(isNetworkPolicy)
  }

  /** The ConfigMap or Secret of that name. */
  keyed(kind: 'ConfigMap' | 'Secret', name: string): Keyed | undefined {
    return this.manifests.filter(isKeyed).find((each) => each.kind === kind && each.metadata.name === name)
  }

  /** The process of Waggle that a workload runs; `undefined` for a NATS server. */
  static componentOf({ metadata: { labels = {} } }: Workload): Component | undefined {
    if (labels['app.kubernetes.io/name'] !== 'waggle') return undefined
    return components.find((component) => component === labels['app.kubernetes.io/component'])
  }
}

export const containersOf = ({ spec: { template } }: Workload): readonly Container[] => template.spec.containers
