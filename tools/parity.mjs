/**
 * `npm run parity`: the published cases of four projects against this store. Runs the suites that bear their names on
 * each store, and the tests that `docs/parity.md` names as covers; prints every case with what became of it, and ends
 * in counts. Fails while one published case is neither ported, nor covered, nor not applicable, or anything failed.
 *
 * `-- --contract NAME`, which may be repeated: only that contract. For the tool's own test: `--cases NAME=FILE` for the
 * published cases of a contract, without the other contracts; `--documentation FILE`; `--results FILE`: a report of an
 * earlier run, judged instead of running anything.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { contracts as allContracts } from './parity/contracts.mjs'
import { readCases, readDocumentation, relativeTo } from './parity/documentation.mjs'
import { failures, judge } from './parity/judge.mjs'
import { root, setUp } from './setup.mjs'
import { buildStep, natsServerStep, runSteps, vitest } from './steps.mjs'

const { values: options } = parseArgs({
  options: {
    contract: { type: 'string', multiple: true },
    cases: { type: 'string', multiple: true, default: [] },
    documentation: { type: 'string', default: `${root}docs/parity.md` },
    results: { type: 'string', multiple: true },
  },
})

const say = (line) => process.stdout.write(`${line}\n`)

/** The contracts that were asked for, each with its cases and what the documentation says of them. */
const readContracts = () => {
  const files = new Map(options.cases.map((given) => given.split(/=(.*)/s, 2)))
  const names = options.contract ?? (files.size > 0 ? [...files.keys()] : allContracts.map(({ name }) => name))
  const text = readFileSync(options.documentation, 'utf8')
  return names.map((name) => {
    const contract = allContracts.find((candidate) => candidate.name === name)
    if (contract === undefined) throw new Error(`no contract of that name: ${name}`)
    const cases = readCases(readFileSync(files.get(name) ?? `${root}tools/parity/${name}-cases.tsv`, 'utf8'))
    return { ...contract, cases, documentation: readDocumentation(text, contract.title) }
  })
}

const contracts = readContracts()
const suiteFiles = [...new Set(contracts.flatMap(({ suites }) => Object.values(suites).flat()))]

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
const runAll = async (folder) => {
  const covered = contracts.flatMap(({ documentation }) => documentation.covered)
  const covers = covered.filter(({ testFile }) => !suiteFiles.includes(testFile))
  const files = [...new Set(covers.map(({ testFile }) => testFile))]
  const titles = [...new Set(covers.map(({ title }) => title))].map(escaped)
  const runs = [await runTests(folder, 'suites', suiteFiles)]
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
    if (status === 'failed' && assertionResults.every((result) => result.status !== 'failed'))
      problems.push(`failed as a file: ${testFile} ${message ?? ''}`.trim())
    for (const { title, status: result, failureMessages } of assertionResults)
      tests.push({ testFile, title, status: result, reason: failureMessages?.[0]?.split('\n')[0] })
  }
  return { tests, problems }
}

const judgeReports = (reports, more = []) => {
  const read = reports.map(readReport)
  const tests = read.flatMap((report) => report.tests)
  const judged = contracts.map((contract) => ({ contract, ...judge({ ...contract, tests }) }))
  const problems = [...more, ...read.flatMap((report) => report.problems), ...failures(tests)]
  return { judged, problems: [...problems, ...judged.flatMap((one) => one.problems)] }
}

const told = {
  ported: ({ results }, stores) => stores.map((store) => `${store} ${results[store] ?? 'not run'}`).join(', '),
  covered: ({ title }) => `covered by ${title}`,
  notApplicable: ({ reason }) => `not applicable: ${reason}`,
  missing: () => 'MISSING',
}

const counted = (rows) => {
  const count = (name) => rows.filter((row) => row.class === name).length
  const counts = [`ported=${count('ported')}`, `covered=${count('covered')}`, `notApplicable=${count('notApplicable')}`]
  return `cases=${rows.length} ${counts.join(' ')} missing=${count('missing')}`
}

const printContract = ({ contract, rows }) => {
  const stores = Object.keys(contract.suites)
  say(`${contract.title}\n`)
  for (const file of new Set(rows.map((row) => row.file))) {
    say(file)
    for (const row of rows.filter((candidate) => candidate.file === file)) {
      const asserts = row.asserts === undefined ? '' : `  (${row.asserts})`
      say(`  ${row.name}  ${told[row.class](row, stores)}${asserts}`)
    }
  }
  say('')
  const ported = rows.filter((row) => row.class === 'ported')
  for (const store of stores) {
    const passed = ported.filter(({ results }) => results[store] === 'passed').length
    say(`${contract.title}, ${store}: ${passed} of ${ported.length} ported cases passed`)
  }
  say(`${contract.title}: ${counted(rows)}\n`)
}

const print = ({ judged, problems }) => {
  judged.forEach(printContract)
  for (const problem of problems) say(`problem: ${problem}`)
  say(`parity ${counted(judged.flatMap(({ rows }) => rows))} problems=${problems.length}`)
}

/** The tests of JetStream need a server; finding one needs the build of the library that finds it. */
const prepare = async () => {
  setUp()
  // The processes of a cluster run what was built.
  const { failed } = await runSteps([buildStep, natsServerStep])
  return failed === 0 ? [] : ['the build, or the nats-server that the tests need, is not there']
}

const runAndJudge = async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'waggle-parity-'))
  try {
    const prepared = await prepare()
    const runs = await runAll(folder)
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
