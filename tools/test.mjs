/**
 * `npm test`: all there is to prove. Goes on after a failure, so that one run tells everything, and ends in one plain
 * line, `N passed, N failed`, which counts tests and steps alike.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findEngine } from './docker-engine.mjs'
import { setUp } from './setup.mjs'
import { buildStep, eslintStep, natsServerStep, otherLintSteps, runStep, runSteps, vitest } from './steps.mjs'

const otherNode = '24'

/** What a report of Vitest adds to the count. A file that fails to load has no tests to count: it counts as one. */
const countReport = (file) => {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const broken = report.testResults.filter(
    (result) => result.status === 'failed' && result.assertionResults.length === 0,
  )
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length }
}

/** Runs Vitest under the given Node; the run itself counts as a step, so a crash without a failed test is seen too. */
const runTests = async ({ name, node, args, live, variables }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'waggle-test-'))
  const report = path.join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  // A forgotten .only would make all other tests pass unseen.
  const command = [...node, vitest, 'run', '--allowOnly=false', ...reporters, ...args]
  const passed = await runStep({ name, command, live, variables })
  let count
  try {
    count = countReport(report)
  } catch {
    count = { passed: 0, failed: 0 }
  }
  rmSync(folder, { recursive: true, force: true })
  if (passed) count.passed += 1
  else if (count.failed === 0) count.failed = 1
  return count
}

// The floor and the recommended version of Node are both promised: CI proves both.
const isOtherDue = process.env.CI && process.versions.node.split('.')[0] !== otherNode

const otherTests = {
  name: `unit tests on Node ${otherNode}`,
  node: ['npx', '-y', '-p', `node@${otherNode}`, 'node'],
  args: ['--project=!*-integration'],
}

const imageProject = 'docker-integration'
const imageStep = {
  name: 'images',
  command: [process.execPath, 'deploy/docker/build.mjs', '--machine-base', '--outside'],
}

/** Builds the images and tests them where a Docker engine is, and says where it is not. */
const testImages = async () => {
  const { why, variables, stop } = await findEngine()
  if (why !== undefined) {
    process.stdout.write(`skipped  images, built and tested: ${why}\n`)
    return []
  }
  try {
    const isBuilt = await runStep({ ...imageStep, variables })
    if (!isBuilt) return [{ passed: 0, failed: 1 }]
    const told = { ...variables, WAGGLE_TEST_IMAGES: 'required', TESTCONTAINERS_RYUK_DISABLED: 'true' }
    const tests = { name: 'tests of the images', node: [process.execPath], args: [`--project=${imageProject}`] }
    return [{ passed: 1, failed: 0 }, await runTests({ ...tests, variables: told })]
  } finally {
    await stop()
  }
}

setUp()
// Two lanes, for the integration tests mostly wait: all lint, the unit tests once more and the images beside them. The
// longest lint comes first there, so that the others find what is built.
const built = runSteps([buildStep, natsServerStep])
const lanes = [
  async () => [
    await runSteps([eslintStep, ...otherLintSteps.filter((step) => step !== buildStep)]),
    ...(isOtherDue ? [await runTests(otherTests)] : []),
    ...(await built.then(testImages)),
  ],
  async () => [
    await built,
    await runTests({ name: 'tests', node: [process.execPath], args: [`--project=!${imageProject}`], live: true }),
  ],
]
const counts = (await Promise.all(lanes.map((lane) => lane()))).flat()

const sum = (key) => counts.reduce((total, count) => total + count[key], 0)
process.exitCode = sum('failed') === 0 ? 0 : 1
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`)
