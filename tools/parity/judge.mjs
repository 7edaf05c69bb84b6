/**
 * Judges what ran against what was published: each case is ported, covered or not applicable, and nothing else.
 *
 * J1  A case is ported when tests that bear its name passed on every store.
 * J2  A case is covered when the documentation names a test that ran and passed in this run.
 * J3  A case is not applicable when the documentation gives a reason.
 * J4  A deviation says what is theirs, what is ours, and why.
 * J5  What is none of these, what is two of them, what is published twice, and what speaks of a case that was never
 *     published is a problem; so is every test that failed.
 */

const keyOf = ({ file, name }) => `${file} ${name}`

/** J5: the tests that failed, each once. `tests`: `{ testFile, title, status, reason? }` */
export const failures = (tests) => [
  ...new Set(
    tests
      .filter(({ status }) => status === 'failed')
      .map(({ title, testFile, reason }) => `failed: ${title} (${testFile})${reason ? `: ${reason}` : ''}`),
  ),
]

/**
 * One contract.
 * @param cases published, `{ file, name, asserts? }`
 * @param documentation as `readDocumentation` gives it
 * @param suites test files by the store that they run on
 * @param casesOfTitle the published cases that a title names
 * @param tests that ran, of all contracts: `{ testFile, title, status }`
 */
export const judge = ({ cases, documentation, suites, casesOfTitle, tests }) => {
  const problems = []
  const published = indexed(cases, problems, 'published twice')
  const ported = portedCases({ cases, suites, casesOfTitle, tests })
  for (const [key] of ported)
    if (!published.has(key)) problems.push(`a test names a case that was never published: ${key}`)

  // J4
  for (const { what, ...parts } of documentation.deviations)
    for (const [part, text] of Object.entries(parts))
      if (!hasWords(text)) problems.push(`a deviation without ${part}: ${what}`)

  const covered = indexed(documentation.covered, problems, 'documented twice')
  const notApplicable = indexed(documentation.notApplicable, problems, 'documented twice')
  for (const key of [...covered.keys(), ...notApplicable.keys()])
    if (!published.has(key)) problems.push(`documented, but never published: ${key}`)
  const passed = new Set(
    tests.filter(({ status }) => status === 'passed').map(({ testFile, title }) => testFile + title),
  )

  const rowOf = (key) => {
    const classes = [ported, covered, notApplicable].filter((found) => found.has(key))
    if (classes.length > 1) problems.push(`more than one of ported, covered, not applicable: ${key}`)
    if (ported.has(key)) return portedRow(key, ported.get(key), Object.keys(suites), problems)
    if (covered.has(key)) {
      const { testFile, title } = covered.get(key)
      // J2
      if (!passed.has(testFile + title)) problems.push(`its cover did not pass: ${key}, by "${title}" (${testFile})`)
      return { class: 'covered', title }
    }
    if (notApplicable.has(key)) {
      const { reason } = notApplicable.get(key)
      // J3
      if (!hasWords(reason)) problems.push(`not applicable without a reason: ${key}`)
      return { class: 'notApplicable', reason }
    }
    problems.push(`neither ported, nor covered, nor not applicable: ${key}`)
    return { class: 'missing' }
  }
  return { rows: cases.map((published) => ({ ...published, ...rowOf(keyOf(published)) })), problems }
}

const hasWords = (text) => /\w{3}/.test(text ?? '')

/** For each case the status on each store; of several tests of one case the worst. */
const portedCases = ({ cases, suites, casesOfTitle, tests }) => {
  const ported = new Map()
  for (const { testFile, title, status } of tests) {
    const store = Object.keys(suites).find((candidate) => suites[candidate].includes(testFile))
    if (store === undefined) continue
    for (const found of casesOfTitle(title, cases)) {
      const results = ported.get(keyOf(found)) ?? {}
      if (results[store] === undefined || results[store] === 'passed') results[store] = status
      ported.set(keyOf(found), results)
    }
  }
  return ported
}

/** J1. */
const portedRow = (key, results, stores, problems) => {
  for (const store of stores)
    if (results[store] !== 'passed') problems.push(`${results[store] ?? 'not run'} on ${store}: ${key}`)
  return { class: 'ported', results }
}

/** J5. */
const indexed = (entries, problems, twice) => {
  const byKey = new Map()
  for (const entry of entries) {
    const key = keyOf(entry)
    if (byKey.has(key)) problems.push(`${twice}: ${key}`)
    byKey.set(key, entry)
  }
  return byKey
}
