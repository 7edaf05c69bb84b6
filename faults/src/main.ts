/** The command: breaks a cluster and judges what became of it. Fails if anything was lost, doubled or stale. */
import { randomInt } from 'node:crypto'
import { judge } from './checker/judge.ts'
import { pausesOf } from './checker/pauses.ts'
import { wanted } from './command-line.ts'
import { readHistory } from './history/history-file.ts'
import { lastLine, pauseLines, violationLines } from './report.ts'
import { run } from './run.ts'
import { selfTests } from './self-test.ts'

const tell = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const { form, seed, folder, history: file } = wanted(process.argv.slice(2), () => randomInt(2 ** 31))
tell(`form=${form.name} seed=${seed} servers=${form.servers} nodes=${form.nodes} routers=${form.routers}`)

const again = file === undefined ? undefined : readHistory(file)
const ran =
  again === undefined ? await run({ form, seed, tell, ...(folder === undefined ? {} : { folder }) }) : undefined
const history = again ?? ran?.history ?? []
const verdict = judge(history)
let isSound = verdict.violations.length === 0 && verdict.acknowledged > 0 && ran?.stuck === undefined

for (const line of [...pauseLines(pausesOf(history)), ...violationLines(verdict)]) tell(line)
if (ran?.stuck !== undefined) tell(`STUCK ${ran.stuck}`)
if (form.name === 'self-test' && isSound)
  for (const { name, what, isFound } of selfTests(history)) {
    tell(`self-test ${name}: ${what}: ${isFound ? 'found' : 'NOT FOUND'}`)
    isSound &&= isFound
  }
if (ran !== undefined && isSound && folder === undefined) await ran.dispose()
else if (ran !== undefined) tell(`history: ${ran.historyFile}`)
tell(lastLine(verdict, seed))
process.exitCode = isSound ? 0 : 1
