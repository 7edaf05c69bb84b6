/** Names that one object has for another lead somewhere: selectors, ports, volumes, maps, secrets, accounts. */
import {
  nameOf,
  podLabels,
  podSpec,
  selects,
  type Container,
  type ContainerPort,
  type LabelSelector,
  type Labels,
  type Manifest,
  type Workload,
} from '../manifest.ts'
import { variablesOf } from './configuration.ts'
import { containersOf, type Rendered } from './rendered.ts'

/** Secrets that are made by somebody else than the overlay, with the keys in them. */
export type ProvidedSecrets = Readonly<Record<string, readonly string[]>>

export const referenceFindings = (rendered: Rendered, provided: ProvidedSecrets): readonly string[] => [
  ...uniqueness(rendered.manifests),
  ...rendered.workloads.flatMap((workload) => [
    ...unless(workload, selects(workload.spec.selector, podLabels(workload)), 'does not select its own pods'),
    ...unless(workload, pods(rendered, workload.spec.selector).length === 1, 'selects pods of others, too'),
    ...accountFindings(rendered, workload),
    ...governingFindings(rendered, workload),
    ...containersOf(workload).flatMap((container) => [
      ...probeFindings(workload, container),
      ...fileFindings(rendered, workload, container, provided),
    ]),
    ...volumeFindings(rendered, workload, provided),
  ]),
  ...serviceFindings(rendered),
  ...budgetFindings(rendered),
]

const unless = (manifest: Manifest, holds: boolean, finding: string): readonly string[] =>
  holds ? [] : [`${nameOf(manifest)}: ${finding}`]

const pods = ({ workloads }: Rendered, selector: LabelSelector): readonly Workload[] =>
  workloads.filter((workload) => selects(selector, podLabels(workload)))

const uniqueness = (manifests: readonly Manifest[]): readonly string[] => {
  const names = manifests.map(nameOf)
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name}: is there twice`)
}

const accountFindings = ({ manifests }: Rendered, workload: Workload): readonly string[] => {
  const account = podSpec(workload).serviceAccountName
  const isThere = manifests.some(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === account)
  return unless(workload, isThere, `there is no service account ${account}`)
}

/** The service that gives the pods of a StatefulSet their names. */
const governingFindings = ({ services }: Rendered, workload: Workload): readonly string[] => {
  if (workload.kind !== 'StatefulSet') return []
  const spec = services.find(({ metadata }) => metadata.name === workload.spec.serviceName)?.spec
  const isFit = spec?.clusterIP === 'None' && selects({ matchLabels: spec.selector }, podLabels(workload))
  return unless(workload, isFit, `${workload.spec.serviceName} is no headless service of its pods`)
}

const probeFindings = (workload: Workload, container: Container): readonly string[] => {
  const names = new Set((container.ports ?? []).map(({ name }) => name))
  return [container.startupProbe, container.livenessProbe, container.readinessProbe]
    .map((probe) => String(probe?.httpGet?.port))
    .filter((port) => !names.has(port))
    .map((port) => `${nameOf(workload)}: a probe asks the port ${port}, which it has not`)
}

/** Where the files of a pod lie: folder of a mount → names in it; `undefined` for a disk. */
const foldersOf = (
  rendered: Rendered,
  workload: Workload,
  container: Container,
  provided: ProvidedSecrets,
): ReadonlyMap<string, readonly string[] | undefined> => {
  const { volumes = [] } = podSpec(workload)
  const keysOf = (kind: 'ConfigMap' | 'Secret', name: string | undefined): readonly string[] =>
    name === undefined ? [] : Object.keys(rendered.keyed(kind, name)?.data ?? {}).concat(provided[name] ?? [])
  return new Map(
    (container.volumeMounts ?? []).map(({ name, mountPath }) => {
      const { secret, projected } = volumes.find((volume) => volume.name === name) ?? {}
      if (secret !== undefined) return [mountPath, keysOf('Secret', secret.secretName)]
      const projections = projected?.sources.flatMap((source) => [
        ...keysOf('ConfigMap', source.configMap?.name),
        ...keysOf('Secret', source.secret?.name),
      ])
      return [mountPath, projections]
    }),
  )
}

/** Files that variables name, and maps that they are taken from. */
const fileFindings = (
  rendered: Rendered,
  workload: Workload,
  container: Container,
  provided: ProvidedSecrets,
): readonly string[] => {
  const folders = foldersOf(rendered, workload, container, provided)
  const isThere = (file: string): boolean => {
    const cut = file.lastIndexOf('/')
    return folders.get(file.slice(0, cut))?.includes(file.slice(cut + 1)) === true
  }
  const named = [...variablesOf(rendered, container)].filter(([name]) => name.endsWith('_FILE'))
  return [
    ...named.flatMap(([name, file]) => unless(workload, isThere(file), `${name} names ${file}, which is nowhere`)),
    ...(container.envFrom ?? []).flatMap(({ configMapRef }) =>
      unless(
        workload,
        configMapRef !== undefined && rendered.keyed('ConfigMap', configMapRef.name) !== undefined,
        `there is no ConfigMap ${configMapRef?.name}`,
      ),
    ),
  ]
}

/** Every volume is mounted, every mount has a volume, every volume is filled from something. */
const volumeFindings = (rendered: Rendered, workload: Workload, provided: ProvidedSecrets): readonly string[] => {
  const { volumes = [] } = podSpec(workload)
  const claims = (workload.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name)
  const has = [...volumes.map(({ name }) => name), ...claims]
  const mounted = containersOf(workload).flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name))
  const isFilled = (kind: 'ConfigMap' | 'Secret', name: string): boolean =>
    rendered.keyed(kind, name) !== undefined || (kind === 'Secret' && provided[name] !== undefined)
  const sources = volumes.flatMap(({ secret, projected }) => [
    ...(secret === undefined ? [] : [['Secret', secret.secretName] as const]),
    ...(projected?.sources ?? []).flatMap(({ configMap, secret: projectedSecret }) => [
      ...(configMap === undefined ? [] : [['ConfigMap', configMap.name] as const]),
      ...(projectedSecret === undefined ? [] : [['Secret', projectedSecret.name] as const]),
    ]),
  ])
  return [
    ...has.flatMap((name) => unless(workload, mounted.includes(name), `nobody mounts the volume ${name}`)),
    ...mounted.flatMap((name) => unless(workload, has.includes(name), `there is no volume ${name}`)),
    ...sources.flatMap(([kind, name]) => unless(workload, isFilled(kind, name), `nobody makes the ${kind} ${name}`)),
  ]
}

const serviceFindings = (rendered: Rendered): readonly string[] =>
  rendered.services.flatMap((service) => {
    const selected = pods(rendered, { matchLabels: service.spec.selector })
    const known = new Set(selected.flatMap(portsOf).flatMap(({ name, containerPort }) => [name, containerPort]))
    return [
      ...unless(service, selected.length === 1, `selects ${selected.length} workloads, not one`),
      ...service.spec.ports.flatMap(({ targetPort }) =>
        unless(service, known.has(targetPort), `leads to the port ${targetPort}, which nobody has`),
      ),
    ]
  })

export const portsOf = (workload: Workload): readonly ContainerPort[] =>
  containersOf(workload).flatMap(({ ports = [] }) => ports)

/** Each workload has one, which lets one pod go at a time. */
const budgetFindings = (rendered: Rendered): readonly string[] => [
  ...rendered.budgets.flatMap((budget) => [
    ...unless(budget, budget.spec.maxUnavailable === 1, 'lets more than one pod go'),
    ...unless(budget, pods(rendered, budget.spec.selector).length === 1, 'is not about one workload'),
  ]),
  ...rendered.workloads.flatMap((workload) => {
    const own = rendered.budgets.filter(({ spec }) => textOf(spec.selector) === textOf(workload.spec.selector))
    return unless(workload, own.length === 1, `has ${own.length} disruption budgets, not one`)
  }),
]

const textOf = ({ matchLabels = {} }: { readonly matchLabels?: Labels }): string =>
  JSON.stringify(Object.entries(matchLabels).sort())
