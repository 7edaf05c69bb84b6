import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Cli } from '../cli.ts'
import { commandFaults } from '../faults.ts'
import { buildProgram } from '../program.ts'
import { run } from '../testing/waggle-run.ts'
import { commandExamples } from './examples.ts'
import { leavesOf, referencePage } from './reference.ts'

const program = () => {
  const { stdout, stderr } = process
  return buildProgram(new Cli({} as never).bind, { stdout, stderr })
}

describe('the manual', () => {
  it('has an example of every command, and none of what is no command', () => {
    const words = leavesOf(program()).map((each) => each.words)
    expect(Object.keys(commandExamples)).toEqual(words)
  })

  it.each(leavesOf(program()))('an example names options of its command alone: $words', ({ words, command }) => {
    const named = (commandExamples[words]?.words ?? '').match(/--[a-z][a-z-]*/g) ?? []
    const known = [...command.options, ...(command.parent?.options ?? []), ...program().options].map(({ long }) => long)
    expect(known).toEqual(expect.arrayContaining(named))
    const required = command.options.filter(({ mandatory }) => mandatory).map(({ long }) => long)
    expect(named).toEqual(expect.arrayContaining(required))
  })

  it('O1: every command takes --json, and its help shows the example and the shape', async () => {
    for (const { words } of leavesOf(program())) {
      const { code, stdout } = await run([...words.split(' '), '--help'])
      expect([words, code]).toEqual([words, 0])
      expect(stdout).toContain('--json')
      expect(stdout).toContain(`Example:\n  waggle ${words}`)
      expect(stdout).toMatch(/\nJSON:\n {2}one value/)
    }
  })

  it('docs/cli-reference.md is made from the tree of commands (vitest -u writes it)', async () => {
    await expect(referencePage(program())).toMatchFileSnapshot('../../../../docs/cli-reference.md')
  })

  it('docs/cli.md lists the faults that only the command has, with what to do', () => {
    const page = readFileSync(new URL('../../../../docs/cli.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| `([A-Z]+_[A-Z_]+)` \| (.*) \|$/gm)].map(([, code, advice]) => [code, advice])
    expect(Object.fromEntries(rows)).toEqual(
      Object.fromEntries(Object.entries(commandFaults).map(([code, { advice }]) => [code, advice])),
    )
  })
})
