/** Every overlay, with every component that fits it, rendered and held against Kubernetes and against our own rules. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { compactorOptions } from '@waggle/compactor/options'
import { routerOptions } from '@waggle/router/options'
import { shardOptions } from '@waggle/shard/options'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KubernetesSchemas } from '../src/kubernetes-schemas.ts'
import { nameOf, parseManifests, type Manifest } from '../src/manifest.ts'
import { findRender, type Render } from '../src/render.ts'
import { configurationFindings } from '../src/rules/configuration.ts'
import { allowedFlows } from '../src/rules/flows.ts'
import { hardeningFindings } from '../src/rules/hardening.ts'
import { drainFindings, memoryFindings, roomFindings } from '../src/rules/measured.ts'
import { referenceFindings } from '../src/rules/references.ts'
import { Rendered } from '../src/rules/rendered.ts'
import { measured } from './measurements.ts'

const root = path.resolve(import.meta.dirname, '..')
/** What is fetched or built where it is absent takes minutes on an empty machine. */
const PREPARED_MS_MAX = 900_000

interface Combination {
  readonly overlay: 'dev' | 'prod'
  readonly components: readonly string[]
}

/** mTLS is for three servers of our own: dev has one, and servers that exist have their own authority. */
const combinations: readonly Combination[] = [
  { overlay: 'dev', components: [] },
  { overlay: 'dev', components: ['monitoring'] },
  { overlay: 'dev', components: ['existing-nats'] },
  { overlay: 'dev', components: ['monitoring', 'existing-nats'] },
  { overlay: 'prod', components: [] },
  { overlay: 'prod', components: ['monitoring'] },
  { overlay: 'prod', components: ['mtls'] },
  { overlay: 'prod', components: ['mtls', 'monitoring'] },
  { overlay: 'prod', components: ['existing-nats'] },
  { overlay: 'prod', components: ['monitoring', 'existing-nats'] },
]

const title = ({ overlay, components }: Combination): string => [overlay, ...components].join(' + ')

/** Secrets that README.md has an operator make, with the keys that are in them. */
const ofOperators = {
  'waggle-nats': ['passwords.conf'],
  ...Object.fromEntries(
    ['router', 'shard', 'log', 'compactor', 'sys'].map((user) => [`waggle-${user}`, ['password']] as const),
  ),
}
/** Secrets that cert-manager makes. */
const ofCertManager = Object.fromEntries(
  ['nats', 'router', 'shard', 'compactor'].map(
    (name) => [`waggle-${name}-tls`, ['tls.crt', 'tls.key', 'ca.crt']] as const,
  ),
)

const provided = ({ overlay, components }: Combination) => ({
  ...(overlay === 'prod' ? ofOperators : {}),
  ...(components.includes('mtls') ? ofCertManager : {}),
})

let schemas: KubernetesSchemas
let render: Render
let folder: string
const rendered = new Map<string, Rendered>()

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'waggle-k8s-'))
  render = await findRender()
  schemas = await KubernetesSchemas.open()
  for (const combination of combinations) {
    const text = await render(await kustomization(combination))
    rendered.set(title(combination), new Rendered(parseManifests(text)))
  }
}, PREPARED_MS_MAX)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** As an operator would write one. */
const kustomization = async (combination: Combination): Promise<string> => {
  const { overlay, components } = combination
  const own = path.join(folder, title(combination).replaceAll(/[^a-z]+/g, '-'))
  await mkdir(own)
  const from = (name: string): string => `  - ${path.relative(own, path.join(root, name))}\n`
  const lines = [
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n',
    `resources:\n${from(`overlays/${overlay}`)}`,
    ...(components.length === 0 ? [] : ['components:\n', ...components.map((name) => from(`components/${name}`))]),
  ]
  await writeFile(path.join(own, 'kustomization.yaml'), lines.join(''))
  return own
}

const of = (combination: Combination): Rendered => rendered.get(title(combination)) as Rendered

describe.each(combinations)('$overlay with $components', (combination) => {
  test('is what Kubernetes 1.32 takes', async () => {
    const findings: string[] = []
    for (const manifest of of(combination).manifests)
      findings.push(...((await schemas.check(manifest)) ?? strangers(combination, manifest)))
    expect(findings).toEqual([])
  })

  test('gives no pod a right, a disk or a memory without bounds', () => {
    expect(hardeningFindings(of(combination))).toEqual([])
  })

  test('has no name that leads nowhere', () => {
    expect(referenceFindings(of(combination), provided(combination))).toEqual([])
  })

  test('tells every process what it understands', () => {
    const tables = { router: routerOptions, shard: shardOptions, compactor: compactorOptions }
    expect(configurationFindings(of(combination), tables)).toEqual([])
  })

  test('gives every process the time to drain and the memory that were measured', async () => {
    expect(drainFindings(of(combination), await measured())).toEqual([])
    expect(memoryFindings(of(combination), await measured())).toEqual([])
  })

  test('lets those speak who need to, and nobody else', () => {
    expect([...allowedFlows(of(combination))].sort()).toEqual([...neededFlows(combination)].sort())
  })

  test('has room for all logs and checkpoints on every server', () => {
    expect(roomFindings(of(combination))).toEqual([])
  })
})

/** Custom kinds come from the component that is about them. */
const CUSTOM_GROUPS: Readonly<Record<string, string>> = {
  mtls: 'cert-manager.io/v1',
  monitoring: 'monitoring.coreos.com/v1',
}

const strangers = ({ components }: Combination, manifest: Manifest): readonly string[] => {
  const isExpected = components.some((component) => CUSTOM_GROUPS[component] === manifest.apiVersion)
  return isExpected ? [] : [`${nameOf(manifest)}: no kind of Kubernetes`]
}

const neededFlows = ({ components }: Combination): readonly string[] => {
  const services = ['waggle-router', 'waggle-shard', 'waggle-compactor']
  const isElsewhere = components.includes('existing-nats')
  const servers = isElsewhere ? [] : ['waggle-nats']
  return [
    ...services.map((name) => (isElsewhere ? `${name} -> existing-nats:4222` : `${name} -> waggle-nats:4222`)),
    ...[...services, ...servers].map((name) => `${name} -> dns:53`),
    ...(components.includes('monitoring') ? services.map((name) => `monitoring -> ${name}:8080`) : []),
    ...servers.flatMap(() => ['client -> waggle-nats:4222', 'waggle-nats -> waggle-nats:6222']),
  ]
}
