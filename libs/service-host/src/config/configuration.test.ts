import { describe, expect, it } from 'vitest'
import { configurationText, optionRows, usageText } from './configuration-text.ts'
import { readConfiguration } from './configuration.ts'
import type { Start, Variables } from './given-options.ts'
import { fileOption, integerOption, listOption, textOption } from './option.ts'

const table = {
  name: textOption({ about: 'what it is called', isRequired: true }),
  log: { level: textOption({ about: 'how much is said', default: 'info', variable: 'LOG_LEVEL' }) },
  nats: {
    url: listOption({ about: 'where it connects', default: ['nats://a'] }),
    logUser: textOption({ about: 'who writes', needs: 'nats.logPassword' }),
    logPassword: textOption({ about: 'what proves it', isSecret: true, needs: 'nats.logUser' }),
  },
  keep: { journalMs: integerOption({ about: 'how long', min: 0, max: 99, default: 7, unit: 'ms' }) },
} as const

const start = (variables: Variables, given: readonly string[] = [], files: Variables = {}): Start => ({
  variables,
  arguments: given,
  readText(path) {
    const text = files[path]
    if (text === undefined) throw new Error(`no such file ${path}`)
    return text
  },
})

const read = (...parts: Parameters<typeof start>) => readConfiguration(table, start(...parts))

const refused = (...parts: Parameters<typeof start>) =>
  read(...parts).refusals.map(({ code, details }) => [code, details.field])

describe('a configuration', () => {
  it('is what was given, and defaults', () => {
    expect(read({ WAGGLE_NAME: 'ana', WAGGLE_NATS__URL: '' }).configuration?.values).toEqual({
      name: 'ana',
      log: { level: 'info' },
      nats: { url: ['nats://a'] },
      keep: { journalMs: 7 },
    })
  })

  it('takes a flag before a variable, a variable before the file, the file before the default', () => {
    const files = { 'w.yaml': 'name: file\nkeep: { journalMs: 1 }\nnats:\n  url: [nats://f, nats://g]\n' }
    const variables = { WAGGLE_CONFIG: 'w.yaml', WAGGLE_NAME: 'variable', WAGGLE_KEEP__JOURNAL_MS: '2' }
    const { configuration } = read(variables, ['--name=flag', '--log.level', 'debug'], files)
    expect(configuration?.values).toEqual({
      name: 'flag',
      log: { level: 'debug' },
      nats: { url: ['nats://f', 'nats://g'] },
      keep: { journalMs: 2 },
    })
    expect(configuration?.settings.map(({ origin }) => origin)).toEqual([
      ...['--name', '--log.level', 'nats.url of w.yaml', 'default', 'default', 'WAGGLE_KEEP__JOURNAL_MS'],
    ])
    expect(read({ WAGGLE_CONFIG: 'w.yaml', LOG_LEVEL: 'warn' }, [], files).configuration?.values.log.level).toBe('warn')
    expect(read({}, ['--config', 'w.json'], { 'w.json': '{"name":"json"}' }).configuration?.values.name).toBe('json')
    expect(refused({ WAGGLE_NAME: 'ana' }, ['--config=empty'], { empty: '# nothing\n' })).toEqual([])
  })

  it('G2 takes a secret from a file of its own, without the end of its last line', () => {
    const secret = { WAGGLE_NAME: 'ana', WAGGLE_NATS__LOG_USER: 'log', WAGGLE_NATS__LOG_PASSWORD_FILE: '/run/secret' }
    expect(read(secret, [], { '/run/secret': ' s3cret\n' }).configuration?.values.nats.logPassword).toBe(' s3cret')
    expect(refused(secret)).toContainEqual(['INVALID_FIELD', 'WAGGLE_NATS__LOG_PASSWORD_FILE'])
    expect(refused({ WAGGLE_NAME: 'ana' }, ['--nats.logPassword=seen'])).toEqual([
      ['INVALID_FIELD', '--nats.logPassword'],
    ])
  })

  it('P10 C1 says everything that is wrong at once, by the name that it was given with', () => {
    const files = { f: 'keep: { journalMs: 100 }\nlgo: { level: x }\nnats: { port: 1 }\n' }
    const given = ['--nats.usr=x', 'positional', '-v', '--name']
    expect(refused({ WAGGLE_CONFIG: 'f', WAGGLE_NATS__URL: ',' }, given, files)).toEqual([
      ['UNKNOWN_FIELD', '--nats.usr'],
      ['UNKNOWN_FIELD', 'positional'],
      ['UNKNOWN_FIELD', '-v'],
      ['INVALID_FIELD', '--name'],
      ['UNKNOWN_FIELD', 'lgo of f'],
      ['UNKNOWN_FIELD', 'nats.port of f'],
      ['REQUIRED_FIELD', 'WAGGLE_NAME'],
      ['INVALID_FIELD', 'WAGGLE_NATS__URL'],
      ['INVALID_FIELD', 'keep.journalMs of f'],
    ])
  })

  it('P10 C2 refuses an option whose other half is missing', () => {
    expect(refused({ WAGGLE_NAME: 'ana', WAGGLE_NATS__LOG_USER: 'log' })).toEqual([
      ['REQUIRED_FIELD', 'nats.logPassword'],
    ])
  })

  it.each([
    ['is not there', {}, 'WAGGLE_CONFIG'],
    ['is no YAML', { f: 'a: [' }, 'WAGGLE_CONFIG'],
    ['is no map', { f: '- 1' }, 'f'],
    ['leads nowhere', { f: 'nats: 7' }, 'nats of f'],
  ])('P10 refuses a file that %s', (_, files, field) => {
    expect(refused({ WAGGLE_NAME: 'ana', WAGGLE_CONFIG: 'f' }, [], files).map(([, name]) => name)).toContain(field)
  })
})

describe('the text of a configuration', () => {
  it('is a file that says where each value came from, without its secrets', () => {
    const variables = { WAGGLE_NAME: 'ana', WAGGLE_NATS__LOG_USER: 'log', WAGGLE_NATS__LOG_PASSWORD: 's3cret' }
    const text = configurationText(read(variables, ['--keep.journalMs=9']).configuration?.settings ?? [])
    expect(text).toBe(
      [
        'name: ana # WAGGLE_NAME',
        'log:',
        '  level: info # default',
        'nats:',
        '  # default',
        '  url:',
        '    - nats://a',
        '  logUser: log # WAGGLE_NATS__LOG_USER',
        '  logPassword: (redacted) # WAGGLE_NATS__LOG_PASSWORD',
        'keep:',
        '  journalMs: 9 # --keep.journalMs',
        '',
      ].join('\n'),
    )
    expect(read({ WAGGLE_CONFIG: 'f' }, [], { f: text }).refusals).toEqual([])
  })

  it('tells a person every option', () => {
    const usage = usageText('waggle-test', table)
    for (const { path, variable, about, range } of optionRows(table))
      for (const part of [`--${path}=`, variable, about, range]) expect(usage).toContain(part)
    expect(optionRows(table).map(({ default: otherwise }) => otherwise)).toEqual([
      ...['required', 'info', '["nats://a"]', '', '', '7'],
    ])
  })
})

describe('C3 an option that names a file', () => {
  const certified = {
    ca: fileOption({ about: 'whom it trusts' }, { pattern: /^BEGIN$/m, range: 'file of certificates' }),
  }
  const files = { 'ca.crt': 'who\nBEGIN\n', other: 'something else' }
  const readFile = (path: string) => readConfiguration(certified, start({ WAGGLE_CA: path }, [], files))

  it('has its path for a value', () => {
    expect(readFile('ca.crt').configuration?.values).toEqual({ ca: 'ca.crt' })
    expect(readConfiguration(certified, start({})).refusals).toEqual([])
  })

  it('P10 is refused by its name where the file cannot be read, or holds something else', () => {
    const refusals = [readFile('none'), readFile('other')].flatMap((it) => it.refusals.map(({ details }) => details))
    expect(refusals).toMatchObject([
      { field: 'WAGGLE_CA', reason: 'no such file none' },
      { field: 'WAGGLE_CA', path: 'other' },
    ])
  })
})
