/** A store for the tests of commands, which run inside this process. */
import path from 'node:path'
import { expect } from 'vitest'
import { testFolder } from './store-folder.ts'
import { jsonLines } from './waggle-process.ts'
import { run, type Run } from './waggle-run.ts'

/** An id that a test gives. */
export const UUID = '019300aa-0000-7000-8000-00000000abcd'

/** A store of its own. `json` expects success and gives the one value, `list` the values. */
export const withStore = () => {
  const folder = testFolder()
  const store = path.join(folder, 'store')
  const waggle = async (...args: readonly string[]): Promise<Run> => run([...args, '--path', store])
  const list = async <Value>(...args: readonly string[]): Promise<readonly Value[]> => {
    const { code, stdout, stderr } = await waggle(...args, '--json')
    expect([code, stderr]).toEqual([0, ''])
    return jsonLines(stdout) as readonly Value[]
  }
  const json = async <Value>(...args: readonly string[]): Promise<Value> => {
    const values = await list<Value>(...args)
    expect(values).toHaveLength(1)
    return values[0] as Value
  }
  return { folder, store, waggle, json, list }
}

/** A store with the collective `team`, whose embeddings are made. */
export const withCollective = async () => {
  const context = withStore()
  await context.waggle('collective', 'create', 'team', '--dimension', '64', '--embedder', 'hashing')
  const record = async (content: string, ...more: readonly string[]) =>
    context.json<{ id: string; token: string }>('experience', 'record', 'team', '--content', content, ...more)
  return { ...context, record }
}
