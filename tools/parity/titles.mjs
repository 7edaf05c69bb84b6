/** Which published cases the title of a test names. */

/**
 * PulseDB's have a file and a name: `activity.rs test_a: …`, or as unit tests are named there,
 * `redb::test_a, test_b: …`, where what follows may be prose.
 */
export const casesByFile = (title, cases) => {
  const plain = /^(\S+[.]rs|untested) (\w+)(?::|$)/.exec(title)
  if (plain !== null) return [{ file: plain[1], name: plain[2] }]
  const unit = /^(\w+)::([^:]*)/.exec(title)
  if (unit === null) return []
  const knownFiles = [...new Set(cases.map(({ file }) => file))]
  const file = knownFiles.find((known) => known === `${unit[1]}.rs` || known.endsWith(`/${unit[1]}.rs`))
  if (file === undefined) return [{ file: unit[1], name: unit[2] }]
  const names = unit[2].split(',').map((name) => name.trim())
  return names.filter((name) => /^\w+$/.test(name)).map((name) => ({ file, name }))
}

/** The others' have a name of their own in the contract: `exoware E3, E10: …`, `velesdb test_durability_none_*: …`. */
export const casesNamedAfter = (contract) => (title, cases) => {
  const named = title.startsWith(`${contract} `) ? /^(.+?):(?: |$)/.exec(title.slice(contract.length + 1)) : null
  if (named === null) return []
  return named[1].split(', ').map((name) => {
    const file = cases.find((published) => published.name === name)?.file
    return { file: file ?? contract, name }
  })
}
