/**
 * Lets a child process run the sources: `node --conditions=@waggle/source --import ./run-typescript.mjs script.ts`.
 * Newer versions of Node strip types by themselves; this is for those that do not. Compiled files are kept, because
 * loading the compiler takes longer than most children live.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const CACHE = new URL('../../../../node_modules/.cache/waggle-typescript/', import.meta.url)

if (isMainThread && !process.features.typescript) register(import.meta.url)

const compile = async (source) => {
  const { default: typescript } = await import('typescript')
  const { ModuleKind, ScriptTarget } = typescript
  const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2023, verbatimModuleSyntax: true }
  return typescript.transpileModule(source, { compilerOptions }).outputText
}

const keep = async (file, text) => {
  const draft = new URL(`${file.href}.${process.pid}`)
  await mkdir(CACHE, { recursive: true })
  await writeFile(draft, text)
  await rename(draft, file)
}

/** A loader hook of Node: what it gives is run in place of the file. */
export const load = async (url, context, nextLoad) => {
  if (!url.endsWith('.ts')) return nextLoad(url, context)
  const text = await readFile(new URL(url), 'utf8')
  const file = new URL(`${createHash('sha256').update(text).digest('hex')}.mjs`, CACHE)
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  const source = kept ?? (await compile(text))
  if (kept === undefined) await keep(file, source)
  return { format: 'module', source, shortCircuit: true }
}
