/** Runs each mutant, in a process of its own, until a seed finds it: a simulation that finds none proves nothing. */
import { spawnSync } from 'node:child_process'
import { rewritingMutants } from '../mutants/rewriting-mutants.ts'
import { wrappingMutants } from '../mutants/wrapping-mutants.ts'

export const mutantNames: readonly string[] = [
  ...new Set([...Object.keys(rewritingMutants), ...Object.keys(wrappingMutants)]),
].sort()

export interface Hunt {
  /** Path of the command. */
  readonly main: string
  readonly first: number
  readonly seedsMax: number
  readonly names: readonly string[]
  readonly print: (line: string) => void
}

/** @returns mutants that no seed found */
export const huntMutants = ({ main, first, seedsMax, names, print }: Hunt): readonly string[] =>
  names.filter((name) => {
    const options = ['--mutant', name, '--first', String(first), '--seeds', String(seedsMax), '--until-failure']
    const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...options, '--once'], { encoding: 'utf8' })
    const last = stdout.trimEnd().split('\n').at(-1) ?? ''
    const seeds = /^simulate seeds=(\d+) .*failures=1 /.exec(last)?.[1]
    const why = stdout.split('\n').find((line) => /^ {2}(crash|correctness|liveness): /.test(line))
    if (seeds === undefined)
      print(`mutant ${name}: not found within ${seedsMax} seeds status=${status ?? '?'} ${stderr}`)
    else print(`mutant ${name}: found after ${seeds} seed${seeds === '1' ? '' : 's'}${(why ?? '').slice(0, 160)}`)
    return seeds === undefined
  })
