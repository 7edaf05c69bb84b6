/** What operators look at speaks of the metrics that there are: the guide, the dashboard and the alerts. */
import { readFileSync } from 'node:fs'
import type { AnyMetricDeclaration } from '@waggle/kernel'
import { metricTable } from '@waggle/protocol'
import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')

const declared = new Map<string, AnyMetricDeclaration>(
  Object.values(metricTable).map((declaration) => [declaration.name, declaration]),
)

/** Labels that Prometheus adds by itself. */
const ADDED = ['instance', 'job', 'le']

/** Series that an expression asks for, with the labels that it asks of any of them. */
const askedOf = (expression: string): { readonly names: readonly string[]; readonly labels: readonly string[] } => {
  const names = [...expression.matchAll(/\b(?:waggle|process)_\w+/g)].map(([name]) => name)
  const selected = [...expression.matchAll(/\{([^}]*)\}/g)].flatMap(([, inner = '']) =>
    [...inner.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label),
  )
  const grouped = [...expression.matchAll(/\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, inner = '']) =>
    inner.split(',').map((label) => label.trim()),
  )
  return { names, labels: [...selected, ...grouped] }
}

const declarationOf = (series: string): AnyMetricDeclaration | undefined => {
  const ofHistogram = declared.get(series.replace(/_(bucket|sum|count)$/, ''))
  return declared.get(series) ?? (ofHistogram?.kind === 'histogram' ? ofHistogram : undefined)
}

/** What is wrong with an expression. */
const troublesOf = (expression: string): readonly string[] => {
  const { names, labels } = askedOf(expression)
  const known = names.flatMap((name) => declarationOf(name)?.labels ?? [])
  return [
    ...(names.length === 0 ? [`nothing is asked for in ${expression}`] : []),
    ...names.filter((name) => declarationOf(name) === undefined).map((name) => `there is no ${name}`),
    ...labels
      .filter((label) => ![...known, ...ADDED].includes(label))
      .map((label) => `no metric of ${expression} has ${label}`),
  ]
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
  }[]
}

interface Alerts {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string
      readonly expr: string
      readonly annotations: { readonly summary: string; readonly runbook: string }
    }[]
  }[]
}

const targets = (JSON.parse(read('deploy/monitoring/grafana-dashboard.json')) as Dashboard).panels.flatMap(
  ({ targets: asked = [] }) => asked,
)
const rules = (parse(read('deploy/monitoring/alerts.yaml')) as Alerts).groups.flatMap((group) => group.rules)

describe('what operators look at', () => {
  it('finds what is wrong with an expression', () => {
    expect(troublesOf('sum by (op) (rate(waggle_requests_total{code!="OK"}[5m]))')).toEqual([])
    expect(troublesOf('rate(waggle_request_duration_seconds_bucket[5m])')).toEqual([])
    expect(troublesOf('sum(waggle_nothing)')).toEqual(['there is no waggle_nothing'])
    expect(troublesOf('waggle_requests_total_bucket')).toEqual(['there is no waggle_requests_total_bucket'])
    expect(troublesOf('waggle_requests_total{shard="1"}')).toHaveLength(1)
    expect(troublesOf('max by (op) (waggle_log_bytes)')).toHaveLength(1)
  })

  it('the dashboard asks for metrics and labels that there are, and shows every metric', () => {
    expect(targets.flatMap(({ expr }) => troublesOf(expr))).toEqual([])
    const shown = targets.flatMap(({ expr }) => askedOf(expr).names.map((name) => declarationOf(name)?.name))
    const notShown = [...declared.keys()].filter((name) => !shown.includes(name))
    expect(notShown).toEqual(['waggle_router_kept_bytes', 'process_start_time_seconds'])
    const legends = targets.flatMap(({ expr, legendFormat }) =>
      [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)]
        .map(([, label = '']) => label)
        .filter(
          (label) => ![...askedOf(expr).names.flatMap((name) => declarationOf(name)!.labels), ...ADDED].includes(label),
        ),
    )
    expect(legends).toEqual([])
  })

  it('alerts ask for metrics and labels that there are, and the guide says what to do', () => {
    expect(rules.length).toBeGreaterThan(10)
    expect(rules.flatMap(({ expr }) => troublesOf(expr))).toEqual([])
    const guide = read('docs/operations.md')
    const anchors = [...guide.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    )
    for (const { alert, annotations } of rules) {
      const [page, anchor] = annotations.runbook.split('#')
      expect([page, anchors.filter((one) => one === anchor)], alert).toEqual(['docs/operations.md', [anchor]])
    }
  })

  it('the page of metrics has every one of them as it is declared, and no other', () => {
    const rows = [...read('docs/observability.md').matchAll(/^\| `(\w+)` \| (\w+) \| (.*?) \| (.*?) \|$/gm)].map(
      (row) => row.slice(1),
    )
    const told = [...declared.values()].map(({ name, kind, labels, help }) => [
      ...[name, kind, labels.map((label) => `\`${label}\``).join(' '), help.replaceAll('|', '\\|')],
    ])
    expect(rows).toEqual(told)
  })
})
