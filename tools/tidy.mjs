/**
 * The repository tests its own form: what no linter looks at, file by file and as a whole. Prints `file:line: why` for
 * each finding and fails if there is one. Untracked files count too, so that a finding comes before the commit.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './setup.mjs'

const lineWidthMax = 120
const linesMax = 400
const testLinesMax = 600

let findings = 0
const report = (file, line, why) => {
  findings += 1
  process.stdout.write(`${file}${line === undefined ? '' : `:${line}`}: ${why}\n`)
}
const skip = (why) => process.stdout.write(`skipped: ${why}\n`)

const read = (file) => readFileSync(path.join(root, file), 'utf8')
const has = (file) => existsSync(path.join(root, file))

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\0')
  .filter((file) => file !== '' && has(file) && statSync(path.join(root, file)).isFile())

const isCode = (file) => /[.](ts|mjs|cjs)$/.test(file)
const isTest = (file) => /[.]test[.]ts$|\/test\/|\/src\/testing\//.test(file)
/** Data may hold anything, and a NUL byte says it is no text. */
const isText = (file, text) => !/[.]jsonl$|\/golden\//.test(file) && !text.includes('\0')

// --- Names ---------------------------------------------------------------------------------------------------------

/** Names that say where things were put, not what they are. */
const emptyNames = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc', 'types', 'manager'])

const checkNames = (file) => {
  const segments = file.split('/')
  const name = segments.pop()
  for (const segment of segments) if (emptyNames.has(segment)) report(file, undefined, `a folder named ${segment}`)
  if (!isCode(file)) return
  if (emptyNames.has(name.split('.')[0])) report(file, undefined, 'name the noun that the file is about')
  if (!/^[.]?[a-z0-9]+(-[a-z0-9]+)*([.][a-z0-9-]+)*[.](ts|mjs|cjs)$/.test(name))
    report(file, undefined, 'not kebab-case')
}

// --- Lines ---------------------------------------------------------------------------------------------------------

// In pieces, so that this file does not find itself.
const leftovers = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b(?![(]#\\d+[)])`)
const machinePath = new RegExp(`(^|[^\\w.~/-])/(${['wo' + 'rk', 'ro' + 'ot'].join('|')})/`)
const registryHost = new RegExp(
  ['regis' + 'try[.][a-z0-9-]+[.](org|com|io|net|dev)', '"resolved": "ht' + 'tp'].join('|'),
)

const checkLines = (file, text) => {
  const lines = text.replace(/\n$/, '').split('\n')
  lines.forEach((line, index) => {
    const found = (why) => report(file, index + 1, why)
    if (isCode(file) && line.length > lineWidthMax) found(`wider than ${lineWidthMax} columns`)
    if (leftovers.test(line)) found('a leftover without the number of its issue, like (#12)')
    if (machinePath.test(line)) found('an absolute path of some machine')
    if (registryHost.test(line)) found('the address of a package registry')
  })
  const max = isTest(file) ? testLinesMax : linesMax
  if (isCode(file) && lines.length > max)
    report(file, undefined, `${lines.length} lines, more than ${max}: a missing noun`)
}

// --- The index of decisions ----------------------------------------------------------------------------------------

const checkDecisions = () => {
  const folder = 'docs/adr'
  if (!has(`${folder}/README.md`)) return skip(`${folder}/README.md is not there`)
  const listed = new Set(
    [...read(`${folder}/README.md`).matchAll(/\]\((?:[.]\/)?(\d{4}-[^)#]+[.]md)/g)].map((m) => m[1]),
  )
  const present = readdirSync(path.join(root, folder)).filter((file) => file.endsWith('.md') && file !== 'README.md')
  for (const file of present) {
    if (!/^\d{4}-[a-z0-9-]+[.]md$/.test(file)) report(`${folder}/${file}`, undefined, 'not named NNNN-title.md')
    else if (!listed.has(file)) report(`${folder}/${file}`, undefined, 'not listed in README.md')
  }
  for (const file of listed)
    if (!present.includes(file)) report(`${folder}/README.md`, undefined, `lists ${file}: absent`)
}

// --- The errors that are documented and those that exist -----------------------------------------------------------

/** Every exported `faultCatalogue` or `xFaultCatalogue` of the built libraries: code → kind. */
const readCatalogues = async () => {
  const kinds = new Map()
  for (const name of readdirSync(path.join(root, 'libs'))) {
    const entry = `libs/${name}/dist/index.js`
    if (!has(entry)) continue
    const library = await import(pathToFileURL(path.join(root, entry)).href).catch((error) => {
      report(entry, undefined, `does not load: ${error.message}`)
      return {}
    })
    for (const [exported, catalogue] of Object.entries(library)) {
      if (!/^faultCatalogue$|FaultCatalogue$/.test(exported)) continue
      for (const [code, { kind }] of Object.entries(catalogue)) {
        if (kinds.has(code)) report(`libs/${name}`, undefined, `the code ${code} is in two catalogues`)
        kinds.set(code, kind)
      }
    }
  }
  return kinds
}

/** A code is documented by a table row, or a heading, that starts with it. */
const documented = /^(?:\|\s*|#+\s+)`([A-Z][A-Z0-9_]+)`/

const checkErrors = async () => {
  const file = 'docs/errors.md'
  const kinds = await readCatalogues()
  if (kinds.size === 0) return skip(`${file}: the build exports no fault catalogue`)
  if (!has(file)) return report(file, undefined, `absent, but there are ${kinds.size} codes to document`)
  const seen = new Set()
  read(file)
    .split('\n')
    .forEach((line, index) => {
      const code = documented.exec(line)?.[1]
      if (code === undefined) return
      if (seen.has(code)) report(file, index + 1, `${code} is documented twice`)
      seen.add(code)
      if (!kinds.has(code)) report(file, index + 1, `${code} is in no fault catalogue`)
      else if (line.startsWith('|') && !new RegExp(`\\b${kinds.get(code)}\\b`).test(line)) {
        report(file, index + 1, `${code} is of kind ${kinds.get(code)}`)
      }
    })
  for (const code of kinds.keys()) if (!seen.has(code)) report(file, undefined, `${code} is missing`)
}

// --- The compiler's projects ---------------------------------------------------------------------------------------

/** A workspace that the root forgets is neither built nor checked, and nobody notices. */
const checkProjects = () => {
  const projects = files
    .filter((file) => /^[^.].*\/tsconfig[.]lib[.]json$/.test(file))
    .map((file) => path.dirname(file))
  for (const [config, suffix] of [
    ['tsconfig.json', ''],
    ['tsconfig.build.json', '/tsconfig.lib.json'],
  ]) {
    const listed = JSON.parse(read(config)).references.map((reference) => path.normalize(reference.path))
    for (const project of projects) {
      if (!listed.includes(path.normalize(project + suffix))) report(config, undefined, `does not reference ${project}`)
    }
  }
}

for (const file of files) {
  checkNames(file)
  const text = read(file)
  if (isText(file, text)) checkLines(file, text)
}
checkDecisions()
checkProjects()
await checkErrors()
process.exitCode = findings === 0 ? 0 : 1
