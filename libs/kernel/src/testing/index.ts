export { faultOf } from './fault-of.ts'
export { manualClock, type ManualClock } from './manual-clock.ts'
export { seededRandom } from '../seeded-random.ts'
export { recordedMetrics, type RecordedMetrics } from './recorded-metrics.ts'
