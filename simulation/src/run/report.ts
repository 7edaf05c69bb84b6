/** What is printed of runs. */
import type { FaultPlan } from '../faults/fault-plan.ts'
import type { SeedRun } from './run-seed.ts'

const FINDINGS_SHOWN = 6

/** What the seed drew, so that a failure tells what it took. */
const planLine = ({ network, servers, disk, weights, gapMs, skewMs }: FaultPlan): string => {
  const rates = { ...network, ...servers, ...disk, gapMs, skewMs }
  const shown = Object.entries(rates).flatMap(([name, rate]) => (rate === 0 ? [] : [`${name}=${rate.toFixed(3)}`]))
  const acted = Object.entries(weights).flatMap(([action, weight]) => (weight === 0 ? [] : [action]))
  return `${shown.join(' ')} actions=${acted.join(',')}`
}

export const failureLines = (run: SeedRun, mutant: string | undefined): readonly string[] => {
  const more = run.findings.length - FINDINGS_SHOWN
  return [
    `seed ${run.seed} failed: ${run.findings[0]?.verdict ?? 'crash'}`,
    ...run.findings.slice(0, FINDINGS_SHOWN).map(({ verdict, what }) => `  ${verdict}: ${what.slice(0, 500)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    `  drawn: ${planLine(run.plan)}`,
    `  repeat: npm run simulate -- --seeds 1 --first ${run.seed}${mutant === undefined ? '' : ` --mutant ${mutant}`}`,
  ]
}
