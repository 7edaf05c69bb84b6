/** `npm run parity` itself: what it must notice makes it fail, and says what it is. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder, type TemporaryFolder } from '../temporary-folder.ts'

const root = path.resolve(import.meta.dirname, '../../../../..')

const suites = {
  interface: {
    embedded: 'libs/embedded/src/stores.parity.integration.test.ts',
    cluster: 'libs/local-cluster/src/stores.parity.integration.test.ts',
  },
  memory: 'libs/engine/src/testing/parity/parity-in-memory.test.ts',
  embedded: 'libs/engine/src/testing/parity/parity-embedded.integration.test.ts',
  jetStream: 'libs/cluster/src/log/parity.integration.test.ts',
}

interface Told {
  readonly contract: string
  readonly cases: readonly string[]
  readonly deviations: readonly string[]
  readonly covered: readonly string[]
  readonly notApplicable: readonly string[]
  /** Titles of what ran, by file; those that begin with `!` failed, with `-` were skipped. */
  readonly ran: Readonly<Record<string, readonly string[]>>
}

const ported = ['watch.rs test_a: it does', 'redb::test_b, test_c: they do']

/** All is well. */
const whole: Told = {
  contract: 'pulsedb',
  cases: ['watch.rs\ttest_a', 'src/storage/redb.rs\ttest_b', 'src/storage/redb.rs\ttest_c', 'x.rs\td', 'x.rs\te'],
  deviations: ['| what | this of theirs | that of ours | because |'],
  covered: ['| `x.rs` | `d` | `libs/a.test.ts` | `another | title` |'.replace(' | title', ' \\| title')],
  notApplicable: ['| `x.rs` | `e` | there is no such thing |'],
  ran: {
    [suites.memory]: ported,
    [suites.embedded]: ported,
    [suites.jetStream]: ported,
    'libs/a.test.ts': ['another | title'],
  },
}

const chapters: Readonly<Record<string, string>> = { pulsedb: 'PulseDB', velesdb: 'VelesDB' }

const documentOf = ({ contract, deviations, covered, notApplicable }: Told): string =>
  [
    ...['## Another', '', '### Covered', '', '| file | cases | held by | test |', '|---|---|---|---|', ''],
    ...[`## ${chapters[contract]!}`, ''],
    ...['### Deviations', '', '| what | theirs | ours | why |', '|---|---|---|---|', ...deviations, ''],
    ...['### Covered', '', '| file | cases | held by | test |', '|---|---|---|---|', ...covered, ''],
    ...['### Not applicable', '', '| file | cases | reason |', '|---|---|---|', ...notApplicable, ''],
    ...['## Yet another', ''],
  ].join('\n')

const statusOf = (title: string): string =>
  title.startsWith('!') ? 'failed' : title.startsWith('-') ? 'pending' : 'passed'

const reportOf = ({ ran }: Told): object => ({
  testResults: Object.entries(ran).map(([file, titles]) => ({
    name: path.join(root, file),
    status: titles.some((title) => title.startsWith('!')) ? 'failed' : 'passed',
    assertionResults: titles.map((title) => ({ title: title.replace(/^[!-]/, ''), status: statusOf(title) })),
  })),
})

describe('npm run parity', () => {
  let folder: TemporaryFolder
  beforeEach(async () => {
    folder = await temporaryFolder()
  })
  afterEach(() => folder.remove())

  const write = (name: string, text: string): string => {
    const file = path.join(folder.path, name)
    writeFileSync(file, text)
    return file
  }

  const run = (change: Partial<Told> = {}) => {
    const told = { ...whole, ...change }
    const files = [
      ...['--cases', `${told.contract}=${write('cases.tsv', `${told.cases.join('\n')}\n`)}`],
      ...['--documentation', write('parity.md', documentOf(told))],
      ...['--results', write('report.json', JSON.stringify(reportOf(told)))],
    ]
    return runTool(files)
  }

  const runTool = (args: readonly string[]) => {
    const { status, stdout } = spawnSync(process.execPath, [path.join(root, 'tools/parity.mjs'), ...args])
    return { status, lines: stdout.toString().trimEnd().split('\n') }
  }

  test('is content with what is ported, covered or not applicable, and prints which', () => {
    const { status, lines } = run()
    expect(lines.join('\n')).toContain('watch.rs\n  test_a  in memory passed, embedded passed, JetStream passed')
    expect(lines).toContain('  d  covered by another | title')
    expect(lines).toContain('  e  not applicable: there is no such thing')
    expect(lines.at(-1)).toBe('parity cases=5 ported=3 covered=1 notApplicable=1 missing=0 problems=0')
    expect(status).toBe(0)
  })

  test('knows the cases of the other contracts by their names alone, and says what they assert', () => {
    const names = ['velesdb test_a_*: it does', 'velesdb b/tests, test_c: they do']
    const { status, lines } = run({
      contract: 'velesdb',
      cases: ['E.1\ttest_a_*\tthat it does', 'E.2\tb/tests', 'E.2\ttest_c', 'x.rs\td', 'x.rs\te'],
      ran: {
        [suites.interface.embedded]: names,
        [suites.interface.cluster]: names,
        'libs/a.test.ts': ['another | title'],
      },
    })
    expect(lines).toContain('  test_a_*  embedded passed, cluster passed  (that it does)')
    expect(lines.at(-1)).toBe('parity cases=5 ported=3 covered=1 notApplicable=1 missing=0 problems=0')
    expect(status).toBe(0)
  })

  test('judges every contract that it is asked for, and none but these', () => {
    const { status, lines } = runTool(['--contract', 'nobody'])
    expect([status, lines.join('\n')]).toEqual([1, ''])
    const both = [
      '--contract',
      'mentedb',
      '--contract',
      'velesdb',
      '--results',
      write('report.json', '{"testResults":[]}'),
    ]
    const told = runTool(both).lines
    expect(told.filter((line) => /^\w+: cases=/.test(line)).map((line) => line.split(':')[0])).toEqual([
      'MenteDB',
      'VelesDB',
    ])
  })

  const changed: readonly (readonly [what: string, change: Partial<Told>, problem: string])[] = [
    [
      'a published case that nobody speaks of',
      { cases: [...whole.cases, 'x.rs\tnobody'] },
      'neither ported, nor covered, nor not applicable: x.rs nobody',
    ],
    [
      'a case that was never published, in a test',
      { ran: { ...whole.ran, [suites.memory]: [...ported, 'watch.rs test_z: it does'] } },
      'a test names a case that was never published: watch.rs test_z',
    ],
    ['a case that is published twice', { cases: [...whole.cases, 'x.rs\td'] }, 'published twice: x.rs d'],
    [
      'a case of another contract, in a test of its suites',
      {
        contract: 'velesdb',
        ran: { ...whole.ran, [suites.interface.cluster]: ['velesdb test_z: it does', 'exoware E1: it does'] },
      },
      'a test names a case that was never published: velesdb test_z',
    ],
    [
      'a case that was never published, in the documentation',
      { notApplicable: [...whole.notApplicable, '| `x.rs` | `z` | there is no such thing |'] },
      'documented, but never published: x.rs z',
    ],
    [
      'a cover that did not run',
      { ran: { ...whole.ran, 'libs/a.test.ts': [] } },
      'its cover did not pass: x.rs d, by "another | title" (libs/a.test.ts)',
    ],
    [
      'a cover of that title in another file',
      { ran: { ...whole.ran, 'libs/a.test.ts': [], 'libs/b.test.ts': ['another | title'] } },
      'its cover did not pass: x.rs d, by "another | title" (libs/a.test.ts)',
    ],
    [
      'a cover that failed',
      { ran: { ...whole.ran, 'libs/a.test.ts': ['!another | title'] } },
      'its cover did not pass: x.rs d, by "another | title" (libs/a.test.ts)',
    ],
    [
      'a cover that was skipped',
      { ran: { ...whole.ran, 'libs/a.test.ts': ['-another | title'] } },
      'its cover did not pass: x.rs d, by "another | title" (libs/a.test.ts)',
    ],
    ['a reason that is empty', { notApplicable: ['| `x.rs` | `e` | |'] }, 'not applicable without a reason: x.rs e'],
    ['a deviation without a why', { deviations: ['| what | this | that | – |'] }, 'a deviation without why: what'],
    [
      'a case that did not run on one of the stores',
      { ran: { ...whole.ran, [suites.jetStream]: ported.slice(1) } },
      'not run on JetStream: watch.rs test_a',
    ],
    [
      'a case that failed on one of the stores',
      { ran: { ...whole.ran, [suites.embedded]: ['!watch.rs test_a: it does', ported[1]!] } },
      'failed on embedded: watch.rs test_a',
    ],
    [
      'a case that passes and fails',
      { ran: { ...whole.ran, [suites.embedded]: [...ported, '!watch.rs test_a: nor else'] } },
      'failed on embedded: watch.rs test_a',
    ],
    [
      'a failed test that bears no case',
      { ran: { ...whole.ran, [suites.embedded]: [...ported, '!what is ours alone'] } },
      `failed: what is ours alone (${suites.embedded})`,
    ],
    [
      'a case that is ported and said not to be applicable',
      { notApplicable: [...whole.notApplicable, '| `watch.rs` | `test_a` | there is no such thing |'] },
      'more than one of ported, covered, not applicable: watch.rs test_a',
    ],
    [
      'a case that is documented twice',
      { notApplicable: [...whole.notApplicable, ...whole.notApplicable] },
      'documented twice: x.rs e',
    ],
  ]

  test.each(changed)('fails for %s', (_, change, problem) => {
    const { status, lines } = run(change)
    expect(lines).toContain(`problem: ${problem}`)
    expect(status).toBe(1)
  })
})
