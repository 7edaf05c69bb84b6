import { readFileSync } from 'node:fs'
import { readConfiguration } from '@waggle/service-host'
import { documentedLines, optionLines } from '@waggle/service-host/testing'
import { expect, it } from 'vitest'
import { compactorOptions } from './options.ts'

const guide = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')

const refused = (variables: Readonly<Record<string, string>>) =>
  readConfiguration(compactorOptions, { variables, arguments: [], readText: () => '' }).refusals.map(
    ({ details }) => details.field,
  )

it('a compactor needs servers and a name, and the guide has its options', () => {
  expect(refused({})).toEqual(['WAGGLE_NODE', 'WAGGLE_NATS__URL'])
  expect(refused({ WAGGLE_NODE: 'compactor-1', WAGGLE_NATS__URL: 'nats://127.0.0.1:4222' })).toEqual([])
  expect(documentedLines(guide, 'Compactor')).toEqual(optionLines(compactorOptions))
})

it('P10 a compactor refuses a name that is no token, and an address that is none', () => {
  expect(refused({ WAGGLE_NODE: 'a.b', WAGGLE_NATS__URL: 'localhost' })).toEqual(['WAGGLE_NODE', 'WAGGLE_NATS__URL'])
})
