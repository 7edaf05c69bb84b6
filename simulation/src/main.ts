/** The command. */
import { systemTimers } from '@waggle/kernel'
import { runSeed } from './run/run-seed.ts'
const first = Number(process.argv[2] ?? 1),
  n = Number(process.argv[3] ?? 1),
  verbose = process.argv[4] === '-v'
for (let seed = first; seed < first + n; seed += 1) {
  const t = performance.now()
  const mk = (p: string, now: () => number) => {
    const say = (l: string) => (m: string, f?: object) => {
      if (verbose) console.log((now() / 1000).toFixed(3), p, l, m, JSON.stringify(f ?? {}))
    }
    return { debug: say('D'), info: say('I'), warn: say('W'), error: say('E') }
  }
  const run = await runSeed({ seed, settle: () => systemTimers.yield(), logger: mk })
  console.log(
    seed,
    run.trace,
    run.nextRandom,
    'events',
    run.events,
    'commands',
    run.commands,
    'sim s',
    run.simulatedMs / 1000,
    'ms',
    Math.round(performance.now() - t),
    JSON.stringify(run.findings),
  )
}
process.exit(0)
