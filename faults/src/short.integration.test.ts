/** The short form, as `npm run faults -- --short` runs it, with a seed that is always the same. */
import { expect, it } from 'vitest'
import { judge } from './checker/judge.ts'
import { pausesOf } from './checker/pauses.ts'
import { forms } from './form.ts'
import { pauseLines } from './report.ts'
import { run } from './run.ts'
import { selfTests } from './self-test.ts'

const SEED = 11
const TEST_MS_MAX = 180_000

it(
  'P1 P2 P4 P5 P6 P8 processes are killed, frozen, cut off and damaged: nothing is lost, doubled or stale',
  async () => {
    const told: string[] = []
    const ran = await run({
      ...{ form: forms.short, seed: SEED },
      tell: (line) => void told.push(line),
    })
    const { history, historyFile, stuck } = ran
    const verdict = judge(history)
    const seen = [...told, historyFile, ...pauseLines(pausesOf(history))].join('\n')
    expect([stuck, verdict.violations.slice(0, 10)], seen).toEqual([undefined, []])
    expect(verdict.acknowledged, seen).toBeGreaterThan(100)
    expect(selfTests(history).every(({ isFound }) => isFound)).toBe(true)
    await ran.dispose()
  },
  TEST_MS_MAX,
)
