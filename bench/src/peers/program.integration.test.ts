import { describe, expect, it } from 'vitest'
import { runProgram } from './program.ts'

const TIMEOUT_MS = 60_000
const node = (source: string) => ({ file: process.execPath, args: ['-e', source] })

describe('a contestant', () => {
  it('reports a figure a line, whatever else it prints', async () => {
    const source = `console.log('hello'); console.log('{"measure":"get","p50Us":3}')`
    expect(await runProgram(node(source), TIMEOUT_MS)).toEqual([{ measure: 'get', p50Us: 3 }])
  })

  it('that is ready is killed, and keeps what it reported', async () => {
    const source = `console.log('{"measure":"get"}\\n{"ready":true}'); setInterval(() => undefined, 1000)`
    expect(await runProgram(node(source), TIMEOUT_MS)).toEqual([{ measure: 'get' }])
  })

  it('that fails rejects with what it said last', async () => {
    await expect(runProgram(node(`throw new Error('no index')`), TIMEOUT_MS)).rejects.toThrow('no index')
  })
})
