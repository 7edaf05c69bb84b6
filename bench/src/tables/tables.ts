/**
 * Writes the tables of recorded runs into `docs/performance.md`, each between two comments that name the file which it
 * comes from: `<!-- tables: peers.json -->` and `<!-- end -->`. What stands outside of them is a person's.
 */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Benchmark } from '../benchmark.ts'
import { markdownOf, placeTables, type Recorded } from './markdown.ts'

const REPOSITORY = join(import.meta.dirname, '..', '..', '..')
const DOCUMENT = join(REPOSITORY, 'docs', 'performance.md')
const RESULTS = join(REPOSITORY, 'bench', 'results')

export const tables: Benchmark = {
  usage: 'tables',
  options: [],
  async run() {
    const document = await readFile(DOCUMENT, 'utf8')
    const missing: string[] = []
    const contents = new Map<string, string>()
    for (const [, name = ''] of document.matchAll(/<!-- tables: (\S+) -->/g)) {
      const file = join(RESULTS, name)
      if (existsSync(file)) contents.set(name, markdownOf(JSON.parse(await readFile(file, 'utf8')) as Recorded))
      else missing.push(name)
    }
    await writeFile(DOCUMENT, placeTables(document, contents))
    const text = [`placed ${[...contents.keys()].join(', ')}`, ...missing.map((name) => `there is no ${name}`)]
    return { passed: missing.length === 0, text: text.join('\n'), figures: { placed: [...contents.keys()], missing } }
  },
}
