/**
 * Judges what ran against what was published: each case is ported, covered or not applicable, and nothing else.
 *
 * J1  A case is ported when tests that bear its file and name passed on every store.
 * J2  A case is covered when the documentation names a test that ran and passed in this run.
 * J3  A case is not applicable when the documentation gives a reason.
 * J4  A deviation says what is theirs, what is ours, and why.
 * J5  What is none of these, what is two of them, and what speaks of a case that was never published is a problem; so
 *     is every test that failed.
 */

const keyOf = ({ file, name }) => `${file} ${name}`

/**
 * The published cases that a test's title names: `activity.rs test_a: …`, or as unit tests are named there,
 * `redb::test_a, test_b: …`, where what follows may be prose.
 */
const casesOfTitle = (title, knownFiles) => {
  const plain = /^(\S+[.]rs|untested) (\w+)(?::|$)/.exec(title)
  if (plain !== null) return [{ file: plain[1], name: plain[2] }]
  const unit = /^(\w+)::([^:]*)/.exec(title)
  if (unit === null) return []
  const file = knownFiles.find((known) => known === `${unit[1]}.rs` || known.endsWith(`/${unit[1]}.rs`))
  if (file === undefined) return [{ file: unit[1], name: unit[2] }]
  const names = unit[2].split(',').map((name) => name.trim())
  return names.filter((name) => /^\w+$/.test(name)).map((name) => ({ file, name }))
}

/**
 * @param cases published, `{ file, name }`
 * @param documentation as `readDocumentation` gives it
 * @param stores their names
 * @param tests that ran: `{ testFile, title, status, store?, reason? }`; `store` where it is one of the suites'
 *   own, `reason` where it failed
 */
export const judge = ({ cases, documentation, stores, tests }) => {
  const problems = []
  const published = new Map(cases.map((published) => [keyOf(published), published]))
  const knownFiles = [...new Set(cases.map(({ file }) => file))]
  const ported = portedCases(tests, knownFiles)
  for (const [key] of ported)
    if (!published.has(key)) problems.push(`a test names a case that was never published: ${key}`)
  for (const { title, status, testFile, reason } of tests)
    if (status === 'failed') problems.push(`failed: ${title} (${testFile})${reason ? `: ${reason}` : ''}`)

  // J4
  for (const { what, ...parts } of documentation.deviations)
    for (const [part, text] of Object.entries(parts))
      if (!hasWords(text)) problems.push(`a deviation without ${part}: ${what}`)

  const covered = indexed(documentation.covered, published, problems)
  const notApplicable = indexed(documentation.notApplicable, published, problems)
  const passed = new Set(
    tests.filter(({ status }) => status === 'passed').map(({ testFile, title }) => testFile + title),
  )

  const rows = cases.map(({ file, name }) => {
    const key = `${file} ${name}`
    const classes = [ported, covered, notApplicable].filter((found) => found.has(key))
    if (classes.length > 1) problems.push(`more than one of ported, covered, not applicable: ${key}`)
    if (ported.has(key)) return portedRow({ file, name }, ported.get(key), stores, problems)
    if (covered.has(key)) {
      const { testFile, title } = covered.get(key)
      // J2
      if (!passed.has(testFile + title)) problems.push(`its cover did not pass: ${key}, by "${title}" (${testFile})`)
      return { file, name, class: 'covered', title }
    }
    if (notApplicable.has(key)) {
      const { reason } = notApplicable.get(key)
      // J3
      if (!hasWords(reason)) problems.push(`not applicable without a reason: ${key}`)
      return { file, name, class: 'notApplicable', reason }
    }
    problems.push(`neither ported, nor covered, nor not applicable: ${key}`)
    return { file, name, class: 'missing' }
  })
  return { rows, problems }
}

const hasWords = (text) => /\w{3}/.test(text ?? '')

/** For each case the status on each store; of several tests of one case the worst. */
const portedCases = (tests, knownFiles) => {
  const ported = new Map()
  for (const { title, status, store } of tests) {
    if (store === undefined) continue
    for (const found of casesOfTitle(title, knownFiles)) {
      const results = ported.get(keyOf(found)) ?? {}
      if (results[store] === undefined || results[store] === 'passed') results[store] = status
      ported.set(keyOf(found), results)
    }
  }
  return ported
}

/** J1. */
const portedRow = ({ file, name }, results, stores, problems) => {
  for (const store of stores)
    if (results[store] !== 'passed') problems.push(`${results[store] ?? 'not run'} on ${store}: ${file} ${name}`)
  return { file, name, class: 'ported', results }
}

/** J5. */
const indexed = (entries, published, problems) => {
  const byKey = new Map()
  for (const entry of entries) {
    const key = keyOf(entry)
    if (!published.has(key)) problems.push(`documented, but never published: ${key}`)
    if (byKey.has(key)) problems.push(`documented twice: ${key}`)
    byKey.set(key, entry)
  }
  return byKey
}
