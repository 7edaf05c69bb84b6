/** What every pod has: no rights that it does not need, bounded room, probes, a place of its own. */
import { nameOf, podLabels, podSpec, selects, type Container, type Workload } from '../manifest.ts'
import { containersOf, type Rendered } from './rendered.ts'

/** The user of our images. */
const USER = 10_001

export const hardeningFindings = (rendered: Rendered): readonly string[] =>
  rendered.workloads.flatMap((workload) =>
    [...podFindings(workload), ...containersOf(workload).flatMap(containerFindings)].map(
      (finding) => `${nameOf(workload)}: ${finding}`,
    ),
  )

const podFindings = (workload: Workload): readonly string[] => {
  const spec = podSpec(workload)
  const spread = (spec.topologySpreadConstraints ?? [])
    .filter(({ labelSelector }) => labelSelector !== undefined && selects(labelSelector, podLabels(workload)))
    .map(({ topologyKey }) => topologyKey)
  return [
    ...differences(spec.securityContext, {
      ...{ runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, fsGroup: USER },
      seccompProfile: { type: 'RuntimeDefault' },
    }),
    ...unless(spec.automountServiceAccountToken === false, 'has a token of the API server'),
    ...unless(spec.serviceAccountName !== undefined, 'has no service account of its own'),
    ...['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].flatMap((key) =>
      unless(spread.includes(key), `is not spread over ${key}`),
    ),
    ...(spec.volumes ?? []).flatMap(({ name, emptyDir }) =>
      unless(emptyDir === undefined || emptyDir.sizeLimit !== undefined, `the volume ${name} has no limit`),
    ),
  ]
}

const containerFindings = (container: Container): readonly string[] => {
  const { image, resources, startupProbe, livenessProbe, readinessProbe } = container
  const tag = /:([^/@]+)$/.exec(image)?.[1]
  return [
    ...differences(container.securityContext, {
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    }),
    ...unless(startupProbe !== undefined, 'has no startup probe'),
    ...unless(livenessProbe !== undefined, 'has no liveness probe'),
    ...unless(readinessProbe !== undefined, 'has no readiness probe'),
    ...unless(resources?.requests?.cpu !== undefined, 'requests no processor time'),
    ...unless(resources?.requests?.memory !== undefined, 'requests no memory'),
    ...unless(resources?.limits?.memory !== undefined, 'has no limit of memory'),
    ...unless(tag !== undefined && tag !== 'latest', `the image ${image} has no version`),
  ].map((finding) => `${container.name}: ${finding}`)
}

const unless = (holds: boolean, finding: string): readonly string[] => (holds ? [] : [finding])

const differences = (
  given: Readonly<Record<string, unknown>> = {},
  wanted: Readonly<Record<string, unknown>>,
): readonly string[] =>
  Object.entries(wanted).flatMap(([key, value]) =>
    unless(JSON.stringify(given[key]) === JSON.stringify(value), `${key} is not ${JSON.stringify(value)}`),
  )
