/** Every rule finds what it is for: a sound tree, broken in one place. */
import { integerOption, textOption } from '@waggle/service-host'
import { describe, expect, test } from 'vitest'
import { parseManifests } from '../src/manifest.ts'
import { configurationFindings } from '../src/rules/configuration.ts'
import { allowedFlows } from '../src/rules/flows.ts'
import { hardeningFindings } from '../src/rules/hardening.ts'
import { bytesOf, drainFindings, memoryFindings, roomFindings } from '../src/rules/measured.ts'
import { referenceFindings } from '../src/rules/references.ts'
import { Rendered } from '../src/rules/rendered.ts'

const sound = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: waggle-shard }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data:
  WAGGLE_CLUSTER__SHARDS: '4'
  WAGGLE_CLUSTER__LOG_BYTES_MAX: '1048576'
  WAGGLE_CLUSTER__CHECKPOINT_BYTES_MAX: '1048576'
  WAGGLE_DRAIN__TIMEOUT_MS: '20000'
  WAGGLE_NATS__PASSWORD_FILE: /etc/user/password
---
apiVersion: v1
kind: Service
metadata: { name: waggle-shard }
spec:
  clusterIP: None
  selector: { app: shard }
  ports: [{ name: http, port: 8080, targetPort: http }]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: waggle-shard }
spec: { maxUnavailable: 1, selector: { matchLabels: { app: shard } } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: nobody }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: waggle-shard
  labels: { app.kubernetes.io/name: waggle, app.kubernetes.io/component: shard }
spec:
  serviceName: waggle-shard
  selector: { matchLabels: { app: shard } }
  template:
    metadata: { labels: { app: shard } }
    spec:
      serviceAccountName: waggle-shard
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 30
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        fsGroup: 10001
        seccompProfile: { type: RuntimeDefault }
      topologySpreadConstraints:
        - { topologyKey: topology.kubernetes.io/zone, labelSelector: { matchLabels: { app: shard } } }
        - { topologyKey: kubernetes.io/hostname, labelSelector: { matchLabels: { app: shard } } }
      containers:
        - name: waggle
          image: waggle/shard:0.1.0
          envFrom: [{ configMapRef: { name: settings } }]
          env: [{ name: WAGGLE_NODE, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]
          ports: [{ name: http, containerPort: 8080 }]
          startupProbe: { httpGet: { path: /livez, port: http } }
          livenessProbe: { httpGet: { path: /livez, port: http } }
          readinessProbe: { httpGet: { path: /readyz, port: http } }
          lifecycle: { preStop: { sleep: { seconds: 3 } } }
          resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { memory: 128Mi } }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          volumeMounts: [{ name: user, mountPath: /etc/user }, { name: state, mountPath: /var/lib/waggle }]
      volumes: [{ name: user, secret: { secretName: user } }]
  volumeClaimTemplates:
    - { metadata: { name: state }, spec: { resources: { requests: { storage: 1Gi } } } }
`

const provided = { user: ['password'] }
const figures = {
  drainMs: { router: 1, shard: 5_000, compactor: 1 },
  memoryBytes: { router: 1, shard: 100 * 2 ** 20, compactor: 1, nats: 1 },
}
const table = {
  node: textOption({ about: 'name', isRequired: true }),
  nats: { password: textOption({ about: 'password', isSecret: true }) },
  cluster: {
    shards: integerOption({ about: 'shards', min: 1, max: 128, default: 16 }),
    logBytesMax: integerOption({ about: 'room', min: 0, max: 2 ** 40, default: 0 }),
    checkpointBytesMax: integerOption({ about: 'room', min: 0, max: 2 ** 40, default: 0 }),
  },
  drain: { timeoutMs: integerOption({ about: 'drain', min: 0, max: 100_000, default: 0 }) },
}
const tables = { router: {}, shard: table, compactor: {} }

/** The sound tree with one text replaced by another one. */
const broken = (from: string, to: string): Rendered => {
  expect(sound, from).toContain(from)
  return new Rendered(parseManifests(sound.replace(from, to)))
}

/** The servers of which the room is looked at. */
const withServers = (storage: string): Rendered =>
  new Rendered([
    ...parseManifests(sound),
    ...parseManifests(sound.replaceAll('waggle-shard', 'waggle-nats').replace('storage: 1Gi', `storage: ${storage}`)),
  ])

const findings = (rendered: Rendered): readonly string[] => [
  ...hardeningFindings(rendered),
  ...referenceFindings(rendered, provided),
  ...configurationFindings(rendered, tables),
  ...drainFindings(rendered, figures),
  ...memoryFindings(rendered, figures),
]

test('a sound tree is sound', () => {
  expect(findings(new Rendered(parseManifests(sound)))).toEqual([])
})

describe('a tree that is broken in one place', () => {
  test.each([
    ['runAsNonRoot: true', 'runAsNonRoot: false', 'runAsNonRoot'],
    ['drop: [ALL]', 'drop: []', 'capabilities'],
    ['readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false', 'readOnlyRootFilesystem'],
    ['automountServiceAccountToken: false', 'automountServiceAccountToken: true', 'token'],
    ['waggle/shard:0.1.0', 'waggle/shard:latest', 'no version'],
    ['waggle/shard:0.1.0', 'waggle/shard', 'no version'],
    [', limits: { memory: 128Mi }', '', 'no limit of memory'],
    ['topologyKey: kubernetes.io/hostname', 'topologyKey: rack', 'not spread'],
    ['readinessProbe', 'readyProbe', 'no readiness probe'],
    ['path: /readyz, port: http', 'path: /readyz, port: web', 'which it has not'],
    ['targetPort: http', 'targetPort: web', 'which nobody has'],
    ['clusterIP: None', 'clusterIP: 10.0.0.1', 'no headless service'],
    ['selector: { app: shard }', 'selector: { app: shards }', 'selects 0 workloads'],
    ['maxUnavailable: 1', 'maxUnavailable: 2', 'more than one pod'],
    ['serviceAccountName: waggle-shard', 'serviceAccountName: other', 'no service account'],
    ['secretName: user', 'secretName: nobody', 'nobody makes the Secret'],
    ['/etc/user/password', '/etc/user/passwords', 'which is nowhere'],
    ['configMapRef: { name: settings }', 'configMapRef: { name: setting }', 'no ConfigMap'],
    ['name: state, mountPath', 'name: states, mountPath', 'no volume states'],
    ['WAGGLE_CLUSTER__SHARDS', 'WAGGLE_SHARDS', 'no variable'],
    ["SHARDS: '4'", "SHARDS: '0'", 'WAGGLE_CLUSTER__SHARDS'],
    ['WAGGLE_NODE', 'OTHER_NODE', 'WAGGLE_NODE'],
    ["TIMEOUT_MS: '20000'", "TIMEOUT_MS: '6000'", 'were measured'],
    ['terminationGracePeriodSeconds: 30', 'terminationGracePeriodSeconds: 22', 'is killed after'],
    ['limits: { memory: 128Mi }', 'limits: { memory: 64Mi }', 'is killed at'],
  ])('%s -> %s', (from, to, finding) => {
    expect(findings(broken(from, to)).join('\n')).toContain(finding)
  })
})

test('a server has room for all logs and checkpoints, or is found', () => {
  expect(roomFindings(withServers('6Mi'))).toEqual([])
  expect(roomFindings(withServers('5Mi'))).toHaveLength(1)
})

test('a quantity of memory is bytes, or none', () => {
  expect(['7', '2Ki', '3Mi', '1Gi'].map(bytesOf)).toEqual([7, 2_048, 3 * 2 ** 20, 2 ** 30])
  expect(() => bytesOf('1.5Gi')).toThrow('no quantity')
})

describe('the flows that policies allow', () => {
  const policy = (spec: string): string => `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: more }
spec: { podSelector: { matchLabels: { app: shard } }, ${spec} }`
  const flows = (text: string): readonly string[] => [...allowedFlows(new Rendered(parseManifests(text)))].sort()

  test('are none where everything is denied', () => {
    expect(flows(sound)).toEqual([])
  })

  test('are all where nothing is said', () => {
    const silent = sound.replace('policyTypes: [Ingress, Egress]', 'policyTypes: []')
    expect(flows(silent)).toContain('stranger -> waggle-shard:8080')
    expect(flows(silent)).toContain('waggle-shard -> stranger:any')
  })

  test('need a way out and a way in', () => {
    const out = policy('policyTypes: [Egress], egress: [{ to: [{ podSelector: {} }], ports: [{ port: 8080 }] }]')
    expect(flows(sound + out)).toEqual(['waggle-shard -> neighbour:8080'])
    const into = policy('policyTypes: [Ingress], ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8080 }] }]')
    expect(flows(sound + out + into)).toContain('waggle-shard -> waggle-shard:8080')
    expect(flows(sound + out + into)).not.toContain('stranger -> waggle-shard:8080')
  })

  test('tell one namespace from another', () => {
    const from = (labels: string): string => {
      const peer = `{ namespaceSelector: { matchLabels: ${labels} } }`
      return policy(`policyTypes: [Ingress], ingress: [{ from: [${peer}], ports: [{ port: 8080 }] }]`)
    }
    expect(flows(sound + from('{ kubernetes.io/metadata.name: monitoring }'))).toEqual([
      'monitoring -> waggle-shard:8080',
    ])
  })
})
