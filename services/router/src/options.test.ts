import { readFileSync } from 'node:fs'
import { readConfiguration } from '@waggle/service-host'
import { documentedLines, optionLines } from '@waggle/service-host/testing'
import { expect, it } from 'vitest'
import { routerOptions } from './options.ts'

const guide = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')

const refused = (variables: Readonly<Record<string, string>>) =>
  readConfiguration(routerOptions, { variables, arguments: [], readText: () => '' }).refusals.map(
    ({ details }) => details.field,
  )

it('a router needs servers and a name, and the guide has its options', () => {
  expect(refused({})).toEqual(['WAGGLE_NODE', 'WAGGLE_NATS__URL'])
  expect(refused({ WAGGLE_NODE: 'router-1', WAGGLE_NATS__URL: 'nats://127.0.0.1:4222' })).toEqual([])
  expect(documentedLines(guide, 'Router')).toEqual(optionLines(routerOptions))
})

it('P10 a router refuses a name that is no token, and an address that is none', () => {
  expect(refused({ WAGGLE_NODE: 'a.b', WAGGLE_NATS__URL: 'localhost' })).toEqual(['WAGGLE_NODE', 'WAGGLE_NATS__URL'])
})
