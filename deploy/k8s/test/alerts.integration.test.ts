/** The alerts of deploy/monitoring as an object of the Prometheus operator. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'

const root = path.resolve(import.meta.dirname, '..')

test('the PrometheusRule has the rules of deploy/monitoring/alerts.yaml', async () => {
  const rules = parse(await readFile(path.join(root, '../monitoring/alerts.yaml'), 'utf8')) as unknown
  const labels = { 'app.kubernetes.io/name': 'waggle' }
  const head = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: { name: 'waggle', labels } }
  const text = stringify({ ...head, spec: rules }, { lineWidth: 0, singleQuote: true })
  // Written anew by `npx vitest run --project k8s-integration -u`.
  const file = path.join(root, 'components/monitoring/prometheus-rule.yaml')
  await expect(`# Made from deploy/monitoring/alerts.yaml by alerts.integration.test.ts.\n${text}`).toMatchFileSnapshot(
    file,
  )
})
