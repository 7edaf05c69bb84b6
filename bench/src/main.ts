/** `npm run bench -- NAME …`: one benchmark a question; `bench/README.md` tells how to read the answers. */
import type { Benchmark } from './benchmark.ts'
import { bus } from './bus/bus.ts'
import { busForwarder, busResponder } from './bus/relay.ts'
import { parseOptions, UsageError } from './command-line.ts'
import { crash } from './crash/crash.ts'
import { crashWriter } from './crash/writer.ts'
import { Interrupted } from './interruption.ts'
import { locomo } from './locomo/locomo.ts'
import { loopDelay } from './loop-delay/loop-delay.ts'
import { load } from './machine.ts'
import { memory } from './memory/memory.ts'
import { peers } from './peers/peers.ts'
import { peersWaggle } from './peers/waggle/waggle.ts'
import { figure, runFacts, writeResult } from './report.ts'
import { rolling } from './rolling/rolling.ts'
import { scale } from './scale/scale.ts'
import { scaleLoad, scaleRead } from './scale/store-growth.ts'
import { sizeCollectives } from './size/collectives.ts'
import { sizeLoad } from './size/load.ts'
import { sizeRead } from './size/read.ts'
import { size } from './size/size.ts'
import { stores } from './stores/stores.ts'
import { tables } from './tables/tables.ts'

const benchmarks: ReadonlyMap<string, Benchmark> = new Map(
  Object.entries({ locomo, bus, crash, size, memory, stores, peers, scale, rolling, tables, 'loop-delay': loopDelay }),
)

/** Parts of benchmarks that run in processes of their own. */
const parts: ReadonlyMap<string, (args: readonly string[]) => Promise<void>> = new Map(
  Object.entries({
    'bus-forwarder': busForwarder,
    'bus-responder': busResponder,
    'crash-writer': crashWriter,
    'peers-waggle': peersWaggle,
    'scale-load': scaleLoad,
    'scale-read': scaleRead,
    'size-collectives': sizeCollectives,
    'size-load': sizeLoad,
    'size-read': sizeRead,
  }),
)

const USAGE_EXIT_CODE = 2
/** As a shell has it for a process that SIGINT ended. */
const INTERRUPTED_EXIT_CODE = 130

const run = async ([name = '', ...args]: readonly string[]): Promise<number> => {
  const part = parts.get(name)
  if (part !== undefined) {
    await part(args)
    return 0
  }
  const benchmark = benchmarks.get(name)
  if (benchmark === undefined) throw new UsageError(name === '' ? 'which benchmark?' : `there is no benchmark ${name}`)
  const values = parseOptions(args, benchmark.options, benchmark.flags)
  const loadAtStart = load()
  const start = performance.now()
  const { passed, text, figures } = await benchmark.run(values)
  const facts = runFacts([name, ...args], loadAtStart)
  const { cpu, cores, node, kernel } = facts.machine
  process.stdout.write(`${text}\n\n`)
  process.stdout.write(`${cpu}, ${cores} cores, node ${node}, ${kernel}, load average ${loadAtStart.join(' ')}\n`)
  process.stdout.write(`took ${figure((performance.now() - start) / 1_000)} s\n`)
  if (values.out !== undefined) await writeResult(values.out, { ...facts, passed, ...figures })
  return passed ? 0 : 1
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  // What was under way is waited for by nobody.
  if (error instanceof Interrupted) process.exit(INTERRUPTED_EXIT_CODE)
  if (!(error instanceof UsageError)) throw error
  const usages = [...benchmarks.values()].map(({ usage }) => `  npm run bench -- ${usage}\n`)
  process.stderr.write(`${error.message}\nusage:\n${usages.join('')}`)
  process.exitCode = USAGE_EXIT_CODE
}
