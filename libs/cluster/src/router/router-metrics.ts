/** What a router tells of itself in numbers, read when somebody asks. */
import type { GaugeDeclaration, Metrics } from '@waggle/kernel'
import { metricTable } from '@waggle/protocol'
import type { Router } from './router.ts'

/** What it has so much of; all other figures are counted. */
const GAUGES: Readonly<Record<string, GaugeDeclaration | undefined>> = {
  kept: metricTable.routerKept,
  keptBytes: metricTable.routerKeptBytes,
  polls: metricTable.routerPolls,
  fanOuts: metricTable.routerFanOuts,
}

export const observeRouter = (metrics: Metrics, router: Pick<Router, 'figures' | 'led'>): void => {
  for (const [name, declaration] of Object.entries(GAUGES))
    if (declaration !== undefined)
      metrics.observe(declaration, () => [{ labels: {}, value: router.figures()[name] ?? 0 }])
  metrics.observe(metricTable.routerEvents, () =>
    Object.entries(router.figures())
      .filter(([kind]) => GAUGES[kind] === undefined)
      .map(([kind, value]) => ({ labels: { kind }, value })),
  )
  metrics.observe(metricTable.routerLeaderless, () =>
    router.led === undefined ? [] : [{ labels: {}, value: router.led.filter((isLed) => !isLed).length }],
  )
}
