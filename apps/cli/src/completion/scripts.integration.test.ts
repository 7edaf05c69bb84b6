/** The script of bash, which zsh reads, too, run by bash; the report of the tests says where there is none. */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { run } from '../testing/waggle-run.ts'

const hasBash = spawnSync('bash', ['--version']).status === 0

/** What bash would offer for the last of these words. */
const offeredByBash = async (...words: readonly string[]): Promise<readonly string[]> => {
  const { stdout: script } = await run(['completion', 'bash'])
  const line = ['waggle', ...words].map((word) => `'${word}'`).join(' ')
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _waggle; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `${script}\n${ask}`], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((word) => word !== '')
}

describe.skipIf(!hasBash)('completion in bash', () => {
  it('offers commands, options, values of options, and files', async () => {
    expect(await offeredByBash('colle')).toEqual(['collective'])
    expect(await offeredByBash('collective', 'st')).toEqual(['stats'])
    expect(await offeredByBash('relation', 'create', 'team', '--str')).toEqual(['--strength'])
    expect(await offeredByBash('relation', 'create', 'team', '--type', 'sup')).toEqual(['supports', 'supersedes'])
    expect(await offeredByBash('permissions', '--role', 'w')).toEqual(['writer'])
    expect(await offeredByBash('completion', 'z')).toEqual(['zsh'])
    expect(await offeredByBash('import', 'team', 'package.j')).toEqual(['package.json'])
  })
})
