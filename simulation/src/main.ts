/** The command. */
import { systemTimers } from '@waggle/kernel'
import { runSeed } from './run/run-seed.ts'
const first = Number(process.argv[2] ?? 1),
  n = Number(process.argv[3] ?? 1),
  verbose = process.argv[4] === '-v'
for (let seed = first; seed < first + n; seed += 1) {
  const t = process.cpuUsage().user
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
    'cpu ms',
    Math.round((process.cpuUsage().user - t) / 1000),
    run.findings.length,
  )
  for (const f of run.findings.slice(0, 8)) console.log('   ', f.verdict, f.what.slice(0, 400))
  if (process.argv[5] === '-f')
    console.log(JSON.stringify(Object.fromEntries(run.faults.entries())), JSON.stringify(run.plan))
}
process.exit(0)
