/**
 * `npm run parity`: PulseDB's published cases against this store. Runs the suites that bear upstream's names on each
 * store, and the tests that `docs/parity.md` names as covers; prints every case with what became of it, and ends in
 * counts. Fails while one published case is neither ported, nor covered, nor not applicable, or anything failed.
 *
 * Options, for the tool's own test: `--cases FILE`, `--documentation FILE`, `--results FILE` (a report of an earlier
 * run, judged instead of running anything; may be repeated).
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { readCases, readDocumentation, relativeTo } from './parity/documentation.mjs'
import { judge } from './parity/judge.mjs'
import { root, setUp } from './setup.mjs'
import { buildStep, natsServerStep, runSteps, vitest } from './steps.mjs'

/** The suites that bear upstream's names, by the store that each runs on. */
const suites = {
  'in memory': [
    'libs/engine/src/testing/parity/parity-in-memory.test.ts',
    'libs/engine/src/storage-port/engine-storage.test.ts',
  ],
  embedded: [
    'libs/engine/src/testing/parity/parity-embedded.integration.test.ts',
    'libs/engine/src/storage-port/engine-storage.integration.test.ts',
  ],
  JetStream: [
    'libs/cluster/src/log/parity.integration.test.ts',
    'libs/cluster/src/log/storage-engine.integration.test.ts',
  ],
}
const stores = Object.keys(suites)

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: `${root}tools/parity/pulsedb-cases.tsv` },
    documentation: { type: 'string', default: `${root}docs/parity.md` },
    results: { type: 'string', multiple: true },
  },
})

const say = (line) => process.stdout.write(`${line}\n`)

/** Runs test files to their end; gives the path of the report. */
const runTests = (folder, name, args) =>
  new Promise((resolve, reject) => {
    const report = path.join(folder, `${name}.json`)
    const command = [vitest, 'run', '--allowOnly=false', '--reporter=json', `--outputFile=${report}`, ...args]
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    child.on('error', reject)
    child.on('close', (code) => resolve({ report, code }))
  })

const escaped = (title) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The suites, and of the files that cover only the tests that do: some of them take long. */
const runAll = async (documentation, folder) => {
  const covers = documentation.covered.filter(({ testFile }) => !Object.values(suites).flat().includes(testFile))
  const files = [...new Set(covers.map(({ testFile }) => testFile))]
  const titles = [...new Set(covers.map(({ title }) => title))].map(escaped)
  const runs = [await runTests(folder, 'suites', Object.values(suites).flat())]
  if (files.length > 0) runs.push(await runTests(folder, 'covers', [...files, '-t', titles.join('|')]))
  return runs
}

/** The tests of a report, and what went wrong outside of them. */
const readReport = (file) => {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'))
  const tests = []
  const problems = []
  for (const { name, status, message, assertionResults } of testResults) {
    const testFile = relativeTo(root, name)
    const store = stores.find((candidate) => suites[candidate].includes(testFile))
    if (status === 'failed' && assertionResults.every((result) => result.status !== 'failed'))
      problems.push(`failed as a file: ${testFile} ${message ?? ''}`.trim())
    for (const { title, status: result, failureMessages } of assertionResults) {
      const reason = failureMessages?.[0]?.split('\n')[0]
      tests.push({ testFile, title, status: result, store, reason })
    }
  }
  return { tests, problems }
}

const told = {
  ported: ({ results }) => stores.map((store) => `${store} ${results[store] ?? 'not run'}`).join(', '),
  covered: ({ title }) => `covered by ${title}`,
  notApplicable: ({ reason }) => `not applicable: ${reason}`,
  missing: () => 'MISSING',
}

const print = ({ rows, problems }) => {
  for (const file of new Set(rows.map((row) => row.file))) {
    say(file)
    for (const row of rows.filter((candidate) => candidate.file === file)) say(`  ${row.name}  ${told[row.class](row)}`)
  }
  say('')
  for (const problem of problems) say(`problem: ${problem}`)
  const count = (name) => rows.filter((row) => row.class === name).length
  const ported = rows.filter((row) => row.class === 'ported')
  for (const store of stores) {
    const passed = ported.filter(({ results }) => results[store] === 'passed').length
    say(`${store}: ${passed} of ${ported.length} ported cases passed`)
  }
  const counts = [`ported=${count('ported')}`, `covered=${count('covered')}`, `notApplicable=${count('notApplicable')}`]
  say(`parity cases=${rows.length} ${counts.join(' ')} missing=${count('missing')} problems=${problems.length}`)
}

const cases = readCases(readFileSync(options.cases, 'utf8'))
const documentation = readDocumentation(readFileSync(options.documentation, 'utf8'))

const judgeReports = (reports, more = []) => {
  const read = reports.map(readReport)
  const tests = read.flatMap((report) => report.tests)
  const { rows, problems } = judge({ cases, documentation, stores, tests })
  return { rows, problems: [...more, ...read.flatMap((report) => report.problems), ...problems] }
}

/** The tests of JetStream need a server; finding one needs the build of the library that finds it. */
const prepare = async () => {
  setUp()
  const isBuilt = existsSync(`${root}libs/nats-server/dist/index.js`)
  const { failed } = await runSteps(isBuilt ? [natsServerStep] : [buildStep, natsServerStep])
  return failed === 0 ? [] : ['the nats-server that the tests need was not found']
}

const runAndJudge = async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'waggle-parity-'))
  try {
    const prepared = await prepare()
    const runs = await runAll(documentation, folder)
    const crashed = runs.filter(({ report }) => !existsSync(report)).map(({ report }) => `no report: ${report}`)
    const reports = runs.map(({ report }) => report).filter((report) => existsSync(report))
    const judged = judgeReports(reports, [...prepared, ...crashed])
    // An error outside of all tests fails a run without failing a test.
    const isExplained = judged.problems.length > 0
    if (!isExplained && runs.some(({ code }) => code !== 0)) judged.problems.push('a run ended with an error')
    return judged
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const judged = options.results === undefined ? await runAndJudge() : judgeReports(options.results)
print(judged)
process.exitCode = judged.problems.length === 0 ? 0 : 1
