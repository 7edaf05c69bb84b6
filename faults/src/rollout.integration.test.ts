/** A rolling update and a scaling out and in, played on processes while agents work, and judged like faults are. */
import { expect, it } from 'vitest'
import { judge } from './checker/judge.ts'
import { pausesOf } from './checker/pauses.ts'
import { forms } from './form.ts'
import { pauseLines } from './report.ts'
import { run } from './run.ts'

const SEED = 7
const TEST_MS_MAX = 400_000

it(
  'P1 P2 P4 P5 P6 P8 X1 X2 X3 rolling update and scale 3 -> 5 -> 3: nothing is lost, doubled or stale',
  async () => {
    const told: string[] = []
    const ran = await run({ form: forms.rollout, seed: SEED, tell: (line) => void told.push(line) })
    const { history, historyFile, stuck } = ran
    const verdict = judge(history)
    const seen = [...told, historyFile, ...pauseLines(pausesOf(history))].join('\n')
    expect([stuck, verdict.violations.slice(0, 10)], seen).toEqual([undefined, []])
    expect(verdict.acknowledged, seen).toBeGreaterThan(100)
    for (const { name } of forms.rollout.kinds)
      expect(history.some((entry) => entry.kind === 'fault' && entry.name === name && entry.phase === 'end')).toBe(true)
    await ran.dispose()
  },
  TEST_MS_MAX,
)
